"""Ends whatever was started below this process, also what left its process group (Linux, /proc)."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from preflight.lib import interrupts

_GRACE_S = 3.0
_ROUNDS = 50
_PARENT = 1
"""Place of the parent's id after the name in /proc/PID/stat (proc(5), field 4)."""


def end_descendants(mark: str = "") -> None:
    """Ask each to end (SIGTERM), and kill (SIGKILL) those that are still there three seconds later.

    Args:
        mark: A text that stands only in the environment of processes that were started below this one; those that have
            made themselves nobody's children, as a connection of ssh that is kept open, are found by it.
    """
    with interrupts.hold:
        asked: set[int] = set()
        end = time.monotonic() + _GRACE_S
        while (left := _left(asked, mark)) and time.monotonic() < end:
            _send(left - asked, signal.SIGTERM)
            asked |= left
            time.sleep(0.02)
        for _ in range(_ROUNDS if left else 0):  # one that is killed may have started another
            _send(left, signal.SIGKILL)
            time.sleep(0.02)
            if not (left := _left(asked, mark)):
                return


def descendants(pid: int) -> list[int]:
    """Return the ids of all processes below one, parents first."""
    children: dict[int, list[int]] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal() and (parent := _parent(folder)) is not None:
            children.setdefault(parent, []).append(int(folder.name))
    found = [*children.get(pid, ())]
    for each in found:  # grows meanwhile
        found += children.get(each, ())
    return found


def _left(known: set[int], mark: str) -> set[int]:
    """Return which processes below this one are there and have not ended, buried or not."""
    found = known | {*descendants(os.getpid())} | ({*_marked(mark)} if mark else set())
    return {pid for pid in found if _runs(pid)}


def _marked(mark: str) -> Iterator[int]:
    """Yield the processes with a text in their environment, as far as we may read it."""
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal() and int(folder.name) != os.getpid():
            with suppress(OSError):
                if mark.encode() in (folder / "environ").read_bytes():
                    yield int(folder.name)


def _send(pids: set[int], number: int) -> None:
    for pid in pids:
        with suppress(ProcessLookupError, PermissionError):
            os.kill(pid, number)


def _runs(pid: int) -> bool:
    with suppress(OSError):
        return _fields(Path(f"/proc/{pid}"))[0] not in "ZX"
    return False


def _parent(folder: Path) -> int | None:
    with suppress(OSError):
        return int(_fields(folder)[_PARENT])
    return None


def _fields(folder: Path) -> list[str]:
    return (folder / "stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
