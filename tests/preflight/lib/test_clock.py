"""The clock on the wall, also where TZ is nonsense."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from preflight.lib.clock import local_time, today

AT = datetime(2026, 11, 29, 23, 30, tzinfo=UTC)


@pytest.fixture
def zone(request: pytest.FixtureRequest) -> Iterator[str]:
    """Set TZ for one test."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TZ", request.param)
        time.tzset()
        yield request.param
    time.tzset()


@pytest.mark.parametrize("zone", ["XXX-14"], indirect=True)
@pytest.mark.usefixtures("zone")
def test_a_time_is_shown_by_the_clock_on_the_wall() -> None:
    """In Kiritimati it is tomorrow already."""
    assert local_time(AT).isoformat() == "2026-11-30T13:30:00+14:00"
    assert local_time(AT.replace(tzinfo=None)).utcoffset() == timedelta(hours=14)


@pytest.mark.parametrize("zone", ["XXX24", "XXX-99:99"], indirect=True)
@pytest.mark.usefixtures("zone")
def test_a_zone_a_day_away_is_utc() -> None:
    """Python refuses such a distance; a run must not end with it."""
    assert local_time(AT) == AT
    assert local_time(AT).utcoffset() == timedelta(0)
    assert local_time(AT.replace(tzinfo=None)) == AT
    assert abs(today() - datetime.now(UTC).date()) <= timedelta(days=1)
