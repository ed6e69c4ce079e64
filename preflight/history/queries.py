"""What the history is asked. Nothing here writes."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from sqlite3 import Connection
from typing import Any

from preflight.history.changes import Key, Standing
from preflight.history.errors import HistoryError
from preflight.history.series import Series
from preflight.history.times import from_ms, to_ms
from preflight.lib.records import frozen
from preflight.model import Stage, Status
from preflight.report import Change, Report


@frozen
class Summary:
    """One series, as far as it was recorded.

    Args:
        id: The id of the series, in this history.
        series: What its runs have in common.
        runs: How many are kept.
        first: Start of the oldest.
        last: Start of the newest.
        exit_code: The exit code of the newest.
        bad_since: Since when all runs are bad; None where the newest is good.
        standing: What is wrong, worst first.
    """

    id: int
    series: Series
    runs: int
    first: datetime
    last: datetime
    exit_code: int
    bad_since: datetime | None
    standing: tuple[tuple[Key, Standing], ...]


@frozen
class RecordedChange:
    """A change, and the number of the run that made it."""

    run: int
    change: Change


@frozen
class RecordedRun:
    """One run as it was recorded.

    Args:
        number: The number of the run.
        series: Id of its series.
        started: When.
        exit_code: What it answered with.
        report: Read back from what the JSON reporter gave.
    """

    number: int
    series: int
    started: datetime
    exit_code: int
    report: Report


def find_series(connection: Connection, series: Series) -> int | None:
    """Return the id of a series, by its name or a former one, if a run of it was ever recorded."""
    for project in (series.project, *series.former):
        row = connection.execute(
            "SELECT id FROM series WHERE (project, configuration, selection, stage) = (?, ?, ?, ?)",
            (project, series.configuration, series.selection, series.stage.value),
        ).fetchone()
        if row is not None:
            return int(row[0])
    return None


def summaries(connection: Connection) -> tuple[Summary, ...]:
    """Return every series, that with the newest run first."""
    rows = connection.execute(
        "SELECT id, project, configuration, selection, stage, bad_since,"
        " (SELECT count(*) FROM run WHERE run.series = series.id),"  # four times as fast as GROUP BY over a join
        " (SELECT min(number) FROM run WHERE run.series = series.id),"
        " (SELECT max(number) FROM run WHERE run.series = series.id) AS newest"
        " FROM series WHERE newest IS NOT NULL ORDER BY newest DESC"
    ).fetchall()
    return tuple(_summary(connection, *row) for row in rows)


def _summary(connection: Connection, *row: Any) -> Summary:
    id_, project, configuration, selection, stage, bad_since, runs, oldest, newest = row
    [first] = connection.execute("SELECT started FROM run WHERE number = ?", (oldest,)).fetchone()
    [last, code] = connection.execute("SELECT started, exit_code FROM run WHERE number = ?", (newest,)).fetchone()
    return Summary(
        id_,
        Series(project, configuration, selection, Stage(stage)),
        runs,
        from_ms(first),
        from_ms(last),
        code,
        None if bad_since is None else from_ms(bad_since),
        tuple(sorted(standing(connection, id_).items(), key=lambda each: (each[1].status.rank, each[0]))),
    )


def standing(connection: Connection, series: int) -> dict[Key, Standing]:
    """Return what was wrong in the newest run of a series."""
    rows = connection.execute(
        "SELECT check_id, code, subject, status, since FROM standing WHERE series = ?", (series,)
    ).fetchall()
    return {Key(*names): Standing(Status(status), from_ms(since)) for *names, status, since in rows}


def changes(
    connection: Connection,
    series: int,
    limit: int = -1,
    *,
    since: datetime | None = None,
    check: str = "",
    code: str = "",
) -> Iterator[RecordedChange]:
    """Yield changes of a series, newest first; those of one run with the worst first.

    Args:
        connection: To the history.
        series: Id of the series.
        limit: How many; -1 for all.
        since: Leaves out what is older.
        check: Leaves out what other checks found.
        code: Leaves out other codes of that check.
    """
    rows = connection.execute(
        "SELECT run, at, check_id, code, subject, before, after, lasted FROM change WHERE series = :series"
        " AND (:since IS NULL OR at >= :since) AND (:check = '' OR check_id = :check) AND (:code = '' OR code = :code)"
        " ORDER BY run DESC, id LIMIT :limit",
        {
            "series": series,
            "since": None if since is None else to_ms(since),
            "check": check,
            "code": code,
            "limit": limit,
        },
    )
    for run, at, check_id, code_, subject, before, after, lasted in rows:
        change = Change(from_ms(at), check_id, code_, subject, _status(before), _status(after), lasted)
        yield RecordedChange(run, change)


def runs_in(connection: Connection, series: int, since: datetime, width_ms: int) -> dict[int, int]:
    """Return how many runs began in each stretch of time after ``since``, by its place, as far as there are any."""
    return dict(
        connection.execute(
            "SELECT (started - ?) / ?, count(*) FROM run WHERE series = ? AND started >= ? GROUP BY 1",
            (to_ms(since), width_ms, series, to_ms(since)),
        ).fetchall()
    )


def recorded_checks(connection: Connection, series: int) -> set[str]:
    """Return the ids of the checks in the newest run of a series, and of those that ever changed in it."""
    from preflight.history.body import unpack

    rows = connection.execute("SELECT DISTINCT check_id FROM change WHERE series = ?", (series,)).fetchall()
    newest = connection.execute(
        "SELECT report FROM run JOIN body ON body.id = run.body WHERE run.series = ? ORDER BY number DESC LIMIT 1",
        (series,),
    ).fetchone()
    listed = [] if newest is None else unpack(newest[0])["checks"]
    return {*(check for (check,) in rows), *(check["id"] for check in listed)}


def recorded_codes(connection: Connection, series: int, check: str) -> set[str]:
    """Return the codes of a check that ever changed in a series."""
    rows = connection.execute(
        "SELECT DISTINCT code FROM change WHERE series = ? AND check_id = ?", (series, check)
    ).fetchall()
    return {code for (code,) in rows}


def newest_runs(connection: Connection, series: int, count: int) -> Sequence[RecordedRun]:
    """Return the newest runs of a series, newest first."""
    rows = connection.execute(
        "SELECT number FROM run WHERE series = ? ORDER BY number DESC LIMIT ?", (series, count)
    ).fetchall()
    return [run for (number,) in rows if (run := run_of_number(connection, number)) is not None]


def run_at(connection: Connection, series: int, at: datetime) -> RecordedRun | None:
    """Return the newest run of a series that had begun at a time; None where there was none yet."""
    row = connection.execute(
        "SELECT number FROM run WHERE series = ? AND started <= ? ORDER BY number DESC LIMIT 1", (series, to_ms(at))
    ).fetchone()
    return None if row is None else run_of_number(connection, row[0])


def run_of_number(connection: Connection, number: int) -> RecordedRun | None:
    """Return the run of a number, if it is kept.

    Raises:
        HistoryError: Another version of this program recorded it, in a form that this one does not know.
    """
    from preflight.history.body import whole
    from preflight.lib.jsonshape import WrongShapeError
    from preflight.run.reporters.from_json import read_report

    row = connection.execute(
        "SELECT series, started, duration, exit_code, durations, report FROM run JOIN body ON body.id = run.body"
        " WHERE number = ?",
        (number,),
    ).fetchone()
    if row is None:
        return None
    series, started, duration, code, durations, packed = row
    at = from_ms(started)
    document = whole(packed, at.isoformat(timespec="milliseconds").replace("+00:00", "Z"), duration, durations)
    try:
        return RecordedRun(number, series, at, code, read_report(document, {}))
    except WrongShapeError as error:
        hint = "Compare runs that this version recorded."
        raise HistoryError(f"run {number} is a report of another version: {error}", hint) from error


def _status(word: str | None) -> Status | None:
    return None if word is None else Status(word)
