"""preflight/lib/exceptions.py"""

import runpy
from pathlib import Path

import pytest

from preflight.lib.exceptions import describe_exception, trace

SECRET = "TOKEN=hunter2"


def fail(depth: int) -> None:
    """Fail at that depth, with a secret in the text, a variable and a line of source."""
    token = SECRET
    if depth:
        fail(depth - 1)
    raise ValueError(f"cannot parse {token}")


def caught(depth: int = 0) -> BaseException:
    """Return the exception as somebody catches it."""
    try:
        fail(depth)
    except ValueError as error:
        return error
    raise AssertionError


def test_kind_and_innermost_line_without_the_text() -> None:
    """The text may quote what the code was reading."""
    line = fail.__code__.co_firstlineno + 5

    assert describe_exception(caught(3)) == f"ValueError at lib/test_exceptions.py:{line}"
    assert describe_exception(KeyError(SECRET)) == "KeyError"


def test_a_syntax_error_is_where_the_file_is_wrong() -> None:
    """And not where it was compiled."""
    with pytest.raises(SyntaxError) as error:
        compile(f"x = 1\n{SECRET} = (", "/srv/acme/checks.py", "exec")

    assert describe_exception(error.value) == "SyntaxError at acme/checks.py:2"
    assert SECRET not in "".join(trace(error.value))


def test_a_trace_has_files_lines_and_functions_and_no_value() -> None:
    """Neither text, nor source, nor variables."""
    lines = trace(caught(1))

    assert lines[0].startswith("ValueError at lib/test_exceptions.py:")
    assert [line.rpartition(", ")[2] for line in lines[1:]] == ["caught", "fail", "fail"]
    assert lines[1].startswith(f"in {__file__}:")
    assert "hunter2" not in "".join(lines)


def test_a_trace_goes_through_the_causes() -> None:
    """As Python shows them, unless the author cut them off."""

    def again(*, cut: bool) -> None:
        try:
            fail(0)
        except ValueError as error:
            if cut:
                raise KeyError(SECRET) from None
            raise KeyError(SECRET) from error

    for cut, kinds in ((False, ["KeyError", "caused by ValueError"]), (True, ["KeyError"])):
        with pytest.raises(KeyError) as error:
            again(cut=cut)
        lines = trace(error.value)
        assert [line.partition(" at ")[0] for line in lines if not line.startswith("in ")] == kinds
        assert "hunter2" not in "".join(lines)


def test_a_trace_is_bounded() -> None:
    """An endless recursion, or an endless chain, is a page."""
    lines = trace(caught(500))

    assert len(lines) == 42
    assert lines[11] == "(462 more)"

    first = error = KeyError()
    for _ in range(50):
        error.__cause__ = KeyError()
        error = error.__cause__
    assert len(trace(first)) == 5


def test_control_characters_of_a_file_name_are_gone(tmp_path: Path) -> None:
    """A hostile file name cannot steer the terminal."""
    script = tmp_path / "a\x1b[2Jb.py"
    script.write_text("1 / 0")

    with pytest.raises(ZeroDivisionError) as error:
        runpy.run_path(str(script))

    assert "\x1b" not in "".join(trace(error.value))
