"""preflight/cli/history.py, history_text.py and diff.py"""

import csv
import io
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path

import jsonschema
import pytest

from preflight.cli import entry
from preflight.history.record import record, record_in
from preflight.history.store import writing
from preflight.model import Stage, Status
from tests.fakes.closed_schema import closed
from tests.fakes.runs import SERIES, check, run, wrong

Call = Callable[..., tuple[int, str, str]]


@pytest.fixture(autouse=True)
def in_utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Live in Greenwich, in winter."""
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Call:
    """Run a command in a folder whose project has a history; return exit code, output and errors."""
    project = tmp_path / "project"
    project.mkdir()
    path = tmp_path / "h.db"
    series = replace(SERIES, project=str(project))
    other = replace(SERIES, project="/srv/other", selection='{"offline": true}', stage=Stage.BEFORE)
    with writing(path) as connection:
        for place in range(60):
            bad = [wrong()] if 20 <= place < 30 else []
            late = [wrong("old", status=Status.WARN)] if place > 55 else []
            record_in(connection, series, run(5 * place, check("pin-file"), check("image-pullable", *bad, *late)))
        record_in(connection, other, run(400, check("pin-file", wrong())))
    monkeypatch.chdir(project)
    monkeypatch.setenv("PREFLIGHT_HISTORY", str(path))
    monkeypatch.setenv("COLUMNS", "100")

    def run_command(*arguments: str) -> tuple[int, str, str]:
        code = entry(arguments)
        said = capsys.readouterr()
        return code, said.out, said.err

    return run_command


def test_the_changes_of_this_folders_project(call: Call, tmp_path: Path) -> None:
    """Newest first, with how long each state lasted; what still is wrong stands above."""
    code, out, err = call("history")

    assert (code, err) == (0, "")
    assert out == (
        f"{tmp_path}/project, stage after\n"
        "  60 runs since 2026-11-23 12:00 +0000, the last at 2026-11-23 16:55 +0000\n"
        "  exit 0\n"
        "  still warn: image-pullable/old, container web, for 15m\n"
        "\n"
        "  WHEN                    CHANGE     STATUS    WHAT                                 AFTER\n"
        "  2026-11-23 16:40 +0000  new        warn      image-pullable/old, container web\n"
        "  2026-11-23 14:30 +0000  recovered  FAIL      image-pullable/moved, container web  50m\n"
        "  2026-11-23 13:40 +0000  new        FAIL      image-pullable/moved, container web\n"
    )


def test_one_check_over_time(call: Call) -> None:
    """A sparkline, and only its changes; of one code only that."""
    code, out, _ = call("history", "--check", "image-pullable")
    _, moved, _ = call("history", "--check", "image-pullable/moved")
    _, pin, _ = call("history", "--check", "pin-file")

    assert code == 0
    assert f"  [{'▁' * 20}{'█' * 11}{'▁' * 25}{'▄' * 4}]\n" in out
    assert "until its last change: FAIL 50m, ok 3h 50m" in out
    assert f"  [{'▁' * 20}{'█' * 11}{'▁' * 29}]\n" in moved
    assert "image-pullable/old" not in moved
    assert f"  [{'▁' * 60}]\n" in pin
    assert "nothing changed" in pin


@pytest.mark.parametrize(
    ("named", "words"),
    [
        ("image-pullabel", "no run of the check image-pullabel is recorded, did you mean image-pullable?"),
        ("image-pullable/movde", "the check image-pullable has no failure movde, did you mean moved?"),
    ],
)
def test_a_check_that_is_misspelt_is_refused(call: Call, named: str, words: str) -> None:
    """Nothing would be found, which looks like all well."""
    code, out, err = call("history", "--check", named)

    assert (code, out) == (2, "")
    assert words in err


def test_a_code_that_never_was_wrong_is_no_mistake(call: Call) -> None:
    """The check declares it."""
    code, out, _ = call("history", "--check", "image-pullable/gone")

    assert code == 0
    assert "nothing changed" in out


def test_the_hour_that_comes_twice_is_told_apart(call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In autumn the clock on the wall shows half past two twice; what lasted an hour lasted an hour."""
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    night = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    bad, good = (replace(run(0, check("pin-file", *found)), started=night + timedelta(hours=hour))
                 for hour, found in enumerate(([wrong()], [])))  # fmt: skip
    with writing(tmp_path / "h.db") as connection:
        for report in (bad, good):
            record_in(connection, replace(SERIES, project=str(tmp_path / "project"), stage=Stage.BEFORE), report)

    _, out, _ = call("history", "--check", "pin-file", "-n", "2")

    rows = [line.split() for line in out.splitlines() if "2026-10-25" in line][-2:]
    assert [(row[1], row[2], row[3], row[-1]) for row in rows] == [
        ("02:30", "+0100", "recovered", "1h"),
        ("02:30", "+0200", "new", "web"),
    ]


def test_for_programs(call: Call) -> None:
    """JSON and CSV with UTC."""
    _, text, _ = call("history", "--format", "json", "--check", "image-pullable", "-n", "2")
    _, table, _ = call("history", "--format", "csv", "--since", "2026-11-23T14:00")

    [series] = json.loads(text)["series"]
    assert [change["change"] for change in series["changes"]] == ["new", "recovered"]
    assert series["changes"][1]["lasted_s"] == 3000
    assert series["timeline"][1] == {
        "since": "2026-11-23T13:40:00.000Z", "until": "2026-11-23T14:30:00.000Z", "status": "fail",
    }  # fmt: skip
    rows = list(csv.DictReader(io.StringIO(table)))
    assert [(row["at"], row["code"], row["before"], row["after"]) for row in rows] == [
        ("2026-11-23T16:40:00.000Z", "old", "", "warn"),
        ("2026-11-23T14:30:00.000Z", "moved", "fail", ""),
    ]


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("history", ["history", "--all"]),
        ("history", ["history", "--check", "image-pullable"]),
        ("diff", ["diff", "1", "21"]),
        ("diff", ["diff", "30", "60"]),
        ("diff", ["diff", "1", "2"]),
    ],
)
def test_documents_are_as_their_schema_says(call: Call, name: str, arguments: list[str]) -> None:
    """The published schema describes each key: the manual's tables are made from it."""
    schema = json.loads(files("preflight.history").joinpath(f"{name}.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)

    _, text, _ = call(*arguments, "--format", "json")

    jsonschema.validate(json.loads(text), closed(schema), format_checker=jsonschema.FormatChecker())


def test_all_projects(call: Call) -> None:
    """That with the newest run first; its selection is named."""
    _, out, _ = call("history", "--all")

    assert out.startswith("/srv/other, stage before, offline\n")
    assert "exit 1, bad for 0s" in out
    assert "project, stage after" in out


def test_more_changes_than_there_can_be_are_refused(call: Call) -> None:
    """The database has no such number."""
    code, _, said = call("history", "-n", "99999999999999999999")

    assert (code, "is not in the range" in said) == (2, True)


def test_where_nothing_is_recorded_nothing_is_claimed(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No file, and no run of this project: exit 3, with what to do."""
    for command in (["history"], ["diff"], ["history", "prune", "--keep", "90d"]):
        code, out, err = call(*command, "--history", str(tmp_path / "none.db"))
        assert (code, out) == (3, "")
        assert err.endswith("none.db: nothing is recorded\n  Record a run: preflight run --record\n")
    monkeypatch.chdir(tmp_path)
    code, _, err = call("history")
    assert code == 3
    assert f"no run of {tmp_path} is recorded\n  There are runs of: /srv/other, {tmp_path}/project." in err


def test_diff_answers_as_diff_does(call: Call) -> None:
    """0 for the same, 1 for another, 3 for no such run."""
    same, changed = call("diff"), call("diff", "20", "2026-11-23T13:42")

    assert (same[0], same[1].splitlines()[1]) == (0, "  nothing differs")
    assert changed[0] == 1
    assert changed[1] == (
        "run 20 at 2026-11-23 13:35 +0000 > run 21 at 2026-11-23 13:40 +0000\n"
        "  exit code: 0 > 1\n"
        "  image-pullable: pass > fail\n"
        "  new        FAIL   image-pullable/moved, container web\n"
        "             web is moved\n"
    )
    assert [line.split()[0] for line in call("diff", "21")[1].splitlines()[3:]] == ["new", "web", "recovered"]
    assert call("diff", "999")[0] == 3
    assert "there is no run 999" in call("diff", "999")[2]
    code, _, err = call("diff", "yesterday")
    assert code == 2
    assert "'yesterday' names no run: expected a day or a time" in err


def test_runs_that_were_asked_something_else_are_compared_with_a_remark(call: Call) -> None:
    """Two numbers can name runs of two projects."""
    assert call("diff", "20", "21")[2] == ""
    assert call("diff", "20", "61")[2].startswith("preflight: these runs differ in project, configuration, selection")


def test_one_run_differs_from_nothing(call: Call, tmp_path: Path) -> None:
    """There is nothing to compare it with."""
    record(tmp_path / "one.db", replace(SERIES, project=str(tmp_path / "project")), run(0, check("pin-file")))

    code, out, err = call("diff", "--history", str(tmp_path / "one.db"))

    assert (code, out) == (3, "")
    assert "one.db: only one run is recorded" in err


def test_diff_for_programs(call: Call) -> None:
    """One document."""
    code, text, _ = call("diff", "--format", "json", "1", "21")

    document = json.loads(text)
    assert code == 1
    assert document["checks"] == [{"check": "image-pullable", "before": "pass", "after": "fail"}]
    assert [(each["code"], each["change"], each["message"]) for each in document["findings"]] == [
        ("moved", "new", "web is moved")
    ]


def test_prune_says_what_it_forgot(call: Call) -> None:
    """Everything here is older than a day."""
    code, out, _ = call("history", "prune", "--keep", "0")

    assert code == 0
    assert out.startswith("61 runs forgotten, 0 kept (")
    assert call("history")[0] == 3
