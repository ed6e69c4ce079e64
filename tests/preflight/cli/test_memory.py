"""preflight/cli/memory.py"""

import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from preflight.cli.memory import Memory, series_of_options
from preflight.cli.output import NO_REMARKS, Outputs
from preflight.errors import ConfigurationError
from preflight.history.past import past
from preflight.project import ComposeProject
from preflight.report import Past, Report, Style
from preflight.run.config import Configuration
from tests.fakes.runs import check, history, run, wrong

pytestmark = pytest.mark.usefixtures("own_signals")


def options(tmp_path: Path, **given: Any) -> dict[str, Any]:
    """Return the options of ``run``."""
    selecting = dict.fromkeys(("only", "skip", "tag", "allow", "checks_dir"), ())
    weighing = dict.fromkeys(("offline", "deep", "strict", "record", "on_change"), False)
    plain = {
        **selecting,
        **weighing,
        "history": None,
        "remind": 86400.0,
        "stage": "after",
        "configuration": Configuration(None, tmp_path),
    }
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


def test_a_configuration_elsewhere_is_about_the_checkout_that_it_names(tmp_path: Path) -> None:
    """Also while that checkout is away: a run without it must not begin another history."""
    docker, configuration = tmp_path / "srv" / "app" / "docker", tmp_path / "etc" / "app.yaml"
    project = ComposeProject(configuration.parent, (docker / "compose.yaml",))
    given = options(tmp_path) | {"configuration": Configuration(configuration, configuration.parent, project=project)}

    away = series_of_options(given["configuration"], given)
    (docker.parent / ".git").mkdir(parents=True)
    there = series_of_options(given["configuration"], given)

    assert (there.project, there.configuration) == (str(docker.parent), str(configuration))
    assert {str(configuration.parent), away.project} <= {*there.former}
    assert there.project in away.former


def test_where_it_is_kept_must_be_clear_beforehand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for the checks to learn that."""
    monkeypatch.setattr("os.geteuid", lambda: 1000)

    with pytest.raises(ConfigurationError, match="not clear where the history is"):
        Memory.from_options(options(tmp_path, record=True), {}, frozenset({"table"}))


def printed(tmp_path: Path, report: Report, *, format_: str = "table", quiet: bool = False) -> tuple[int, str]:
    """Record a report with ``--on-change``; return exit code and standard output."""
    one = memory(tmp_path, format_, on_change=True)
    stream = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    told = one.remember(report)
    assert told.problem == ""
    code = Outputs(format_, Style(quiet=quiet), (), stream).write(told.report, told.remarks)
    stream.seek(0)
    return code, stream.read()


@pytest.mark.parametrize("quiet", [False, True])
def test_on_change_changes_what_is_printed_and_no_exit_code(tmp_path: Path, *, quiet: bool) -> None:
    """As cron mails it: one mail when it breaks, one a day later, one line when it is well."""
    bad, good = check("tag", wrong()), check("tag")
    runs = [(0, good), (5, bad), (10, bad), (60 * 24 + 5, bad), (60 * 24 + 10, good), (60 * 24 + 15, good)]

    said = [printed(tmp_path, run(minute, result), quiet=quiet) for minute, result in runs]

    assert [code for code, _ in said] == [0, 1, 1, 1, 0, 0]
    texts = [text for _, text in said]
    assert texts[1].startswith("new        FAIL   tag/moved, container web\n\npreflight 1.2.3 on host")
    assert texts[3].startswith("preflight on host, ")
    assert "still wrong after 1d (a reminder" in texts[3]
    assert texts[4].endswith("stage after: recovered after 1d: tag/moved, container web\n")
    assert texts[4].count("\n") == 1
    assert [texts[0], texts[2], texts[5]] == ["", "", ""]


def test_on_change_leaves_documents_for_programs_whole(tmp_path: Path) -> None:
    """What is printed at all is the document, also for a recovery."""
    printed(tmp_path, run(0, check("tag", wrong())), format_="json")

    _, nothing = printed(tmp_path, run(5, check("tag", wrong())), format_="json")
    _, text = printed(tmp_path, run(10, check("tag")), format_="json", quiet=True)

    assert nothing == ""
    assert json.loads(text)["exit_code"] == 0


def test_what_cannot_be_compared_is_printed(tmp_path: Path) -> None:
    """Silence would be taken for "as before"."""
    (tmp_path / "state").write_text("no folder")

    told = memory(tmp_path, "table", on_change=True, history=history(tmp_path)).remember(run(0, check("tag", wrong())))

    assert told.problem
    assert told.remarks == NO_REMARKS
