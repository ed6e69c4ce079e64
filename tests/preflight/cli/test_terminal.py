"""preflight/cli/terminal.py"""

import io

import pytest

from preflight.cli import terminal


class Tty(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("choice", "environ", "tty", "expected"),
    [
        ("auto", {}, True, True),
        ("auto", {}, False, False),
        ("always", {"NO_COLOR": "1", "TERM": "dumb"}, False, True),
        ("never", {"FORCE_COLOR": "1"}, True, False),
        ("auto", {"NO_COLOR": "1", "FORCE_COLOR": "1"}, True, False),
        ("auto", {"NO_COLOR": ""}, True, True),
        ("auto", {"CLICOLOR_FORCE": "1", "TERM": "dumb"}, False, True),
        ("auto", {"CLICOLOR_FORCE": "0"}, False, False),
        ("auto", {"FORCE_COLOR": "1"}, False, True),
        ("auto", {"TERM": "dumb"}, True, False),
    ],
)
def test_who_decides_about_colour(choice: str, environ: dict[str, str], *, tty: bool, expected: bool) -> None:
    """--color, then NO_COLOR, then CLICOLOR_FORCE/FORCE_COLOR, then TERM=dumb, then the terminal."""
    assert terminal.use_color(choice, environ, Tty() if tty else io.StringIO()) is expected


def test_a_closed_stream_is_no_terminal() -> None:
    """Cron may close what it likes."""
    stream = io.StringIO()
    stream.close()

    assert not terminal.is_terminal(stream)


def test_the_width_is_80_without_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """COLUMNS decides, a pipe has 80, nothing is narrower than 40."""
    monkeypatch.setattr("os.isatty", lambda _fd: False)
    monkeypatch.delenv("COLUMNS", raising=False)
    assert terminal.width() == 80
    for columns, width in (("132", 132), ("3", 40), ("x", 80)):
        monkeypatch.setenv("COLUMNS", columns)
        assert terminal.width() == width
