"""Whether a run tells anything that the runs before it did not: what ``--on-change`` prints."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from enum import Enum
from sqlite3 import Connection

from preflight.errors import ExitCode
from preflight.history.changes import Key
from preflight.history.times import from_ms, to_ms
from preflight.lib.records import frozen
from preflight.report import Change, Report

WINDOW, MANY = 21, 5
"""What changed so many times in so many runs is flapping: a fourth of the times at which it could have.
Nagios looks at 21 results as well, and begins to call it flapping between 20 and 30 percent
(https://assets.nagios.com/downloads/nagioscore/docs/nagioscore/4/en/flapping.html)."""


class Why(Enum):
    """Why something is to be said, or that nothing is."""

    CHANGED = "changed"
    REMINDER = "reminder"
    RECOVERED = "recovered"
    NOTHING = "nothing"


@frozen
class Flapping:
    """Something that changes again and again.

    Args:
        key: What it is.
        changes: How often it changed.
        runs: In so many runs.
    """

    key: Key
    changes: int
    runs: int


@frozen
class Notice:
    """What a run has to tell.

    Args:
        why: The reason.
        flapping: What changed in this run, and too often before.
    """

    why: Why
    flapping: tuple[Flapping, ...] = ()


def notice(
    connection: Connection,
    series: int,
    report: Report,
    changes: Sequence[Change],
    last_exit_code: int,
    *,
    remind_s: float,
) -> Notice:
    """Return what a run tells that the one before it did not, and note that it was told.

    It is decided in the transaction that records the run. So of two processes that find the same at once, one tells it.

    Args:
        connection: Inside the transaction, after the run was recorded.
        series: Id of its series.
        report: The report of the run.
        changes: What it changed.
        last_exit_code: The exit code of the run before it; 0 for the first.
        remind_s: How long something stays wrong before it is told again; 0 never tells it again.
    """
    bad = report.exit_code != ExitCode.OK
    if changes or report.exit_code != last_exit_code:
        why = Why.RECOVERED if last_exit_code and not bad else Why.CHANGED
    else:
        why = Why.REMINDER if bad and _is_due(connection, series, report.started, remind_s) else Why.NOTHING
    if why is not Why.NOTHING:
        connection.execute("UPDATE series SET announced = ? WHERE id = ?", (to_ms(report.started), series))
    return Notice(why, tuple(_flapping(connection, series, changes)))


def _is_due(connection: Connection, series: int, now: datetime, remind_s: float) -> bool:
    """Whether what is wrong was told long enough ago; after the clock was set back, the time begins again."""
    if not remind_s:
        return False
    [told, bad_since] = connection.execute("SELECT announced, bad_since FROM series WHERE id = ?", (series,)).fetchone()
    since = from_ms(bad_since if told is None else told)
    if since > now:
        connection.execute("UPDATE series SET announced = ? WHERE id = ?", (to_ms(now), series))
    return now - since >= timedelta(seconds=remind_s)


def _flapping(connection: Connection, series: int, changes: Sequence[Change]) -> Iterator[Flapping]:
    [runs, first] = connection.execute(
        "SELECT count(*), min(number) FROM (SELECT number FROM run WHERE series = ? ORDER BY number DESC LIMIT ?)",
        (series, WINDOW),
    ).fetchone()
    for change in changes:
        key = Key(change.check, change.code, change.subject)
        [count] = connection.execute(
            "SELECT count(*) FROM change WHERE (series, check_id, code, subject) = (?, ?, ?, ?) AND run >= ?",
            (series, *key, first),
        ).fetchone()
        if count >= MANY:
            yield Flapping(key, count, runs)
