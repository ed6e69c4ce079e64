"""Temporary folders that say who made them, so that what a killed process left is told from what a living one uses."""

import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

from preflight.errors import CouldNotLook
from preflight.lib import interrupts

_PREFIX = "preflight-"
_PARTS = 3
_UNKNOWN = "unknown"
_START = 19
"""Place of the start time after the name in /proc/PID/stat (proc(5), field 22)."""


def me() -> str:
    """Return a name for this process that no other process has, now or later, before the next boot."""
    return f"{_namespace()}.{os.getpid()}.{_started(os.getpid())}"


def is_left(owner: str) -> bool:
    """Whether whoever made something is gone; False where that cannot be seen from here."""
    parts = owner.split(".")
    if len(parts) != _PARTS or not parts[1].isdecimal():
        return False
    namespace, pid, started = parts
    return namespace == _namespace() != _UNKNOWN and _started(int(pid)) != started


def temporary_folder(kind: str) -> Path:
    """Return a new empty folder, into which nobody else may look; ``remove_own_folders`` removes it.

    Args:
        kind: What it is for, one word, e.g. "git".

    Raises:
        CouldNotLook: There is no room for temporary files.
    """
    try:
        return Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{kind}-{me()}."))
    except OSError as error:
        raise CouldNotLook(
            "no temporary folder can be made",
            "Set TMPDIR to a folder that can be written to; for the image: docker run --tmpfs /tmp",
        ) from error


def remove_folder(path: Path) -> None:
    """Remove a folder with all that is in it, as far as we may; no link is followed, and a signal waits until then."""
    with interrupts.hold:
        shutil.rmtree(path, ignore_errors=True)


def remove_own_folders(kind: str) -> None:
    """Remove every folder of this kind and process, also one that was made in the moment of an interruption."""
    with suppress(OSError):
        for path in Path(tempfile.gettempdir()).glob(f"{_PREFIX}{kind}-{me()}.*"):
            remove_folder(path)


def remove_left_folders(kind: str) -> int:
    """Remove the folders of this kind that killed processes of ours left; return how many that were."""
    prefix, removed = f"{_PREFIX}{kind}-", 0
    with suppress(OSError):
        for path in Path(tempfile.gettempdir()).glob(f"{prefix}*"):
            owner = path.name.removeprefix(prefix).rpartition(".")[0]
            if is_left(owner) and not path.is_symlink() and path.lstat().st_uid == os.geteuid():
                remove_folder(path)
                removed += not path.exists()
    return removed


def _namespace() -> str:
    """Return what tells the processes of this boot and container from those of others, as hexadecimal digits."""
    boot = Path("/proc/sys/kernel/random/boot_id")
    try:
        return f"{boot.read_text().strip().replace('-', '')[:12]}{Path('/proc/self/ns/pid').stat().st_ino:x}"
    except OSError:
        return _UNKNOWN


def _started(pid: int) -> str:
    """Return when a process began, in ticks since boot; "" where there is none, or it has ended and is not buried."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if len(fields) <= _START or fields[0] in "ZX" else fields[_START]
