"""preflight/engine/process_environ.py."""

import pytest

from preflight.engine.process_environ import MainProcess, Reading, read_environ


@pytest.mark.parametrize(
    ("data", "reading", "found"),
    [
        (b"", Reading.WHOLE, {}),
        (b"A=1\0B=\0", Reading.WHOLE, {"A": "1", "B": ""}),
        (b"A=1\0A=2\0C=x=y\n\xff", Reading.WHOLE, {"A": "1", "C": "x=y\n\udcff"}),
        (b"nginx: master process nginx\0", Reading.OVERWRITTEN, {}),
        (b"nginx: master process nginx -g a=b\0", Reading.OVERWRITTEN, {}),
        (b"redis-server *:6379\0\0\0\0", Reading.OVERWRITTEN, {}),
        (b"\0\0\0\0", Reading.OVERWRITTEN, {}),
        (b"le of a value\0B=2\0", Reading.OVERWRITTEN, {"B": "2"}),
        (b"=1\0", Reading.OVERWRITTEN, {}),
    ],
)
def test_reading(data: bytes, reading: Reading, found: dict[str, str]) -> None:
    """Nothing at all is an answer; a title in its place is none."""
    seen = read_environ(data)
    assert (seen.reading, dict(seen.environment)) == (reading, found)


@pytest.mark.parametrize(
    ("data", "differs"),
    [
        (b"", True),
        (b"A=1\0", True),
        (b"VAR=other\0", True),
        (b"VAR=right\0", False),
        (b"title\0VAR=other\0", True),
        (b"title\0VAR=right\0", False),
        (b"title\0A=1\0", False),
    ],
)
def test_what_was_read_is_evidence(data: bytes, *, differs: bool) -> None:
    """A value that is there counts even in what is left; a missing one only in the whole."""
    assert read_environ(data).differs("VAR", "right") is differs


def test_what_was_not_read_is_none() -> None:
    """It says so instead."""
    seen = MainProcess(Reading.REFUSED, path="/proc/17/environ")
    assert (seen.has("VAR"), seen.differs("VAR", "right")) == (False, False)
    assert str(seen) == "process 17 does not let its environment be read"
    assert str(read_environ(b"")) == "/proc/1/environ too"
