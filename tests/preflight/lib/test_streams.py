"""preflight/lib/streams.py"""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from preflight.lib.streams import LastingStream

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def full() -> Iterator[int]:
    """A file descriptor of a full disk."""
    number = os.open("/dev/full", os.O_WRONLY)
    yield number
    os.close(number)


def test_what_is_written_arrives(tmp_path: Path) -> None:
    """Text, in the encoding of the stream it stands in for."""
    with (tmp_path / "out").open("w", encoding="latin-1") as like:
        stream = LastingStream(like.fileno(), like)
        stream.write("für\n")
        stream.flush()

    assert (tmp_path / "out").read_bytes() == b"f\xfcr\n"
    assert stream.problem == ""


def test_a_full_disk_raises_nothing_and_is_told(full: int) -> None:
    """However much is written."""
    stream = LastingStream(full, None)
    for _ in range(3):
        print("x" * 100_000, file=stream, flush=True)

    assert stream.problem == "no space left on device"


def test_after_an_error_nothing_more_is_written(full: int, tmp_path: Path) -> None:
    """A document without its middle would be worse than none."""
    stream = LastingStream(full, None)
    print("beginning", file=stream, flush=True)
    with (tmp_path / "out").open("w") as file:
        stream.move(file.fileno())
        print("end", file=stream, flush=True)

    assert (tmp_path / "out").read_text() == ""


def test_a_reader_who_left_is_no_problem() -> None:
    """`preflight list | head`: they have seen enough."""
    reader, writer = os.pipe()
    os.close(reader)
    stream = LastingStream(writer, None)
    print("x", file=stream, flush=True)
    os.close(writer)

    assert stream.problem == ""


def test_a_stream_that_was_closed_is_a_problem_once_it_is_written() -> None:
    """`>&-`: nobody can read what is printed; a program that prints nothing is none the worse."""
    stream = LastingStream(os.open(os.devnull, os.O_WRONLY), None, is_closed=True)
    assert stream.problem == ""

    print("x", file=stream, flush=True)
    assert stream.problem == "it is closed"


def test_it_moves_with_what_was_written_before(tmp_path: Path) -> None:
    """What was printed before goes where it was meant to go."""
    with (tmp_path / "one").open("w") as one, (tmp_path / "two").open("w") as two:
        stream = LastingStream(one.fileno(), one)
        stream.write("first")
        stream.move(two.fileno())
        stream.write("second")
        stream.flush()

    assert ((tmp_path / "one").read_text(), (tmp_path / "two").read_text()) == ("first", "second")


def test_it_is_a_terminal_where_the_descriptor_is_one() -> None:
    """Colour and progress depend on it."""
    master, slave = os.openpty()

    assert LastingStream(slave, None).isatty()
    with Path(os.devnull).open("w") as file:
        assert not LastingStream(file.fileno(), None).isatty()
    os.close(master)
    os.close(slave)


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_no_file_takes_the_place_of_a_closed_stream(tmp_path: Path, closed: str) -> None:
    """What is printed would get into it."""
    script = f"""
import os, sys
from preflight.lib import streams
streams.install()
with open({str(tmp_path / "file")!r}, "w") as file:
    print(file.fileno() > 2, file=file, flush=True)
    print("out", flush=True); print("err", file=sys.stderr, flush=True); os.write(1, b"1"); os.write(2, b"2")
"""
    done = subprocess.run(
        ["sh", "-c", f'"$0" -c "$1" {closed}', sys.executable, script], cwd=ROOT, capture_output=True, check=False
    )

    assert done.returncode == 0
    assert (tmp_path / "file").read_text() == "True\n"


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_each_line_of_errors_is_written_at_once(unbuffered: str) -> None:
    """The process may end without another word of Python's."""
    script = "import os, sys\nfrom preflight.lib import streams\nstreams.install()\n"
    done = subprocess.run(
        [sys.executable, "-c", script + "print('said', file=sys.stderr)\nos._exit(0)"],
        cwd=ROOT,
        env={**os.environ, "PYTHONUNBUFFERED": unbuffered},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == "said\n"
