"""What Compose makes of ``required:`` in an entry of ``env_file:``."""

from enum import StrEnum

_TRUE = frozenset({"true", "yes", "y", "on"})
_FALSE = frozenset({"false", "no", "n", "off"})


class Required(StrEnum):
    """Whether Compose stops where the file is missing (measured with 2.24.1, 2.24.7, 2.29.7 and 2.40.3)."""

    NO = "no"
    NO_AS_TEXT = "no, as a string"
    """Compose 2.24 refuses a string."""
    YES = "yes"
    BY_DEFAULT = "yes, by default"
    UNKNOWN = "neither true nor false"


def read_required(value: str | None, *, is_boolean: bool) -> Required:
    """Return what Compose makes of a value.

    Args:
        value: After interpolation; ``None`` where the entry has no such key.
        is_boolean: It is a YAML boolean, not a string or a number.
    """
    if value is None:
        return Required.BY_DEFAULT
    word = value.lower()
    if word in _FALSE:
        return Required.NO if is_boolean else Required.NO_AS_TEXT
    return Required.YES if word in _TRUE else Required.UNKNOWN
