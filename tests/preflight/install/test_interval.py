"""preflight/install/interval.py"""

import subprocess

import pytest

from preflight.errors import ConfigurationError
from preflight.install.interval import _CALENDAR, _CRON, cron_fields, timer_lines


@pytest.mark.parametrize(
    ("seconds", "fields"),
    [
        (60, "* * * * *"),
        (300, "*/5 * * * *"),
        (1800, "*/30 * * * *"),
        (3600, "0 * * * *"),
        (14400, "0 */4 * * *"),
        (86400, "0 0 * * *"),
    ],
)
def test_what_cron_can_express(seconds: float, fields: str) -> None:
    """An interval that fits a whole number of times into an hour or a day."""
    assert cron_fields(seconds) == fields


@pytest.mark.parametrize(
    ("seconds", "said", "near"),
    [
        (420, "every 7m", "--every 6m or --every 10m;"),
        (90, "every 90s", "--every 1m or --every 2m;"),
        (18000, "every 5h", "--every 4h or --every 6h;"),
        (1, "every 1s", "--every 1m."),
        (86400 * 90, "every 90d", "--every 7d."),
        (0, "every 0s", "--every 1m."),
    ],
)
def test_what_cron_cannot_express_is_refused_with_the_nearest(seconds: float, said: str, near: str) -> None:
    """A step of 7 minutes would begin again at each full hour: nobody meant that."""
    with pytest.raises(ConfigurationError, match=said) as refused:
        cron_fields(seconds)

    assert near in refused.value.hint
    assert ("systemd" in refused.value.hint) == (60 <= seconds <= 604800)


def test_a_timer_that_a_host_slept_through_is_made_up_for() -> None:
    """``Persistent=`` works with calendar events only; and hosts do not all ask a registry in the same second."""
    assert timer_lines(300) == ("OnCalendar=*:0/5", "Persistent=true", "RandomizedDelaySec=30s", "AccuracySec=1s")


def test_a_timer_can_have_any_interval() -> None:
    """What no calendar event says is counted from the last run."""
    assert timer_lines(420)[:2] == ("OnActiveSec=0s", "OnUnitActiveSec=420s")
    for seconds in (59, 604801):
        with pytest.raises(ConfigurationError, match="not possible"):
            timer_lines(seconds)


def test_systemd_reads_the_calendar_events_as_these_intervals(systemd_analyze: str) -> None:
    """Three times in a row lie exactly the interval apart, by systemd's own reckoning."""
    argv = [systemd_analyze, "calendar", "--iterations=3", "--base-time=2026-01-05 00:00:00 UTC", *_CALENDAR.values()]
    done = subprocess.run(argv, capture_output=True, text=True, check=True, env={"TZ": "UTC", "LC_ALL": "C.UTF-8"})

    events = done.stdout.split("\n\n")
    assert len(events) == len(_CALENDAR)
    for seconds, event in zip(_CALENDAR, events, strict=True):
        lines = [line for line in event.splitlines() if "elapse:" in line or "Iter." in line]
        stamps = [" ".join(line.split()[-3:]) for line in lines]
        assert len(set(stamps)) == 3, event
        times = subprocess.run(
            ["date", "-u", "-f", "-", "+%s"], input="\n".join(stamps), capture_output=True, text=True, check=True
        )
        first, second, third = map(int, times.stdout.split())
        assert second - first == third - second == seconds, event


def test_cron_and_systemd_know_the_same_intervals() -> None:
    """So that ``Persistent=`` is missing only where cron refuses."""
    assert _CRON.keys() == _CALENDAR.keys()
