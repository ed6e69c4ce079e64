"""Forget old runs, so that the history does not grow without bound."""

import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path
from sqlite3 import Connection

from preflight.history.errors import HistoryError
from preflight.history.store import in_words, writing
from preflight.history.times import to_ms
from preflight.lib.records import frozen

LARGEST = 256 * 1024 * 1024
"""Bytes that the history takes at most: some years of runs every five minutes, while little changes."""

_SHARE = 20
"""When it is full, one run of so many makes room, the oldest first: not in every run that is recorded."""


@frozen
class Pruned:
    """What was forgotten, and what is left; sizes in bytes of the file."""

    runs: int
    left: int
    size_before: int
    size_after: int


def prune(path: Path, before: datetime) -> Pruned:
    """Forget the runs that began before a time, and give the room back to the disk.

    What is wrong now keeps its beginning, however long ago that is.

    Args:
        path: The history.
        before: With time zone.

    Raises:
        HistoryError: There is no history, or it cannot be written.
    """
    with in_words(path):
        if not path.exists():
            raise HistoryError("nothing is recorded", "Record a run: preflight run --record")
        size = path.stat().st_size
    with writing(path) as connection:
        oldest = connection.execute("SELECT min(number) FROM run WHERE started >= ?", (to_ms(before),)).fetchone()[0]
        newest = connection.execute("SELECT max(number) FROM run").fetchone()[0] or 0
        removed = _forget(connection, newest + 1 if oldest is None else oldest)
        connection.execute("DELETE FROM outbox WHERE made < ?", (to_ms(before),))
        [left] = connection.execute("SELECT count(*) FROM run").fetchone()
    with in_words(path), closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("VACUUM")
    return Pruned(removed, left, size, path.stat().st_size)


def make_room(connection: Connection, largest: int = LARGEST) -> int:
    """Forget the oldest runs if the history is full; return how many.

    Args:
        connection: Inside a transaction of ``writing``.
        largest: Bytes that it may take.
    """
    [pages], [free], [size] = (
        connection.execute(f"PRAGMA {name}").fetchone() for name in ("page_count", "freelist_count", "page_size")
    )
    if (pages - free) * size <= largest:
        return 0
    [count] = connection.execute("SELECT count(*) FROM run").fetchone()
    row = connection.execute(
        "SELECT number FROM run ORDER BY number LIMIT 1 OFFSET ?", (count // _SHARE + 1,)
    ).fetchone()
    return 0 if row is None else _forget(connection, row[0])


def _forget(connection: Connection, first: int) -> int:
    """Forget the runs before a number, what they changed, and the reports that no run has any more."""
    removed = connection.execute("DELETE FROM run WHERE number < ?", (first,)).rowcount
    connection.execute("DELETE FROM change WHERE run < ?", (first,))
    connection.execute("DELETE FROM body WHERE NOT EXISTS (SELECT 1 FROM run WHERE run.body = body.id)")
    return removed
