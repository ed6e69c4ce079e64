"""How often: what cron can express, and what systemd calls it."""

from preflight.errors import ConfigurationError
from preflight.lib.durations import option_value

_MINUTE, _HOUR, _DAY, _WEEK = 60, 3600, 86400, 604800

_CRON = {
    **{_MINUTE * minutes: f"*/{minutes} * * * *" for minutes in range(2, 60) if 60 % minutes == 0},
    **{_HOUR * hours: f"0 */{hours} * * *" for hours in range(2, 24) if 24 % hours == 0},
    _MINUTE: "* * * * *",
    _HOUR: "0 * * * *",
    _DAY: "0 0 * * *",
    _WEEK: "0 0 * * 1",
}
"""Seconds to the five fields of crontab(5). A step of 7 minutes would begin again at each full hour."""

_CALENDAR = {
    **{_MINUTE * minutes: f"*:0/{minutes}" for minutes in range(2, 60) if 60 % minutes == 0},
    **{_HOUR * hours: f"0/{hours}:00" for hours in range(2, 24) if 24 % hours == 0},
    _MINUTE: "*:*",
    _HOUR: "hourly",
    _DAY: "daily",
    _WEEK: "weekly",
}
"""Seconds to a calendar event of systemd.time(7): only those survive a host that was off (``Persistent=``)."""

SHORTEST_S, LONGEST_S = _MINUTE, _WEEK


def cron_fields(seconds: float) -> str:
    """Return the five fields of a crontab's line.

    Raises:
        ConfigurationError: Cron has no even interval of this length; the hint names the nearest that it has.
    """
    if seconds in _CRON:
        return _CRON[int(seconds)]
    below = [each for each in sorted(_CRON) if each < seconds][-1:]
    above = [each for each in sorted(_CRON) if each > seconds][:1]
    near = " or ".join(f"--every {option_value(each)}" for each in (*below, *above))
    also = "; or `preflight install systemd`, which can" if SHORTEST_S <= seconds <= LONGEST_S else ""
    raise ConfigurationError(f"cron cannot run a job every {option_value(seconds)}", f"The nearest is {near}{also}.")


def timer_lines(seconds: float) -> tuple[str, ...]:
    """Return the lines of a timer unit that say when.

    Raises:
        ConfigurationError: The interval is shorter than a minute or longer than a week.
    """
    if not SHORTEST_S <= seconds <= LONGEST_S:
        span = f"{option_value(SHORTEST_S)} to {option_value(LONGEST_S)}"
        raise ConfigurationError(
            f"a job every {option_value(seconds)} is not possible", f"Choose an interval from {span}."
        )
    spread = f"RandomizedDelaySec={round(min(seconds / 10, 300))}s"
    if seconds in _CALENDAR:
        return (f"OnCalendar={_CALENDAR[int(seconds)]}", "Persistent=true", spread, "AccuracySec=1s")
    return ("OnActiveSec=0s", f"OnUnitActiveSec={seconds:g}s", spread, "AccuracySec=1s")
