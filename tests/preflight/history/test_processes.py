"""preflight/history/: several processes at once, processes that are killed, a disk without room."""

import multiprocessing
import os
import secrets
import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable
from contextlib import closing
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier
from pathlib import Path

import pytest

from preflight.history.errors import HistoryError
from preflight.history.notice import Why
from preflight.history.past import past
from preflight.history.record import record
from preflight.report import Report
from tests.fakes.runs import SERIES, check, history, run, wrong
from tests.real.disk import small_disk

FORK = multiprocessing.get_context("fork")


def numbered(place: int) -> Report:
    """Return a run that finds something else than the one before it, so that much is written."""
    return run(5 * place, check("tag", *(wrong(f"code-{place % 7}", f"web-{n}") for n in range(place % 5))))


def record_many(path: Path, pipe: Connection, begin: Barrier, count: int) -> None:
    """Record runs that find the same failure; tell how many had something to tell."""
    begin.wait()
    told = [record(path, SERIES, run(0, check("tag", wrong())), remind_s=3600) for _ in range(count)]
    pipe.send(sum(each.notice is not None and each.notice.why is Why.CHANGED for each in told))


def record_for_ever(path: Path, pipe: Connection) -> None:
    """Record runs until killed; tell the number of each."""
    for place in range(1_000_000):
        pipe.send(record(path, SERIES, numbered(place)).number)


def test_several_processes_at_once(tmp_path: Path) -> None:
    """The first makes the file, each records all of its runs, and one of them tells what is new."""
    path, count = history(tmp_path), 8
    begin = FORK.Barrier(4)
    pipes = [FORK.Pipe() for _ in range(4)]
    processes = [FORK.Process(target=record_many, args=(path, theirs, begin, count)) for _, theirs in pipes]
    for process in processes:
        process.start()
    told = [mine.recv() for mine, _ in pipes]
    for process in processes:
        process.join(60)

    assert sorted(told) == [0, 0, 0, 1]
    known = past(path, SERIES)
    assert [each.number for each in known.runs] == list(range(1, 4 * count + 1))
    assert len(known.changes) == 1


@pytest.mark.parametrize("count", [10, pytest.param(300, marks=pytest.mark.soak)])
def test_a_process_that_is_killed_loses_no_earlier_run(tmp_path: Path, count: int) -> None:
    """At a random moment, many times, with one and the same history."""
    path = history(tmp_path)
    record(path, SERIES, numbered(0))
    numbers = [1]
    for kill in range(count):
        mine, theirs = FORK.Pipe(duplex=False)
        process = FORK.Process(target=record_for_ever, args=(path, theirs))
        process.start()
        theirs.close()
        last = mine.recv()
        time.sleep(moment := secrets.randbelow(20_000) / 1e6)
        os.kill(process.pid or 0, signal.SIGKILL)
        process.join(60)
        last = heard_last(mine, last)
        with closing(sqlite3.connect(path)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)], f"kill {kill} after {moment} s"
            numbers = [number for (number,) in connection.execute("SELECT number FROM run ORDER BY number")]
        assert numbers in ([*range(1, last + 1)], [*range(1, last + 2)]), f"kill {kill} after {moment} s"
    assert record(path, SERIES, numbered(1)).number == numbers[-1] + 1


def heard_last(pipe: Connection, last: int) -> int:
    """Return the last number that somebody told before their end."""
    try:
        while True:
            last = pipe.recv()
    except EOFError:
        return last


@pytest.mark.parametrize("made", [True, False], ids=["full later", "full from the beginning"])
def test_a_full_disk_loses_no_earlier_run(tmp_path: Path, *, made: bool) -> None:
    """One line says what is wrong; with room again, recording goes on."""
    with small_disk(tmp_path / "disk") as disk:
        path = history(disk.path)
        if made:
            record(path, SERIES, numbered(0))
        disk.fill()

        said = [fails(lambda place: record(path, SERIES, numbered(place)), place) for place in range(1, 40)]

        assert "no space left on" in said[-1]
        recorded = said.count("")
        disk.free()
        assert record(path, SERIES, numbered(5)).number == recorded + 1 + made
        assert len(past(path, SERIES).runs) == recorded + 1 + made


def fails(act: Callable[[int], object], place: int) -> str:
    """Do something; return what went wrong."""
    try:
        act(place)
    except HistoryError as error:
        return error.message
    return ""


def test_a_disk_that_is_read_only_can_still_be_read(tmp_path: Path) -> None:
    """Nothing can be made beside the file then, which SQLite would want."""
    with small_disk(tmp_path / "disk") as disk:
        path = history(disk.path)
        record(path, SERIES, numbered(0))
        subprocess.run(["mount", "-o", "remount,ro", str(disk.path)], check=True)

        with pytest.raises(HistoryError, match=r"it cannot be (written|opened)"):
            record(path, SERIES, numbered(1))
        assert len(past(path, SERIES).runs) == 1
