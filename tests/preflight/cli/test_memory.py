"""preflight/cli/memory.py"""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from preflight.cli.memory import Memory
from preflight.errors import ConfigurationError
from preflight.history.past import past
from preflight.report import Past
from preflight.run.config import Configuration
from tests.fakes.runs import check, history, run, wrong


def options(tmp_path: Path, **given: Any) -> dict[str, Any]:
    """Return the options of ``run``."""
    selecting = dict.fromkeys(("only", "skip", "tag", "allow", "checks_dir"), ())
    weighing = dict.fromkeys(("offline", "deep", "strict", "record"), False)
    plain = {**selecting, **weighing, "history": None, "stage": "after", "configuration": Configuration(None, tmp_path)}
    return {**plain, **given}


def memory(tmp_path: Path, *formats: str, **given: Any) -> Memory:
    """Return what a run with these options has to do with earlier ones."""
    return Memory.from_options(options(tmp_path, **given), {"HOME": str(tmp_path)}, frozenset(formats))


def test_by_default_nothing_is_kept_or_read(tmp_path: Path) -> None:
    """A run has nothing to do with earlier ones unless it is told so."""
    report = run(0, check("tag"))

    assert memory(tmp_path, "table").remember(report).report is report
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("named", [True, False])
def test_a_run_is_recorded(tmp_path: Path, *, named: bool) -> None:
    """In the platform's folder, or in the file that is named: that alone asks for it."""
    path = history(tmp_path) if named else tmp_path / ".local/state/preflight/history.db"
    one = memory(tmp_path, "table", **({"history": path} if named else {"record": True}))

    told = one.remember(run(0, check("tag", wrong())))

    assert told.problem == ""
    assert told.recorded is not None
    assert len(told.recorded.changes) == 1
    assert told.report.past == Past(), "no format draws it"
    assert one.series is not None
    assert len(past(path, one.series).runs) == 1


def test_a_format_that_draws_it_gets_the_past(tmp_path: Path) -> None:
    """Also from a run that is not recorded itself."""
    recording, looking = memory(tmp_path, "html", record=True), memory(tmp_path, "html", "table")

    first = recording.remember(run(0, check("tag", wrong()))).report
    second = recording.remember(run(5, check("tag"))).report
    third = looking.remember(run(10, check("tag"))).report

    assert (len(first.past.runs), len(first.past.changes)) == (0, 1), "what this run changed is there"
    assert (len(second.past.runs), len(second.past.changes)) == (1, 2)
    assert (len(third.past.runs), len(third.past.changes)) == (2, 2)


def test_without_a_history_a_page_is_drawn_without_it(tmp_path: Path) -> None:
    """And none is made for it."""
    told = memory(tmp_path, "html").remember(run(0, check("tag")))

    assert (told.problem, told.report.past) == ("", Past())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("code", "after"), [(0, 2), (1, 1), (3, 3)])
def test_what_cannot_be_kept_hides_no_result(tmp_path: Path, code: int, after: int) -> None:
    """As a report that cannot be written: it is said, and only a pass is not one any more."""
    (tmp_path / "state").write_text("no folder")
    report = run(0, check("tag"), code=code)

    told = memory(tmp_path, "table", history=history(tmp_path)).remember(report)

    assert told.report == replace(report, exit_code=after)
    assert str(history(tmp_path)) in told.problem
    assert "--history FILE" in told.problem


def test_where_it_is_kept_must_be_clear_beforehand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for the checks to learn that."""
    monkeypatch.setattr("os.geteuid", lambda: 1000)

    with pytest.raises(ConfigurationError, match="not clear where the history is"):
        Memory.from_options(options(tmp_path, record=True), {}, frozenset({"table"}))
