"""Keep a run, and say what it changed."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from sqlite3 import Connection
from typing import TypeAlias

from preflight.errors import ExitCode
from preflight.history.body import pack
from preflight.history.changes import changes_of, seconds_between
from preflight.history.notice import Notice, notice
from preflight.history.outbox import Expired, Letter, expire, put
from preflight.history.prune import make_room
from preflight.history.queries import find_series, standing
from preflight.history.series import Series
from preflight.history.store import writing
from preflight.history.times import from_ms, to_ms
from preflight.lib.records import frozen
from preflight.report import Change, Report


@frozen
class Recorded:
    """What recording a run told.

    Args:
        number: The number of the run.
        changes: What it changed, the worst first.
        last_exit_code: The exit code of the run before it in the series; 0 for the first, which is compared with all
            good.
        bad_since: When a run first answered with something else than 0, while all since did too; None where the run
            before this one was good.
        notice: What the run has to tell; None where nobody asked.
        expired: Letters in the outbox that were too old to be kept.
    """

    number: int
    changes: tuple[Change, ...]
    last_exit_code: int = 0
    bad_since: datetime | None = None
    notice: Notice | None = None
    expired: tuple[Expired, ...] = ()


def can_be_recorded(report: Report) -> bool:
    """Whether a run looked at all that it was asked for; one that was interrupted would seem to have recovered."""
    return not report.problem and report.exit_code < ExitCode.HUNG_UP


Writer: TypeAlias = Callable[[Recorded], Sequence[Letter]]
"""Writes the letters that tell of a run."""


def record(
    path: Path, series: Series, report: Report, letters: Writer | None = None, remind_s: float | None = None
) -> Recorded:
    """Keep a run in the history, in one transaction with the letters that tell of it.

    Args:
        path: The file.
        series: What the run is compared with.
        report: The report of a run that went to its end; see ``can_be_recorded``.
        letters: Writes what is to be put into the outbox; called inside the transaction, so it must be quick.
        remind_s: See ``record_in``.

    Raises:
        HistoryError: It could not be kept.
    """
    with writing(path) as connection:
        expired = expire(connection, report.started)
        recorded = replace(record_in(connection, series, report, remind_s), expired=expired)
        if letters is not None:
            put(connection, letters(recorded), report.started)
        return recorded


def record_in(connection: Connection, series: Series, report: Report, remind_s: float | None = None) -> Recorded:
    """Keep a run; see ``record``.

    Args:
        connection: Inside a transaction.
        series: See ``record``.
        report: See ``record``.
        remind_s: For ``--on-change``: how long something stays wrong before it is told again; 0 never tells it again.
            None where nobody is told of this run.
    """
    id_ = _series_id(connection, series)
    before = standing(connection, id_)
    changes = tuple(_with_its_time(connection, id_, change) for change in changes_of(report, before))
    last = connection.execute(
        "SELECT exit_code FROM run WHERE series = ? ORDER BY number DESC LIMIT 1", (id_,)
    ).fetchone()
    last_exit_code = last[0] if last else int(ExitCode.OK)
    number = _insert_run(connection, id_, report)
    _keep_changes(connection, id_, number, changes)
    bad_since = _keep_bad_since(connection, id_, report)
    make_room(connection)
    told = None if remind_s is None else notice(connection, id_, report, changes, last_exit_code, remind_s=remind_s)
    return Recorded(number, changes, last_exit_code, bad_since, told)


def _series_id(connection: Connection, series: Series) -> int:
    """Return the id of a series; one with a former name gets the present one, one that is new is made."""
    found = find_series(connection, series)
    if found is not None:
        connection.execute(
            "UPDATE series SET project = ? WHERE id = ? AND project <> ?", (series.project, found, series.project)
        )
        return found
    made = connection.execute(
        "INSERT INTO series (project, configuration, selection, stage) VALUES (?, ?, ?, ?)",
        (series.project, series.configuration, series.selection, series.stage.value),
    )
    return made.lastrowid or 0


def _with_its_time(connection: Connection, series: int, change: Change) -> Change:
    """Add to what is new for how long it had been well, if it was ever wrong."""
    if change.before is not None:
        return change
    row = connection.execute(
        "SELECT at FROM change WHERE (series, check_id, code, subject) = (?, ?, ?, ?) ORDER BY run DESC LIMIT 1",
        (series, change.check, change.code, change.subject),
    ).fetchone()
    return change if row is None else replace(change, lasted_s=seconds_between(from_ms(row[0]), change.at))


def _insert_run(connection: Connection, series: int, report: Report) -> int:
    body = pack(report)
    row = connection.execute("SELECT id FROM body WHERE digest = ?", (body.digest,)).fetchone()
    if row is None:
        made = connection.execute("INSERT INTO body (digest, report) VALUES (?, ?)", (body.digest, body.packed))
        row = (made.lastrowid,)
    values = (series, to_ms(report.started), round(report.duration_s, 3), int(report.exit_code), row[0], body.durations)
    made = connection.execute(
        "INSERT INTO run (series, started, duration, exit_code, body, durations) VALUES (?, ?, ?, ?, ?, ?)", values
    )
    return made.lastrowid or 0


def _keep_changes(connection: Connection, series: int, run: int, changes: tuple[Change, ...]) -> None:
    for change in changes:
        at, key = to_ms(change.at), (series, change.check, change.code, change.subject)
        before = None if change.before is None else change.before.value
        connection.execute(
            "INSERT INTO change (series, check_id, code, subject, run, at, before, after, lasted)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (*key, run, at, before, None if change.after is None else change.after.value, change.lasted_s),
        )
        if change.after is None:
            connection.execute("DELETE FROM standing WHERE (series, check_id, code, subject) = (?, ?, ?, ?)", key)
        else:
            connection.execute(
                "INSERT OR REPLACE INTO standing VALUES (?, ?, ?, ?, ?, ?)", (*key, change.after.value, at)
            )


def _keep_bad_since(connection: Connection, series: int, report: Report) -> datetime | None:
    """Note since when the runs are bad; return what was noted until now."""
    [noted] = connection.execute("SELECT bad_since FROM series WHERE id = ?", (series,)).fetchone()
    now = None if report.exit_code == ExitCode.OK else to_ms(report.started) if noted is None else noted
    if now != noted:
        connection.execute("UPDATE series SET bad_since = ? WHERE id = ?", (now, series))
    return None if noted is None else from_ms(noted)
