"""Tests of preflight/workflows/scripts/commands.py."""

from preflight.workflows.scripts.commands import commands, joined


def spans(text: str) -> list[tuple[int, int]]:
    """Return the lines of each command."""
    return list(commands(text.split("\n")))


def test_a_backslash_at_the_end_goes_on() -> None:
    """An odd number of them does, in a comment none does; the last command may be left open."""
    assert spans("a\nb \\\nc\nd") == [(0, 1), (1, 3), (3, 4)]
    assert spans("a\\\\\nb") == [(0, 1), (1, 2)]
    assert spans("# a \\\nb") == [(0, 1), (1, 2)]
    assert spans("a \\\r\nb") == [(0, 2)]
    assert spans("a\nb \\") == [(0, 1), (1, 2)]


def test_a_command_is_one_line() -> None:
    """Backslashes at the ends of its lines are taken off."""
    assert joined(["a \\", "b\\\r", "c"]) == "a  b c"
