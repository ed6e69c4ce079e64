"""The file of the history: opened for one transaction, or to read.

SQLite with a write-ahead log: a run that is killed, or that finds the disk full, leaves every earlier one whole
(https://www.sqlite.org/wal.html). One process writes at a time; the others wait a bounded time for it.
"""

import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import TypeAlias, TypeVar

from preflight.history import schema
from preflight.history.errors import HistoryError

T = TypeVar("T")

Connection: TypeAlias = sqlite3.Connection

WAIT_S = 10.0
"""How long to wait for another process that writes; it needs milliseconds."""

_AGAIN_S = 0.02
_ROOM = 64 * 1024
"""Bytes that SQLite needs for the files beside the history."""
_FOLDER_MODE, _FILE_MODE = 0o700, 0o600


@contextmanager
def writing(path: Path, wait_s: float = WAIT_S) -> Iterator[Connection]:
    """Do one transaction: what the block does is kept whole at its end, or not at all if it raises.

    Args:
        path: Made, with its folder, if need be: only its owner can read it.
        wait_s: For another process that writes.

    Yields:
        A connection inside the transaction, with the tables of this version.

    Raises:
        HistoryError: The file cannot be written, another process keeps it, or it is no history that we know.
    """
    with in_words(path):
        _make(path)
        with closing(sqlite3.connect(path, timeout=wait_s, isolation_level=None)) as connection:
            schema.version_of(connection)  # before anything is written to somebody else's file
            _patiently(lambda: connection.execute("PRAGMA journal_mode = WAL").fetchone(), wait_s)
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("BEGIN IMMEDIATE")
            try:
                schema.migrate(connection)
                yield connection
                connection.execute("COMMIT")
            except BaseException:  # raised again, when nothing of it is left
                with suppress(sqlite3.Error):  # a full disk has rolled back already
                    connection.execute("ROLLBACK")
                raise


@contextmanager
def reading(path: Path, wait_s: float = WAIT_S) -> Iterator[Connection | None]:
    """Read one state of the file, whatever others write meanwhile; nothing is changed.

    Args:
        path: The file.
        wait_s: For another process that keeps it.

    Yields:
        A connection; ``None`` where there is no history yet.

    Raises:
        HistoryError: It cannot be read, or it is no history that we know.
    """
    with in_words(path):
        if not path.exists():
            yield None
            return
        with closing(sqlite3.connect(_uri(path), uri=True, timeout=wait_s, isolation_level=None)) as connection:
            connection.execute("PRAGMA query_only = ON")
            connection.execute("BEGIN")
            version = schema.version_of(connection)
            if version == 0:
                yield None
                return
            if version < schema.VERSION:
                raise HistoryError("an older preflight made it", "Record a run once: that brings it up to date.")
            yield connection


@contextmanager
def reading_recorded(path: Path) -> Iterator[Connection]:
    """Read as ``reading`` does, where something is recorded.

    Raises:
        HistoryError: Nothing is, or it cannot be read.
    """
    with reading(path) as connection:
        if connection is None:
            raise HistoryError("nothing is recorded", "Record a run: preflight run --record")
        yield connection


def _uri(path: Path) -> str:
    """Return the address that opens a file to read only; on a file system that takes no log beside it, as it lies."""
    log = path.with_name(f"{path.name}-wal")
    as_it_lies = not os.access(path.parent, os.W_OK) and not log.exists()
    return f"{path.absolute().as_uri()}?{'immutable=1' if as_it_lies else 'mode=ro'}"


def _make(path: Path) -> None:
    path.parent.mkdir(mode=_FOLDER_MODE, parents=True, exist_ok=True)
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, _FILE_MODE))


def _patiently(act: Callable[[], T], wait_s: float) -> T:
    """Do what SQLite does not wait for by itself: the change to the write-ahead log needs the file alone."""
    end = time.monotonic() + wait_s
    while True:
        try:
            return act()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() >= end:
                raise
            time.sleep(_AGAIN_S)


@contextmanager
def in_words(path: Path) -> Iterator[None]:
    """Say in words what the system or SQLite reports."""
    try:
        yield
    except HistoryError as error:
        raise HistoryError(f"the history {path}: {error.message}", error.hint) from error
    except OSError as error:
        reason = (error.strerror or "unknown reason").lower()
        raise HistoryError(f"the history {path}: {reason}", "Name another file: --history FILE.") from error
    except sqlite3.Error as error:
        what, hint = _REASONS.get(_code(error, path), (str(error), ""))
        raise HistoryError(f"the history {path}: {what}", hint) from error


def _code(error: sqlite3.Error, path: Path) -> int:
    """Return SQLite's code; that of a full disk also where SQLite only saw that a file cannot grow."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN):
        with suppress(OSError):
            room = os.statvfs(path.parent)
            return sqlite3.SQLITE_FULL if room.f_bavail * room.f_frsize < _ROOM else code
    return code


_REASONS = {
    sqlite3.SQLITE_BUSY: ("another process keeps it", "Run preflight again; see who has the file open: fuser FILE."),
    sqlite3.SQLITE_FULL: ("no space left on the disk", "Make room; earlier runs are kept."),
    sqlite3.SQLITE_READONLY: ("it cannot be written", "Correct its permissions, or name another: --history FILE."),
    sqlite3.SQLITE_CANTOPEN: ("it cannot be opened", "Correct its permissions, or name another: --history FILE."),
    sqlite3.SQLITE_IOERR: ("the disk reports an error", "Look at the disk, or name another file: --history FILE."),
    sqlite3.SQLITE_CORRUPT: ("it is damaged", "Move it away; a new one begins with the next recorded run."),
    sqlite3.SQLITE_NOTADB: ("it is no SQLite database", "Name another file: --history FILE."),
}
