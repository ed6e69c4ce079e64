"""preflight/history/prune.py"""

from contextlib import closing
from datetime import timedelta
from pathlib import Path
from sqlite3 import connect

from preflight.history.outbox import Letter, put, take
from preflight.history.past import past
from preflight.history.prune import make_room, prune
from preflight.history.record import record, record_in
from preflight.history.store import writing
from tests.fakes.runs import SERIES, at, check, history, run, wrong


def filled(tmp_path: Path, runs: int = 100) -> Path:
    """Return a history in which a new failure began in every tenth run, and stays."""
    path = history(tmp_path)
    with writing(path) as connection:
        for place in range(runs):
            codes = [wrong(f"code-{number}") for number in range(place // 10)]
            record_in(connection, SERIES, run(60 * place, check("tag", *codes)))
    return path


def test_old_runs_are_forgotten_and_what_is_wrong_keeps_its_beginning(tmp_path: Path) -> None:
    """Runs, what they changed, and reports that no other run has."""
    path = filled(tmp_path)
    with writing(path) as connection:
        put(connection, [Letter("c", "ops", "old")], at(0))
        put(connection, [Letter("c", "ops", "new")], at(99 * 60))

    done = prune(path, at(95 * 60))

    assert (done.runs, done.left) == (95, 5)
    assert done.size_after < done.size_before
    known = past(path, SERIES)
    assert (len(known.runs), len(known.changes)) == (5, 0)
    with closing(connect(path)) as connection:
        assert connection.execute("SELECT count(*) FROM body").fetchone() == (1,)
    [recovered, *_] = reversed(record(path, SERIES, run(6000, check("tag"))).changes)
    assert recovered.lasted_s == timedelta(hours=10 if recovered.code == "code-8" else 90).total_seconds()
    assert [each.letter.text for each in take(path, "c", {"ops"}, at(6001))] == ["new"]


def test_nothing_old_nothing_forgotten(tmp_path: Path) -> None:
    """And a history that is all old is emptied."""
    path = filled(tmp_path, 3)

    assert (prune(path, at(-1)).runs, prune(path, at(0)).runs) == (0, 0)
    assert (prune(path, at(10**6)).runs, prune(path, at(10**6)).left) == (3, 0)
    assert record(path, SERIES, run(300, check("tag"))).number == 4


def test_a_full_history_makes_room_by_itself(tmp_path: Path) -> None:
    """The oldest twentieth goes at once."""
    path = filled(tmp_path)

    with writing(path) as connection:
        assert make_room(connection, 10**9) == 0
        assert make_room(connection, 4096) == 6
    assert past(path, SERIES).runs[-1].number == 100
