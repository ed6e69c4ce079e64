"""preflight/history/record.py"""

from dataclasses import replace
from pathlib import Path

import pytest

from preflight.history.body import whole
from preflight.history.changes import kind
from preflight.history.past import past
from preflight.history.queries import summaries
from preflight.history.record import can_be_recorded, record
from preflight.history.store import reading, reading_recorded
from preflight.model import Stage
from preflight.report import Report
from preflight.run.reporters.json_report import as_data
from tests.fakes.reports import EVERYTHING
from tests.fakes.runs import SERIES, at, check, history, run, wrong


def test_the_first_run_is_compared_with_all_good(tmp_path: Path) -> None:
    """A good one changes nothing."""
    path = history(tmp_path)

    good, bad = record(path, SERIES, run(0, check("tag"))), record(path, SERIES, run(5, check("tag", wrong())))

    assert (good.changes, good.last_exit_code, good.bad_since) == ((), 0, None)
    assert [(kind(change), change.lasted_s) for change in bad.changes] == [("new", None)]
    assert (bad.number, bad.last_exit_code) == (2, 0)


def test_a_state_is_told_once_and_its_end_with_its_duration(tmp_path: Path) -> None:
    """Over five runs."""
    path = history(tmp_path)
    told = [
        record(path, SERIES, run(minute, check("tag", *([wrong()] if bad else []))))
        for minute, bad in ((0, True), (5, True), (10, False), (15, False), (40, True))
    ]

    assert [[kind(change) for change in each.changes] for each in told] == [["new"], [], ["recovered"], [], ["new"]]
    assert told[2].changes[0].lasted_s == 600
    assert told[4].changes[0].lasted_s == 1800, "so long it had been well"
    assert [each.last_exit_code for each in told] == [0, 1, 1, 0, 0]
    assert [each.bad_since for each in told] == [None, at(0), at(0), None, None]


def test_each_series_is_compared_with_itself(tmp_path: Path) -> None:
    """The same failure is new in each."""
    path = history(tmp_path)
    record(path, SERIES, run(0, check("tag", wrong())))

    for other in (
        replace(SERIES, stage=Stage.BEFORE),
        replace(SERIES, selection='{"only": ["tag"]}'),
        replace(SERIES, configuration="/etc/preflight.yaml"),
        replace(SERIES, project="/srv/other"),
    ):
        assert [kind(each) for each in record(path, other, run(5, check("tag", wrong()))).changes] == ["new"]


def test_a_project_with_a_new_name_keeps_its_history(tmp_path: Path) -> None:
    """A configuration elsewhere once named its project after its own folder."""
    path = history(tmp_path)
    old = replace(SERIES, project="/etc/preflight", configuration="/etc/preflight/app.yaml")
    record(path, old, run(0, check("tag", wrong())))
    new = replace(old, project="/srv/app", former=("/etc/preflight",))

    assert len(past(path, new).runs) == 1
    assert record(path, new, run(5, check("tag", wrong()))).changes == ()
    with reading_recorded(path) as connection:
        assert [(each.series.project, each.runs) for each in summaries(connection)] == [("/srv/app", 2)]


def test_what_is_kept_is_the_json_report(tmp_path: Path) -> None:
    """All of it, and the same findings only once."""
    path = history(tmp_path)
    record(path, SERIES, EVERYTHING)
    record(path, SERIES, replace(EVERYTHING, started=at(5), duration_s=0.75))

    with reading(path) as connection:
        assert connection is not None
        [(packed, durations)] = connection.execute(
            "SELECT DISTINCT report, durations FROM run JOIN body ON body.id = run.body"
        ).fetchall()
    data = as_data(EVERYTHING)
    assert whole(packed, str(data["started"]), 0.5, durations) == data


@pytest.mark.parametrize(
    ("report", "can"),
    [
        (run(0, check("tag")), True),
        (run(0, check("tag", wrong())), True),
        (run(0, check("tag"), code=143), False),
        (Report("1", "host", at(0), 0.0, (), 2, "no such check"), False),
    ],
    ids=["good", "bad", "interrupted", "nothing checked"],
)
def test_only_whole_runs_are_recorded(report: Report, can: bool) -> None:
    """A run that was interrupted would seem to have recovered."""
    assert can_be_recorded(report) is can
