"""Durations as people write them: ``90``, ``5m``, ``24h``, ``90d``."""

import re

_UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0}
_WRITTEN = re.compile(r"(\d{1,9}(?:\.\d{1,6})?)([smhdw]?)", re.ASCII)

_SHOWN = 2

EXPECTED = "a number of seconds, or one with a unit: 30s, 5m, 24h, 90d, 2w"


def seconds_of(text: str) -> float:
    """Return a duration in seconds.

    Args:
        text: A number, without a unit (seconds) or with one of ``s``, ``m``, ``h``, ``d``, ``w`` behind it.

    Raises:
        ValueError: It is no duration.
    """
    written = _WRITTEN.fullmatch(text.strip())
    if written is None:
        raise ValueError(f"expected {EXPECTED}")
    number, unit = written.groups()
    return float(number) * _UNITS[unit or "s"]


def words(seconds: float) -> str:
    """Return a duration as a person reads it, with its two largest units: ``2d 3h``, ``4m 10s``, ``12s``."""
    left = max(0, round(seconds))
    parts: list[str] = []
    for unit, size in (("d", 86400), ("h", 3600), ("m", 60), ("s", 1)):
        count, left = divmod(left, size)
        if count or (parts and unit != "s"):
            parts.append(f"{count}{unit}")
        if len(parts) == _SHOWN:
            break
    return " ".join(part for part in parts if part[0] != "0") or "0s"


def option_value(seconds: float) -> str:
    """Return a duration as ``seconds_of`` reads it, with one unit: ``90s``, ``5m``, ``36h``, ``7d``."""
    for unit, size in (("d", 86400), ("h", 3600), ("m", 60)):
        if seconds and seconds % size == 0:
            return f"{seconds / size:.0f}{unit}"
    return f"{seconds:g}s"
