"""What somebody who mistyped a name may have meant."""

from collections.abc import Iterable


def nearest(name: str, valid: Iterable[str]) -> str:
    """Return ``", did you mean X?"`` for the closest valid name, or ``""`` when none is close."""
    import difflib  # noqa: PLC0415 -- only somebody who mistyped pays for it

    close = difflib.get_close_matches(name, list(valid), n=1, cutoff=0.6)
    return f", did you mean {close[0]}?" if close else ""
