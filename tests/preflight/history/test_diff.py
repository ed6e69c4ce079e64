"""preflight/history/diff.py and queries.py"""

import zlib
from dataclasses import replace
from pathlib import Path

import pytest

from preflight.history.changes import Key, kind
from preflight.history.diff import Difference, Fact, difference
from preflight.history.errors import HistoryError
from preflight.history.queries import newest_runs, run_at, run_of_number, summaries
from preflight.history.record import record
from preflight.history.store import reading, writing
from preflight.model import Stage, Status
from preflight.report import JudgedProject, PinState, Report
from tests.fakes.runs import SERIES, at, check, history, run, well, wrong


def judged(release: str, commit: str) -> JudgedProject:
    """Return what was judged."""
    pin = PinState("APP_IMAGE", "app", "pin.env", f"sha256:{release * 8}", release)
    return JudgedProject(project=".", commit=commit, pins=(pin,))


def compared(tmp_path: Path, *reports: Report) -> Difference:
    """Record the reports, and return what differs between the last two."""
    path = history(tmp_path)
    for report in reports:
        record(path, SERIES, report)
    with reading(path) as connection:
        assert connection is not None
        after, before = newest_runs(connection, 1, 2)
    return difference(before, after)


def test_what_was_judged_and_what_was_found(tmp_path: Path) -> None:
    """Pin and commit, a check that is there no more, and each failure."""
    first = replace(
        run(0, check("tag", wrong(), wrong("old"), well()), check("pin"), check("gone")), judged=judged("1.4.0", "a1")
    )
    second = replace(run(5, check("tag", wrong(status=Status.WARN), wrong("new")), check("pin")),
                     judged=judged("1.4.1", "b2"))  # fmt: skip

    found = compared(tmp_path, first, second)

    assert [fact.name for fact in found.facts] == ["commit", "pin APP_IMAGE"]
    assert found.facts[1].after == f"pin.env app 1.4.1 sha256:{'1.4.1' * 8}"
    assert found.checks == (Fact("gone", "pass", None),)
    assert [(each.code, kind(each)) for each in found.changes] == [
        ("new", "new"), ("moved", "better"), ("old", "recovered"),
    ]  # fmt: skip
    assert found.messages[Key("tag", "new", "container web")] == "web is new"


def test_equal_runs_do_not_differ(tmp_path: Path) -> None:
    """Their times do not count."""
    assert not compared(tmp_path, run(0, check("tag", wrong())), run(5, check("tag", wrong())))


def test_a_run_of_another_version_is_refused_in_words(tmp_path: Path) -> None:
    """Its report has a form that this version does not know."""
    path = history(tmp_path)
    record(path, SERIES, run(0, check("tag")))
    with writing(path) as connection:
        [packed] = connection.execute("SELECT report FROM body").fetchone()
        older = zlib.compress(zlib.decompress(packed).replace(b"preflight/1", b"preflight/0"))
        connection.execute("UPDATE body SET report = ?", (older,))

    with pytest.raises(HistoryError, match="run 1 is a report of another version: schema: "), reading(path) as other:
        assert other is None or run_of_number(other, 1)


def test_a_run_is_found_by_number_or_time(tmp_path: Path) -> None:
    """The last one that had begun, in its series."""
    path = history(tmp_path)
    before = replace(SERIES, stage=Stage.BEFORE)
    for minute in (0, 10):
        record(path, SERIES, run(minute, check("tag")))
        record(path, before, run(minute + 1, check("tag")))

    with reading(path) as connection:
        assert connection is not None
        found = [run_at(connection, 1, at(minute)) for minute in (-1, 0, 9, 10, 99)]
        assert [each and each.number for each in found] == [None, 1, 1, 3, 3]
        assert run_of_number(connection, 5) is None
        assert [each.series for each in summaries(connection)] == [before, SERIES]
