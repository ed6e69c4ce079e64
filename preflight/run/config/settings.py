"""The settings of one check, made from the configuration and the check's own dataclass."""

from collections.abc import Callable
from dataclasses import fields
from typing import Any, get_type_hints

from preflight.errors import ConfigurationError
from preflight.run.config.shape import Shape, problem
from preflight.run.contract import CheckClass

_READERS: dict[Any, Callable[[Shape], Any]] = {
    str: Shape.text,
    int: Shape.whole_number,
    float: Shape.number,
    bool: Shape.boolean,
    tuple[str, ...]: Shape.texts,
}


def build_settings(check: CheckClass, shape: Shape | None) -> Any:
    """Return the settings of ``check``.

    Args:
        check: Names its settings' dataclass in ``settings_type``.
        shape: What the configuration says under ``checks: {ID: …}``; ``None`` for nothing.

    Raises:
        ConfigurationError: An unknown key, a value of another type, or one the check itself refuses.
    """
    if shape is None:
        return check.settings_type()
    types = get_type_hints(check.settings_type)
    entries = shape.mapping([item.name for item in fields(check.settings_type)])
    values = {name: _reader(check, name, types[name])(entry) for name, entry in entries.items()}
    try:
        return check.settings_type(**values)
    except ValueError as error:
        raise problem(shape.path, shape.located.line, f"{shape.name}: {error}") from error


def _reader(check: CheckClass, name: str, wanted: Any) -> Callable[[Shape], Any]:
    if wanted not in _READERS:
        raise ConfigurationError(f"the check {check.about.id} has a setting {name} of a type no configuration can hold")
    return _READERS[wanted]
