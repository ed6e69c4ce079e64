"""Takes the engine's answers apart. Whatever listens at its socket may answer anything.

Where the engine has nothing to say it leaves a field out or writes null, which is an empty value here.
"""

from typing import Any


class WrongShapeError(ValueError):
    """An answer is not what the Engine API says; the text names the field, and nothing that stood in it."""


def mapping(value: object, field: str) -> dict[str, Any]:
    """Return an object of JSON."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise WrongShapeError(f"{field} is no object")
    return value


def sequence(value: object, field: str) -> list[Any]:
    """Return a list of JSON."""
    if value is None:
        return []
    if not isinstance(value, list):
        raise WrongShapeError(f"{field} is no list")
    return value


def text(value: object, field: str) -> str:
    """Return a string of JSON."""
    if value is None:
        return ""
    if not isinstance(value, str):
        raise WrongShapeError(f"{field} is no text")
    return value


def demanded(value: object, field: str) -> str:
    """Return a string of JSON that an engine never leaves out."""
    found = text(value, field)
    if not found:
        raise WrongShapeError(f"{field} is missing")
    return found


def texts(value: object, field: str) -> list[str]:
    """Return a list of strings."""
    return [text(each, f"an entry of {field}") for each in sequence(value, field)]


def labels(value: object, field: str = "Labels") -> dict[str, str]:
    """Return an object whose values are strings."""
    return {name: text(each, f"a value in {field}") for name, each in mapping(value, field).items()}


def whole(value: object, field: str) -> int:
    """Return a whole number of JSON."""
    if value is None:
        return 0
    if not isinstance(value, int) or isinstance(value, bool):
        raise WrongShapeError(f"{field} is no whole number")
    return value
