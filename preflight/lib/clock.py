"""The clock on the wall of this machine."""

from datetime import UTC, date, datetime


def local_time(at: datetime) -> datetime:
    """Return a time as this machine's clock shows it; in UTC where ``TZ`` is a day or more away from it.

    Args:
        at: Without a time zone it is taken for local time.
    """
    try:
        return at.astimezone()
    except (ValueError, OverflowError):
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def today() -> date:
    """Return the day that this machine's clock shows."""
    return local_time(datetime.now(UTC)).date()
