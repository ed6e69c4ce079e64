"""One process at a time: a lock that the kernel lets go of when its holder ends, however it ends."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from preflight.errors import CouldNotLook
from preflight.lib.records import frozen

_EVERY_S = 0.1


@frozen
class Words:
    """What to say where the lock cannot be had.

    Args:
        holder: Who else may hold it, e.g. ``another run of this hook``.
        let_go: What to do about a holder that does not end.
        elsewhere: What to do where the file cannot be made or locked.
    """

    holder: str
    let_go: str
    elsewhere: str


class Busy(CouldNotLook):
    """Somebody else holds the lock."""


@contextmanager
def held(path: Path, wait_s: float, words: Words) -> Iterator[float]:
    """Hold the lock for the length of a block.

    Args:
        path: The lock file; made if need be, and left there.
        wait_s: Seconds to wait for somebody else who holds it.
        words: For the errors.

    Yields:
        The seconds that were spent waiting; 0 when the lock was free.

    Raises:
        Busy: Somebody else holds the lock for longer.
        CouldNotLook: The file cannot be made or locked.
    """
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        reason = (error.strerror or "unknown reason").lower()
        raise CouldNotLook(f"the lock {path} cannot be had: {reason}", words.elsewhere) from error
    try:
        yield _wait(handle, wait_s, words)
    finally:
        os.close(handle)  # which lets go of the lock


def _wait(handle: int, wait_s: float, words: Words) -> float:
    began, waited = time.monotonic(), 0.0
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            waited = time.monotonic() - began
            if waited >= wait_s:
                after = f" after {wait_s:.0f} s" if wait_s else ""
                raise Busy(f"{words.holder} is still busy{after}", words.let_go) from None
            time.sleep(min(_EVERY_S, wait_s - waited))
        except OSError as error:  # a file system that knows no locks
            reason = (error.strerror or "unknown reason").lower()
            raise CouldNotLook(f"the folder of the lock cannot be locked: {reason}", words.elsewhere) from error
        else:
            return waited
