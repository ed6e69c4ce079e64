"""What somebody who mistyped a name may have meant."""

from collections.abc import Iterable


def nearest(name: str, valid: Iterable[str]) -> str:
    """Return ``", did you mean X?"`` for the closest valid name, or ``""`` when none is close."""
    import difflib

    close = difflib.get_close_matches(name, list(valid), n=1, cutoff=0.6)
    return f", did you mean {close[0]}?" if close else ""
