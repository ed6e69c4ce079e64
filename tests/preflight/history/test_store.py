"""preflight/history/store.py and schema.py"""

import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest

from preflight.history import schema
from preflight.history.errors import HistoryError
from preflight.history.past import past
from preflight.history.record import record
from preflight.history.store import reading, writing
from tests.fakes.runs import SERIES, check, history, run, wrong


def numbers(path: Path) -> list[int]:
    """Return the numbers of all runs."""
    with reading(path) as connection:
        assert connection is not None
        return [number for (number,) in connection.execute("SELECT number FROM run ORDER BY number")]


def _break_off(connection: sqlite3.Connection | None) -> None:
    """Delete something, then fail."""
    assert connection is not None
    connection.execute("DELETE FROM run")
    connection.execute("DELETE FROM absent")


def test_only_its_owner_can_read_it(tmp_path: Path) -> None:
    """File and folder."""
    path = history(tmp_path)
    record(path, SERIES, run(0, check("tag")))

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_transaction_that_raises_leaves_what_was_there(tmp_path: Path) -> None:
    """All or nothing."""
    path = history(tmp_path)
    record(path, SERIES, run(0, check("tag")))

    with pytest.raises(HistoryError, match="no such table"), writing(path) as connection:
        _break_off(connection)

    assert numbers(path) == [1]


def test_reading_changes_nothing(tmp_path: Path) -> None:
    """SQLite itself refuses."""
    path = history(tmp_path)
    record(path, SERIES, run(0, check("tag")))

    with pytest.raises(HistoryError, match="cannot be written"), reading(path) as connection:
        _break_off(connection)

    assert numbers(path) == [1]


def test_a_writer_waits_for_another_a_bounded_time(tmp_path: Path) -> None:
    """Then it says who is in the way."""
    path = history(tmp_path)

    with writing(path), pytest.raises(HistoryError, match="another process keeps it"), writing(path, wait_s=0.05):
        pass


def test_a_reader_waits_for_nobody(tmp_path: Path) -> None:
    """It sees the last state that is whole."""
    path = history(tmp_path)
    record(path, SERIES, run(0, check("tag")))

    with writing(path) as connection:
        connection.execute("DELETE FROM run")
        assert numbers(path) == [1]


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (f"PRAGMA application_id = {schema.APPLICATION_ID}; PRAGMA user_version = 99", "a newer preflight made it"),
        ("CREATE TABLE theirs (a)", "a database of another program"),
        ("PRAGMA user_version = 1", "a database of another program"),
    ],
)
def test_a_file_that_is_not_ours_is_refused(tmp_path: Path, made: str, words: str) -> None:
    """By readers and writers, and it stays as it was."""
    path = tmp_path / "history.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(made)
    before = path.read_bytes()

    for opened in (reading, writing):
        with pytest.raises(HistoryError, match=words) as refused, opened(path):
            pass
        assert str(path) in refused.value.message
    assert path.read_bytes() == before


def test_other_files_are_refused_in_words(tmp_path: Path) -> None:
    """Text, a folder, and where no file can be made."""
    text, folder = tmp_path / "text", tmp_path / "folder"
    text.write_text("no database, but long enough to be looked at as one\n" * 20)
    folder.mkdir()

    with pytest.raises(HistoryError, match="no SQLite database"), writing(text):
        pass
    with pytest.raises(HistoryError, match="cannot be opened"), writing(folder):
        pass
    with pytest.raises(HistoryError, match="no such file or directory"), writing(Path("/proc/none/history.db")):
        pass


def test_tables_of_an_older_version_become_todays(tmp_path: Path) -> None:
    """A history that version 1 wrote keeps all that it has, and goes on from there."""
    path, today = tmp_path / "old.db", tmp_path / "today.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(Path(__file__).with_name("data").joinpath("version_1.sql").read_text())
    with pytest.raises(HistoryError, match="an older preflight made it"), reading(path):
        pass

    told = record(path, SERIES, run(25, check("pin"), check("tag", wrong("old"))))
    record(today, SERIES, run(0, check("pin")))

    assert (told.number, told.changes, told.last_exit_code) == (6, (), 1)
    assert numbers(path) == [1, 2, 3, 4, 5, 6]
    assert [each.exit_code for each in past(path, SERIES).runs] == [0, 1, 1, 0, 1, 1]
    assert tables(path) == tables(today)


def tables(path: Path) -> tuple[int, list[str]]:
    """Return version and definitions of the tables."""
    with closing(sqlite3.connect(path)) as connection:
        [version] = connection.execute("PRAGMA user_version").fetchone()
        rows = connection.execute("SELECT sql FROM sqlite_schema WHERE sql NOT NULL ORDER BY name").fetchall()
        return version, [sql for (sql,) in rows]
