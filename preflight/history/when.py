"""Points in time as people write them: ``7d`` (ago), ``2026-11-23``, ``2026-11-23 14:05``."""

import re
from datetime import datetime, timedelta

from preflight.lib.clock import local_time
from preflight.lib.durations import seconds_of

EXPECTED = "a day or a time such as 2026-11-23 or 2026-11-23T14:05, or how long ago, such as 7d"
_NUMBER = re.compile(r"\d+(\.\d+)?", re.ASCII)


def point_in_time(text: str, now: datetime) -> datetime:
    """Return the point in time that somebody means.

    Args:
        text: A day (from its beginning), a time, or a duration with its unit: so long ago. What names no time zone is
            local time.
        now: With time zone.

    Raises:
        ValueError: The text has none of these forms.
    """
    written = text.strip()
    try:
        if not _NUMBER.fullmatch(written):
            return now - timedelta(seconds=seconds_of(written))
    except (ValueError, OverflowError):
        pass  # then it is a day or a time
    try:
        found = datetime.fromisoformat(written) if "-" in written else None
    except ValueError:
        found = None
    if found is None:
        raise ValueError(f"expected {EXPECTED}")
    return found if found.tzinfo is not None else local_time(found)
