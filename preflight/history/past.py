"""What a page draws of earlier runs."""

import json
from collections.abc import Iterator
from pathlib import Path
from sqlite3 import Connection

from preflight.history.body import unpack
from preflight.history.queries import changes, find_series
from preflight.history.series import Series
from preflight.history.store import reading
from preflight.history.times import from_ms
from preflight.model import Status
from preflight.report import Past, PastCheck, PastRun

RUNS, CHANGES = 90, 50
"""How much is drawn at most."""


def past(path: Path, series: Series, present: int | None = None) -> Past:
    """Return what the history knows of a series.

    Args:
        path: The file; where there is none, nothing is known.
        series: Whose runs.
        present: Number of the run that is reported: left out of the runs, while what it changed is there.

    Raises:
        HistoryError: The history cannot be read.
    """
    with reading(path) as connection:
        id_ = None if connection is None else find_series(connection, series)
        if connection is None or id_ is None:
            return Past()
        return Past(
            tuple(reversed([*_runs(connection, id_, present)])),
            tuple(each.change for each in changes(connection, id_, CHANGES)),
        )


def _runs(connection: Connection, series: int, present: int | None) -> Iterator[PastRun]:
    """Yield the newest runs, newest first."""
    rows = connection.execute(
        "SELECT number, started, duration, exit_code, body, durations FROM run"
        " WHERE series = ? AND number IS NOT ? ORDER BY number DESC LIMIT ?",
        (series, present, RUNS),
    ).fetchall()
    known: dict[int, list[tuple[str, Status]]] = {}
    for number, started, duration, code, body, durations in rows:
        if body not in known:
            [packed] = connection.execute("SELECT report FROM body WHERE id = ?", (body,)).fetchone()
            known[body] = [(check["id"], Status(check["status"])) for check in unpack(packed)["checks"]]
        pairs = zip(known[body], json.loads(durations), strict=True)
        checks = {check: PastCheck(status, seconds) for (check, status), seconds in pairs}
        yield PastRun(number, from_ms(started), duration, code, checks)
