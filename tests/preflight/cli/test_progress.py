"""preflight/cli/progress.py"""

import pytest

from preflight.cli.progress import NoProgress, ProgressLine, progress
from tests.fakes.checks import about


def test_the_line_names_what_still_runs(capsys: pytest.CaptureFixture[str]) -> None:
    """Each start and end draws the line anew; in the end it is gone; stdout stays untouched."""
    line = ProgressLine()
    line.planned(2)
    line.started(about("a"))
    line.started(about("b"))
    line.finished(about("a"))
    line.close()

    out, err = capsys.readouterr()
    assert out == ""
    assert err.split("\r\x1b[K")[1:] == ["checking 0/2: a", "checking 0/2: a, b", "checking 1/2: b", ""]


def test_there_is_none_without_a_terminal(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Pipes, cron and -q see nothing."""
    quiet = progress(quiet=True)
    quiet.planned(1)
    quiet.started(about("a"))
    quiet.finished(about("a"))
    quiet.close()
    assert capsys.readouterr().err == ""
    assert type(progress(quiet=False)) is NoProgress

    monkeypatch.setattr("preflight.cli.progress.is_terminal", lambda _stream: True)
    assert type(progress(quiet=False)) is ProgressLine
    assert type(progress(quiet=True)) is NoProgress
