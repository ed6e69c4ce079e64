"""preflight/cli/report.py: a saved report in another format."""

import io
import json
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from preflight.cli import entry
from preflight.report import Style
from preflight.run.reporters.json_report import render
from preflight.run.reporters.table_report import render as render_table
from tests.fakes.reports import EVERYTHING
from tests.real.cli import PreflightCli


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A saved report."""
    path = tmp_path / "report.json"
    path.write_text(render(EVERYTHING, Style()))
    return path


def test_a_saved_report_is_printed_again(file: Path, tmp_path: Path, preflight_cli: PreflightCli) -> None:
    """On standard output and in files, from a file or standard input. The exit code is 0: it could be printed."""
    outputs = ("--output", "json=again.json", "--output", "line=a.txt")
    printed = preflight_cli("report", "report.json", *outputs, cwd=tmp_path)
    assert (printed.returncode, printed.stderr) == (0, "")
    assert printed.stdout.split() == render_table(EVERYTHING, Style()).split()
    assert json.loads((tmp_path / "again.json").read_text()) == json.loads(file.read_text())
    assert "FAIL b-fail" in (tmp_path / "a.txt").read_text()

    piped = preflight_cli("report", "-", "--format", "line", cwd=tmp_path, stdin=file.read_text())
    assert piped.stdout == (tmp_path / "a.txt").read_text()


def test_a_report_that_cannot_be_written_ends_with_2(file: Path, preflight_cli: PreflightCli) -> None:
    """Also where the run itself had failed."""
    done = preflight_cli("report", file.name, "--output", f"line={'x' * 255}", cwd=file.parent)

    assert done.returncode == 2
    assert "could not be written: file name too long" in done.stderr


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "standard input: line 1: expected JSON: expecting value"),
        ("{}", "standard input: the document: expected the key schema"),
        ('{"schema": "preflight/0"}', "standard input: schema: expected preflight/1, found preflight/0"),
        ("x" * (16 * 1024 * 1024 + 1), "standard input is larger than 16 MiB"),
        (None, "standard input is closed"),
    ],
    ids=["empty", "no-schema", "older", "large", "closed"],
)
def test_bad_input_is_refused_with_what_was_expected(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], text: str | None, words: str
) -> None:
    """In one line, with what to do."""
    monkeypatch.setattr(sys, "stdin", None if text is None else io.TextIOWrapper(io.BytesIO(text.encode())))

    assert entry(["report", "-"]) == 2
    said = capsys.readouterr().err
    assert f"preflight: {words}" in said
    assert "Name a file that `preflight run --output json=FILE` wrote." in said


@pytest.mark.parametrize(
    ("began", "age", "words"),
    [
        (timedelta(minutes=-20), "15m", "the run of this report began 20m ago; --max-age is 15m"),
        (timedelta(hours=2, seconds=30), "1h", "the run of this report begins in 2h, by this clock; --max-age is 1h"),
    ],
)
def test_an_old_report_is_refused(
    file: Path, capsys: pytest.CaptureFixture[str], began: timedelta, age: str, words: str
) -> None:
    """A monitor would take it for today's; so it is with one that a clock gone wrong has written."""
    file.write_text(render(replace(EVERYTHING, started=datetime.now(UTC) + began), Style()))

    assert entry(["report", str(file), "--max-age", age]) == 2
    assert f"preflight: {words}" in capsys.readouterr().err


def test_a_recent_report_is_not_refused(file: Path, preflight_cli: PreflightCli) -> None:
    """Also with the age from the environment."""
    file.write_text(render(replace(EVERYTHING, started=datetime.now(UTC)), Style()))
    done = preflight_cli("report", file.name, cwd=file.parent, env={"PREFLIGHT_MAX_AGE": "1h"})

    assert (done.returncode, done.stderr) == (0, "")


def test_a_bad_file_still_gives_a_program_its_document(tmp_path: Path, preflight_cli: PreflightCli) -> None:
    """As for `run`: on standard output and in the files of --output. A configuration plays no part."""
    (tmp_path / "bad.json").write_text("[]")
    (tmp_path / "preflight.yaml").write_text("output: [line=never.txt]\nnonsense: 1\n")
    done = preflight_cli("report", "bad.json", "--format", "json", "--output", "line=a.txt", cwd=tmp_path)

    assert (done.returncode, json.loads(done.stdout)["exit_code"]) == (2, 2)
    assert "preflight: bad.json: the document: expected an object, found a list" in done.stderr
    assert (tmp_path / "a.txt").read_text().startswith("ERROR preflight bad.json: the document: expected an object")
    assert not (tmp_path / "never.txt").exists()
