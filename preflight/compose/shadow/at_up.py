"""What puts variables into a container at ``docker compose up``, which ``config`` does not show.

Read in Compose's source: ``models:`` of a service (2.40.3), and a provider that the service depends on, which sets
variables with the provider's name in front (from 2.36), or any variable (``rawsetenv`` in 5.x, pkg/compose/plugins.go).
"""

from collections.abc import Iterator, Mapping
from typing import Any

from preflight.compose.ask.answer import ServiceAnswer
from preflight.compose.shadow.model import Shadow, ShadowKind
from preflight.envfile.template import mentioned

_SUFFIXES = ("_MODEL", "_URL")
_KEYS = ("model_var", "endpoint_var")


def set_at_up(
    variable: str,
    service: ServiceAnswer,
    written: ServiceAnswer | None,
    services: Mapping[str, ServiceAnswer],
) -> Iterator[Shadow]:
    """Find what sets the variable of a service, or could.

    Args:
        variable: The name of the variable.
        service: The service as it will be.
        written: The same without interpolation; None where Compose does not show it.
        services: All services as they will be.
    """
    models = service.raw.get("models")
    taken = [name for name, given in _pairs(models) if variable in _names(name, given)]
    for name in taken:
        yield Shadow(ShadowKind.MODEL, names=(name,))
    names = _deciding(variable, written.raw.get("models") if written is not None else None)
    if names and not taken:
        yield Shadow(ShadowKind.OPEN_MODEL, overrides=False, names=names)
    depended = service.raw.get("depends_on")
    for name in depended if isinstance(depended, dict | list) else ():
        if name in services and services[name].raw.get("provider") is not None:
            yield Shadow(ShadowKind.PROVIDER, overrides=False, names=(str(name),))


def _pairs(models: object) -> list[tuple[str, Any]]:
    if isinstance(models, dict):
        return list(models.items())
    return [(str(name), None) for name in models] if isinstance(models, list) else []


def _names(model: str, given: object) -> tuple[str, ...]:
    """Return the variables that a model sets."""
    said = given if isinstance(given, dict) else {}
    prefix = model.upper().replace("-", "_")
    return tuple(said.get(key) or f"{prefix}{suffix}" for key, suffix in zip(_KEYS, _SUFFIXES, strict=True))


def _deciding(variable: str, models: object) -> tuple[str, ...]:
    """Return the variables from outside that can make a model set this one; in a list, names interpolate, too."""
    texts = [given[key] for _, given in _pairs(models) if isinstance(given, dict) for key in _KEYS if given.get(key)]
    found = [
        name for text in map(str, texts) if variable.startswith(text.partition("$")[0]) for name in mentioned(text)
    ]
    if isinstance(models, list) and variable.endswith(_SUFFIXES):
        found += [name for text in map(str, models) for name in mentioned(text)]
    return tuple(dict.fromkeys(found))
