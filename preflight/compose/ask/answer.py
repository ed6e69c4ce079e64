"""What Compose answers to ``config --format json``, as values."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from preflight.compose.ask.refusal import Refusal
from preflight.errors import CouldNotLook
from preflight.lib.records import frozen

Environment = Mapping[str, str | None]
"""Names to values; ``None`` stands for a name that was given without a value."""


@frozen
class EnvFileItem:
    """One entry of ``env_file:`` as Compose sees it.

    Args:
        path: Absolute path; still with its ``${…}`` when Compose was asked not to interpolate.
        required: Whether Compose refuses the project when the file is missing; ``None`` when that is
            written with ``${…}``.
        format: ``"raw"``, or ``""`` for the usual dialect.
    """

    path: str
    required: bool | None = True
    format: str = ""

    @property
    def is_open(self) -> bool:
        """Whether the path depends on interpolation."""
        return "$" in self.path.replace("$$", "")

    @property
    def file(self) -> Path:
        """The path with ``$$`` taken for the ``$`` it means."""
        return Path(undouble(self.path))


@frozen
class ServiceAnswer:
    """One service as Compose sees it.

    Args:
        name: Its name.
        environment: Its variables, with ``$$`` taken for ``$`` where Compose interpolated.
        env_files: Its ``env_file:``, in order; ``None`` when this Compose has merged the files away.
        raw: The whole mapping as Compose printed it. Holds secrets.
    """

    name: str
    environment: Environment
    env_files: tuple[EnvFileItem, ...] | None
    raw: Mapping[str, Any] = field(repr=False)

    def lists(self, paths: Sequence[Path | None]) -> bool | None:
        """Whether its ``env_file:`` lists these files, in this order; None where this Compose does not tell.

        Args:
            paths: Absolute; None for one that depends on interpolation. A folder may have a ``$`` in its name.
        """
        if self.env_files is None:
            return None
        meant = [None if item.is_open else item.file for item in self.env_files]
        return list(paths) in (meant, [Path(item.path) for item in self.env_files])


@frozen
class ComposeAnswer:
    """How one ``config`` ended: the enabled services, or why Compose refuses the project.

    Args:
        exit_code: The exit code of Compose.
        services: By name.
        refusal: Why it refuses the project.
        stripped: Keys of Coolify's own were left out, as Coolify does before it calls Compose.
    """

    exit_code: int
    services: Mapping[str, ServiceAnswer]
    refusal: Refusal | None = None
    stripped: bool = False


def parse_answer(data: object, *, interpolated: bool) -> ComposeAnswer:
    """Turn the parsed JSON of ``config`` into values.

    Args:
        data: What ``json.loads`` gave.
        interpolated: Whether Compose interpolated; only then ``$$`` means ``$`` in values.

    Raises:
        CouldNotLook: It is not shaped like a project.
    """
    services = data.get("services") if isinstance(data, dict) else None
    services = {} if services is None else services  # a project whose services are all switched off
    if not isinstance(data, dict) or not isinstance(services, dict):
        raise CouldNotLook("Compose's answer has no services in it", "Check which program answers as Compose.")
    return ComposeAnswer(
        0,
        MappingProxyType(
            {
                name: _service(name, raw, interpolated=interpolated)
                for name, raw in services.items()
                if isinstance(raw, dict)
            }
        ),
    )


def undouble(text: str) -> str:
    """Return ``text`` with ``$$`` as the ``$`` it stands for."""
    return text.replace("$$", "$")


def _service(name: str, raw: Mapping[str, Any], *, interpolated: bool) -> ServiceAnswer:
    entries = _pairs(raw.get("environment"))
    if interpolated:
        entries = ((undouble(key), None if value is None else undouble(value)) for key, value in entries)
    return ServiceAnswer(name, MappingProxyType(dict(entries)), _env_files(raw.get("env_file")), raw)


def _pairs(environment: object) -> Iterable[tuple[str, str | None]]:
    """Read ``environment:`` as a map, or as the list that Compose leaves it when it does not interpolate."""
    if isinstance(environment, dict):
        return [(str(key), _scalar(value)) for key, value in environment.items()]
    if isinstance(environment, list):
        split = (str(item).partition("=") for item in environment)
        return [(key, value if equals else None) for key, equals, value in split]
    return []


def _scalar(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return str(value).lower() if isinstance(value, bool) else str(value)


def _env_files(listed: object) -> tuple[EnvFileItem, ...] | None:
    if listed is None:
        return None
    return tuple(_env_file(item) for item in (listed if isinstance(listed, list) else [listed]))


def _env_file(item: object) -> EnvFileItem:
    if not isinstance(item, dict):
        return EnvFileItem(str(item))
    required = item.get("required", True)
    return EnvFileItem(
        str(item.get("path", "")),
        required if isinstance(required, bool) else None,
        str(item.get("format") or ""),
    )
