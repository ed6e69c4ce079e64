"""preflight/history/when.py"""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from preflight.history.when import point_in_time

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.fixture
def berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Live where the clock is changed twice a year."""
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.usefixtures("berlin")
@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("7d", NOW - timedelta(days=7)),
        (" 90m ", NOW - timedelta(minutes=90)),
        ("2026-11-20", datetime(2026, 11, 19, 23, 0, tzinfo=UTC)),
        ("2026-07-20", datetime(2026, 7, 19, 22, 0, tzinfo=UTC)),
        ("2026-11-20T14:05", datetime(2026, 11, 20, 13, 5, tzinfo=UTC)),
        ("2026-11-20 14:05:30+00:00", datetime(2026, 11, 20, 14, 5, 30, tzinfo=UTC)),
        ("2026-10-25T02:30:00+02:00", datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
        ("2026-10-25T02:30:00+01:00", datetime(2026, 10, 25, 1, 30, tzinfo=UTC)),
    ],
)
def test_what_people_write(text: str, meant: datetime) -> None:
    """Local time without a zone, in summer and winter; the hour that comes twice is told apart by its zone."""
    assert point_in_time(text, NOW) == meant


@pytest.mark.parametrize("text", ["", "yesterday", "12", "20261120", "2026-13-01", "999999999w"])
def test_what_nobody_understands(text: str) -> None:
    """A number alone could be a run, a year or seconds."""
    with pytest.raises(ValueError, match="expected a day or a time such as"):
        point_in_time(text, NOW)
