"""preflight/history/past.py"""

from pathlib import Path

import pytest

from preflight.history.errors import HistoryError
from preflight.history.past import CHANGES, RUNS, past
from preflight.history.record import record_in
from preflight.history.store import writing
from preflight.model import Stage, Status
from preflight.report import Past, PastCheck
from tests.fakes.runs import SERIES, at, check, history, run, wrong


def test_what_is_drawn_is_bounded(tmp_path: Path) -> None:
    """The newest 90 runs and 50 changes."""
    path = history(tmp_path)
    with writing(path) as connection:
        recorded = [
            record_in(connection, SERIES, run(minute, check("tag", *([wrong()] if minute % 2 else []))))
            for minute in range(120)
        ]
    last = recorded[-1]

    drawn = past(path, SERIES, last.number)

    assert [each.number for each in drawn.runs] == list(range(120 - RUNS, 120))
    assert (drawn.runs[-1].started, drawn.runs[-1].exit_code, drawn.runs[-1].duration_s) == (at(118), 0, 0.5)
    assert drawn.runs[-2].checks == {"tag": PastCheck(Status.FAIL, 0.25)}
    assert len(drawn.changes) == CHANGES
    assert drawn.changes[0] == last.changes[0], "newest first, those of the present run included"
    assert drawn.changes[1].after is None


def test_where_nothing_was_recorded_nothing_is_known(tmp_path: Path) -> None:
    """No file, or no run of this series; reading makes no file."""
    path = history(tmp_path)
    other = type(SERIES)(SERIES.project, "", "{}", Stage.BEFORE)

    assert past(path, SERIES) == Past()
    assert not path.exists()
    with writing(path) as connection:
        record_in(connection, SERIES, run(0, check("tag")))
    assert past(path, other) == Past()


def test_a_damaged_report_is_refused_in_words(tmp_path: Path) -> None:
    """The file is whole, and what it keeps is not."""
    path = history(tmp_path)
    with writing(path) as connection:
        record_in(connection, SERIES, run(0, check("tag")))
        connection.execute("UPDATE body SET report = x'0011'")

    with pytest.raises(HistoryError, match="a recorded report is damaged"):
        past(path, SERIES)


def test_an_empty_file_is_no_history_yet(tmp_path: Path) -> None:
    """As a run leaves it that was killed while it made the file."""
    (tmp_path / "h.db").touch()

    assert past(tmp_path / "h.db", SERIES) == Past()
