"""Times as the database keeps them: milliseconds since 1970, UTC."""

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MS = timedelta(milliseconds=1)


def to_ms(time: datetime) -> int:
    """Return a time that has a time zone as the database keeps it."""
    return (time - _EPOCH) // _MS


def from_ms(ms: int) -> datetime:
    """Return a time of the database, in UTC."""
    return _EPOCH + timedelta(milliseconds=ms)
