"""Notifications that were not delivered yet: kept in the history, so that the next run can try again.

A letter is put in the transaction that records the run it tells of. So a run that is killed loses none, and of two
processes that look at once only one takes it.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from sqlite3 import Connection

from preflight.history.store import writing
from preflight.history.times import from_ms, to_ms
from preflight.lib.records import frozen

MOST = 200
"""Letters kept for one target; the oldest make room."""

LARGEST = 64 * 1024
"""Bytes of one letter."""

KEPT_S = 30 * 86400.0
"""How long a letter is kept: one for a target that nobody names any more would stay for ever."""

LEASE_S = 300.0
"""How long a letter belongs to the process that took it, unless that one delivers it or puts it back sooner."""


@frozen
class Letter:
    """One notification for one target.

    Args:
        sender: The configuration that names the target; who takes letters asks for its own.
        target: Name of the target; no address that holds a secret.
        text: What is sent; no secret either.
    """

    sender: str
    target: str
    text: str


@frozen
class Kept:
    """A letter in the outbox.

    Args:
        id: Names it to ``done`` and ``put_back``.
        letter: What was put.
        made: When it was put.
        attempts: How often it was put back.
    """

    id: int
    letter: Letter
    made: datetime
    attempts: int


@frozen
class Expired:
    """Letters that nobody took in all the time that they were kept.

    Args:
        sender: Whose they were.
        target: For whom.
        count: How many.
    """

    sender: str
    target: str
    count: int


def put(connection: Connection, letters: Sequence[Letter], now: datetime) -> int:
    """Keep letters.

    Args:
        connection: Inside a transaction of ``writing``.
        letters: In the order in which they are to be sent.
        now: With time zone.

    Returns:
        How many older ones made room for them.

    Raises:
        ValueError: One is larger than ``LARGEST``.
    """
    removed = 0
    for letter in letters:
        if len(letter.text.encode()) > LARGEST:
            raise ValueError(f"a letter for {letter.target} has more than {LARGEST} bytes")
        names = (letter.sender, letter.target)
        connection.execute(
            "INSERT INTO outbox (sender, target, text, made) VALUES (?, ?, ?, ?)", (*names, letter.text, to_ms(now))
        )
        removed += connection.execute(
            "DELETE FROM outbox WHERE id IN"
            " (SELECT id FROM outbox WHERE (sender, target) = (?, ?) ORDER BY id DESC LIMIT -1 OFFSET ?)",
            (*names, MOST),
        ).rowcount
    return removed


def expire(connection: Connection, now: datetime) -> tuple[Expired, ...]:
    """Forget letters that are older than ``KEPT_S``, whoever put them.

    Args:
        connection: Inside a transaction of ``writing``.
        now: With time zone.
    """
    first = connection.execute("SELECT made FROM outbox ORDER BY id LIMIT 1").fetchone()
    limit = to_ms(now - timedelta(seconds=KEPT_S))
    if first is None or first[0] >= limit:  # looking at one is cheaper than at all
        return ()
    rows = connection.execute(
        "SELECT sender, target, count(*) FROM outbox WHERE made < ? GROUP BY sender, target ORDER BY min(id)", (limit,)
    ).fetchall()
    connection.execute("DELETE FROM outbox WHERE made < ?", (limit,))
    return tuple(Expired(*row) for row in rows)


def take(path: Path, sender: str, targets: Collection[str], now: datetime) -> tuple[Kept, ...]:
    """Return what is to be sent, oldest first. Until they are done or put back, no other process takes them.

    Args:
        path: The history.
        sender: Whose letters.
        targets: Those that are asked now.
        now: With time zone.

    Raises:
        HistoryError: The history cannot be written.
    """
    at, ended = to_ms(now), to_ms(now - timedelta(seconds=LEASE_S))
    with writing(path) as connection:
        rows = connection.execute(
            "SELECT id, target, text, made, attempts FROM outbox"
            " WHERE sender = ? AND (taken IS NULL OR taken <= ? OR taken > ?) ORDER BY id",  # > now: clock set back
            (sender, ended, at),
        ).fetchall()
        kept = tuple(
            Kept(id_, Letter(sender, target, text), from_ms(made), attempts)
            for id_, target, text, made, attempts in rows
            if target in targets
        )
        connection.executemany("UPDATE outbox SET taken = ? WHERE id = ?", [(at, each.id) for each in kept])
    return kept


def done(path: Path, ids: Collection[int]) -> None:
    """Forget letters that were delivered, or that nobody will ever take.

    Raises:
        HistoryError: The history cannot be written.
    """
    with writing(path) as connection:
        connection.executemany("DELETE FROM outbox WHERE id = ?", [(id_,) for id_ in ids])


def put_back(path: Path, ids: Collection[int]) -> None:
    """Keep letters that could not be delivered for the next run.

    Raises:
        HistoryError: The history cannot be written.
    """
    with writing(path) as connection:
        connection.executemany(
            "UPDATE outbox SET taken = NULL, attempts = attempts + 1 WHERE id = ?", [(id_,) for id_ in ids]
        )
