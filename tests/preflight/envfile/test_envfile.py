"""Tests of preflight/envfile by example; test_against_compose.py beside it compares with the real Compose."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from preflight.envfile import (
    Assignment,
    EnvFile,
    EnvFileFolder,
    EnvFileMissing,
    EnvFileRefused,
    EnvFileSyntaxError,
    parse_env,
    read_env_file,
)
from preflight.errors import CouldNotLook
from tests.limits import cpu_at_most


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A=1", Assignment("A", "1", 1)),
        ("\n# c\n\n  A = 1  \r\n", Assignment("A", "1", 4)),
        ("export A=1", Assignment("A", "1", 1)),
        ("A: 1", Assignment("A", "1", 1)),
        ("A=1 # c", Assignment("A", "1", 1)),
        ("A=1#c", Assignment("A", "1#c", 1)),
        ("A=\nB=2", Assignment("A", "", 1)),
        ("A", Assignment("A", None, 1)),
        ("A\n", Assignment("A", None, 1)),
        ("A='$B # x'", Assignment("A", "$B # x", 1)),
        ('A="x\ny" # c', Assignment("A", "x\ny", 1)),
        (r'A="a\tb\"c\\"', Assignment("A", 'a\tb"c\\', 1)),
        ("A='it\\'s'", Assignment("A", "it's", 1)),
        (r'A="\$B"', Assignment("A", "$B", 1)),
        (r'A="\0101\08\c"', Assignment("A", "A\\8\\c", 1)),
        ("A=a$$b", Assignment("A", "a$b", 1)),
        ("A=x\0y", Assignment("A", "x\0y", 1)),
        ("\ufeffA=1", Assignment("A", "1", 1)),
        ("A=${B:-d}/x", Assignment("A", "d/x", 1, ("B",))),
        ("A=$B${C}$B", Assignment("A", "", 1, ("B", "C"))),
        ("A=${B-${C:-d}}", Assignment("A", "d", 1, ("B", "C"))),
        ("A=${B+x}${B:+y}", Assignment("A", "", 1, ("B",))),
        ("A=$ $1 $(id)", Assignment("A", "$ $1 $(id)", 1)),
    ],
)
def test_first_assignment(text: str, expected: Assignment) -> None:
    """Each form of the dialect is read as Compose reads it."""
    assert parse_env(text)[0] == expected


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("A='x", 1, "a quote (') is opened and never closed"),
        ('X=1\n\nA="x\ny', 3, 'a quote (") is opened and never closed'),
        ("A B=1", 1, "a variable name contains a space"),
        ("A B\n", 1, "a variable name contains a space"),
        ("X='\n\n'\nA+=1", 4, "character '+' in a variable name"),
        ("export ", 1, "'export' without a name"),
        ("A=${", 1, "a value cannot be interpolated: its interpolation is malformed"),
        ("A=${B:-x", 1, "a value cannot be interpolated: its interpolation is malformed"),
        ("A=${B?secret}", 1, "a value cannot be interpolated: it requires B, which is not set"),
        ("A=" + "${B:-" * 50 + "}" * 50, 1, "a value cannot be interpolated: its interpolation is nested"),
    ],
)
def test_what_compose_refuses(text: str, line: int, reason: str) -> None:
    """A refusal names the line where the statement begins, and quotes no value."""
    with pytest.raises(EnvFileSyntaxError) as caught:
        parse_env(text)

    assert caught.value.line == line
    assert caught.value.reason.startswith(reason)
    assert "secret" not in str(caught.value)


def test_earlier_lines_are_seen_and_the_shell_beats_them() -> None:
    """A value may use names defined above; what is set outside counts more."""
    text = "R=ghcr.io\nA=$R/x"

    assert parse_env(text)[1].value == "ghcr.io/x"
    assert parse_env(text, outside={"R": "evil.example"})[1].value == "evil.example/x"
    assert parse_env("A=${B?}", outside={"B": "1"})[0].value == "1"


def test_several_statements_on_one_line() -> None:
    """What follows a closing quote is the next statement."""
    assert parse_env("A='1' B=2\nexport\n=x") == (
        Assignment("A", "1", 1),
        Assignment("B", "2", 1),
        Assignment("", "x", 3),
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A='$B' # c", Assignment("A", "'$B' # c", 1)),
        ("# c\r\n  A= 1 \r\n", Assignment("A", " 1 ", 2)),
        ("A\n", Assignment("A", None, 1)),
    ],
)
def test_raw_format(text: str, expected: Assignment) -> None:
    """`format: raw` interprets nothing."""
    assert parse_env(text, raw=True) == (expected,)


@pytest.mark.parametrize("text", ["=1", "A B=1", "A\t=1"])
def test_raw_format_refuses(text: str) -> None:
    """`format: raw` refuses a missing name and a space in one."""
    with pytest.raises(EnvFileSyntaxError):
        parse_env(text, raw=True)


def test_file_is_read(tmp_path: Path) -> None:
    """A file knows all assignments of a name and the one that counts."""
    path = tmp_path / "x.env"
    path.write_bytes(b"\xef\xbb\xbfA=1\r\nB\r\nA=2\r\n")

    file = read_env_file(path)

    assert file == EnvFile(path, (Assignment("A", "1", 1), Assignment("B", None, 2), Assignment("A", "2", 3)))
    assert file.all("A") == (file.assignments[0], file.assignments[2])
    assert file.last("A") == file.assignments[2]
    assert file.last("C") is None


def test_second_byte_order_mark_is_part_of_the_name(tmp_path: Path) -> None:
    """Compose passes over one mark, not two."""
    path = tmp_path / "x.env"
    path.write_text("\ufeff\ufeffA=1")

    with pytest.raises(EnvFileRefused):
        read_env_file(path)


def test_each_thing_that_is_no_env_file_has_its_error(tmp_path: Path) -> None:
    """A missing file, a dangling link, a folder and a refused file can be told apart."""
    (tmp_path / "dangling").symlink_to("nowhere")
    (tmp_path / "refused").write_text("A=1\nB='")

    for name in ("nowhere", "dangling", "refused/below"):
        with pytest.raises(EnvFileMissing, match="there is no file"):
            read_env_file(tmp_path / name)
    with pytest.raises(EnvFileFolder, match="is a folder"):
        read_env_file(tmp_path)
    with pytest.raises(EnvFileRefused, match=r"refused:2: a quote") as caught:
        read_env_file(tmp_path / "refused")
    assert (caught.value.line, caught.value.reason) == (2, "a quote (') is opened and never closed")


def test_unfit_files_are_errors_of_one_line(tmp_path: Path) -> None:
    """A loop of links, a FIFO, a huge file and bytes that are no UTF-8 end at once in one line."""
    (tmp_path / "loop").symlink_to("loop")
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "huge").write_bytes(b"#" * (1 << 21))
    (tmp_path / "binary").write_bytes(b"A=1\nB=\xff")

    for name, words in (
        ("loop", "links"),
        ("fifo", "no regular file"),
        ("huge", "larger"),
        ("binary", ":2 is not UTF-8"),
    ):
        with pytest.raises(CouldNotLook, match=words) as caught:
            read_env_file(tmp_path / name)
        assert "\n" not in caught.value.message


def refused_at(text: str, *, raw: bool = False) -> int | None:
    """Return the line at which a text is refused; None where it is read."""
    try:
        parse_env(text, raw=raw)
    except EnvFileSyntaxError as error:
        return error.line
    return None


@pytest.mark.parametrize(
    "text",
    [
        "A=" + "${B:-" * 200_000,
        "A=" + "${B:-x}" * 140_000,
        "A=" + "${B}" * 250_000,
        "A=" + "{${B:-{" * 140_000 + "}" * 10,
        "A=1\n" * 200_000,
        "#\n" * 500_000,
        'A="' + "\\" * 1_000_000,
        "A" * 1_000_000,
        "A='1' " * 170_000,
    ],
)
def test_hostile_files_end_soon(text: str) -> None:
    """A file of one MiB that is made to be slow is read, or refused, in about a second."""
    with cpu_at_most(20):  # far more than it needs, for slow machines; quadratic would take hours
        assert refused_at(text) in {None, 1}


@given(st.text(max_size=60), st.booleans())
def test_no_text_makes_another_error(text: str, raw: bool) -> None:
    """Whatever a file holds, it is read or refused, and lines are within it."""
    refused = refused_at(text, raw=raw)
    lines = [each.line for each in parse_env(text, raw=raw)] if refused is None else [refused]

    assert all(1 <= line <= text.count("\n") + 1 for line in lines)
