"""A file that others may change at the same time: locked by its folder, and exchanged as a whole or not at all."""

import errno
import fcntl
import os
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from preflight.errors import CouldNotLook
from preflight.lib.files import read_bytes
from preflight.lib.text import printable

_PATIENCE_S = 5.0
_MOST_BYTES = 8 * 1024 * 1024


@contextmanager
def folder_lock(path: Path) -> Iterator[None]:
    """Have a file's folder for oneself, among all preflights that change a file in it; leaves no file behind.

    Raises:
        CouldNotLook: Another one has it for too long, or this user may not read the folder.
    """
    try:
        folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        raise _unwritable(path, error) from error
    try:
        _lock(folder, path)
        yield
    finally:
        os.close(folder)


def _lock(folder: int, path: Path) -> None:
    limit = time.monotonic() + _PATIENCE_S
    while True:
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            if time.monotonic() > limit:
                raise CouldNotLook(
                    f"another preflight is changing {printable(str(path))}", "Wait for it, then try again."
                ) from error
            time.sleep(0.02)
        except OSError as error:
            raise _unwritable(path, error) from error
        else:
            return


def exchange(path: Path, before: bytes, after: bytes) -> None:
    """Replace the old content by the new: a reader, and a crash, sees one or the other, never half.

    Owner, permissions and extended attributes stay. Call it with ``folder_lock`` held.

    Args:
        path: The file; no link.
        before: What it must still hold.
        after: What it gets.

    Raises:
        CouldNotLook: It cannot be replaced, or holds something else by now; it is what it was.
    """
    temporary = path.with_name(f".{path.name}.preflight")
    try:
        known = path.stat()
        if not known.st_mode & 0o222:
            raise CouldNotLook(
                f"{printable(str(path))} is read-only; it was left alone", "Make it writable first (`chmod u+w`)."
            )
        temporary.unlink(missing_ok=True)  # left by one that was killed; we hold the lock
        try:
            _write(temporary, after, path, known)
            if read_bytes(path, limit=_MOST_BYTES, what="the file") != before:
                raise CouldNotLook(f"{printable(str(path))} changed meanwhile; it was left alone", "Try again.")
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
        _sync_folder(path.parent)
    except OSError as error:
        raise _unwritable(path, error) from error


def _write(temporary: Path, data: bytes, path: Path, known: os.stat_result) -> None:
    """Write the new file with the owner, permissions and extended attributes (SELinux) of the old."""
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        mine = os.fstat(handle)
        if (mine.st_uid, mine.st_gid) != (known.st_uid, known.st_gid):
            os.fchown(handle, known.st_uid, known.st_gid)
        os.fchmod(handle, stat.S_IMODE(known.st_mode))
        _copy_attributes(path, handle)
        os.fsync(handle)


def _copy_attributes(path: Path, handle: int) -> None:
    try:
        names = os.listxattr(path)
    except OSError:
        return  # a file system without any
    for name in names:
        try:
            os.setxattr(handle, name, os.getxattr(path, name))
        except OSError:
            if not name.startswith(("security.", "trusted.")):  # those are root's; the folder's default stands in
                raise


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _unwritable(path: Path, error: OSError) -> CouldNotLook:
    reason = (error.strerror or "unknown reason").lower()
    hint = "Run it as the owner of the file; file and folder must be writable, and the file no mount of its own."
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        hint = "Make room on that disk, then try again."
    return CouldNotLook(f"{printable(str(path))} cannot be replaced: {reason}; it was left alone", hint)
