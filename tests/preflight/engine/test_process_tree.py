"""preflight/engine/process_tree.py: what one `cat` prints of several processes."""

import pytest

from preflight.engine.process_environ import Reading
from preflight.engine.process_tree import BOTH, Head, question, read_both, read_head, read_processes

UUID = b"123e4567-e89b-42d3-a456-426614174000\n"
STATUS = b"Name:\tsh\nUid:\t1000\t0\t0\t0\nGid:\t5\t5\t5\t5\n"


@pytest.mark.parametrize(
    ("data", "head"),
    [
        (b"sh\n" + STATUS + b"7 12 ", Head("sh", (7, 12), "1000:5")),
        (b"sh\n" + STATUS, Head("sh", (), "1000:5")),
        (b"java\n", Head("java")),
        (b"a b\n" + STATUS + b"../x 7", Head("a b", (7,), "1000:5")),
        (b"no name is as long as this\n", None),
        (b"", None),
    ],
)
def test_what_is_known_of_a_process(data: bytes, head: Head | None) -> None:
    """Name, children and user, as far as the kernel tells them."""
    assert read_head(data) == head


def test_processes_are_told_apart_by_random_lines() -> None:
    """One that has ended is left out; an empty environment while something could not be read was not read."""
    first = UUID + b"sh\n" + UUID + b"A=1\0" + UUID
    printed = first + b"" + UUID + b"" + UUID + b"x\n" + UUID + b"" + UUID

    found = read_processes((1, 2, 3), 1, printed)

    assert found is not None
    assert [(each.pid, each.environ.reading) for each in found] == [(1, Reading.WHOLE), (3, Reading.REFUSED)]
    assert found[1].environ.path == "/proc/3/environ"
    whole = read_processes((1, 2, 3), 0, printed)
    assert whole is not None
    assert whole[1].environ.reading is Reading.WHOLE
    assert len(question((1, 2, 3))) == 2 + 6 * 3


@pytest.mark.parametrize(
    ("exit_code", "printed"),
    [
        (0, b""),
        (0, b"A=1\0"),
        (137, UUID + b"sh\n" + UUID + b"A=1\0" + UUID),
        (0, UUID + b"sh\n" + UUID + b"A=1\0" + UUID + b"B=1\0" + UUID),
        (0, UUID + b"sh\n" + UUID + b"A=1\n" + UUID + UUID),
        (0, b"x" + UUID + b"sh\n" + UUID + UUID),
        (0, UUID + b"sh\n" + UUID + b"A=1"),
    ],
)
def test_what_cannot_be_told_apart_is_not_read(exit_code: int, printed: bytes) -> None:
    """A line too few or too many, something before or behind, a program that was killed."""
    assert read_processes((1,), exit_code, printed) is None


def test_two_environments_at_once() -> None:
    """That of `cat` itself comes first."""
    both = read_both(0, b"A=1\0" + UUID + b"sleep\n" + STATUS + b"7 " + UUID + b"A=2\0" + UUID)

    assert both is not None
    assert (both.own, both.first.head.children, dict(both.first.environ.environment)) == (b"A=1\0", (7,), {"A": "2"})
    assert "A=1" not in repr(both)
    for printed in (b"", UUID + b"sh\n" + UUID + UUID, b"A=1\0" + UUID, b"OCI runtime exec failed\r\n"):
        assert read_both(0, printed) is None
    assert BOTH[:3] == ("cat", "/proc/self/environ", "/proc/sys/kernel/random/uuid")
