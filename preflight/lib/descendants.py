"""Ends whatever was started below this process, also what left its process group (Linux, /proc)."""

import os
import signal
import time
from contextlib import suppress
from pathlib import Path

from preflight.lib import interrupts

_GRACE_S = 3.0
_PARENT = 1
"""Place of the parent's id after the name in /proc/PID/stat (proc(5), field 4)."""


def end_descendants() -> None:
    """Ask each to end (SIGTERM), and kill (SIGKILL) those that are still there three seconds later."""
    with interrupts.hold:
        below = descendants(os.getpid())
        _send(below, signal.SIGTERM)
        end = time.monotonic() + _GRACE_S
        while (left := [pid for pid in below if _runs(pid)]) and time.monotonic() < end:
            time.sleep(0.02)
        _send({*left, *descendants(os.getpid())} if left else (), signal.SIGKILL)


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


def _send(pids: "list[int] | set[int] | tuple[()]", number: int) -> None:
    for pid in pids:
        with suppress(ProcessLookupError, PermissionError):
            os.kill(pid, number)


def _runs(pid: int) -> bool:
    """Whether a process is there and has not ended, buried or not."""
    with suppress(OSError):
        return _fields(Path(f"/proc/{pid}"))[0] not in "ZX"
    return False


def _parent(folder: Path) -> int | None:
    with suppress(OSError):
        return int(_fields(folder)[_PARENT])
    return None


def _fields(folder: Path) -> list[str]:
    return (folder / "stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
