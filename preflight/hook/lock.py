"""One hook at a time: a lock that the kernel lets go of when its holder ends, however it ends."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from preflight.errors import CouldNotLook

_EVERY_S = 0.1


@contextmanager
def held(path: Path, wait_s: float) -> Iterator[float]:
    """Hold the lock for the length of a block.

    Args:
        path: The lock file; made if need be, and left there.
        wait_s: Seconds to wait for somebody else who holds it.

    Yields:
        The seconds that were spent waiting; 0 when the lock was free.

    Raises:
        CouldNotLook: The file cannot be made, or somebody else holds the lock for longer.
    """
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        reason = (error.strerror or "unknown reason").lower()
        raise CouldNotLook(
            f"the lock {path} cannot be had: {reason}",
            "Mount a volume for the state folder, or name another that can be written to: --state-dir.",
        ) from error
    try:
        yield _wait(handle, wait_s)
    finally:
        os.close(handle)  # which lets go of the lock


def _wait(handle: int, wait_s: float) -> float:
    began, waited = time.monotonic(), 0.0
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            waited = time.monotonic() - began
            if waited >= wait_s:
                raise CouldNotLook(
                    f"another run of this hook is still busy after {wait_s:.0f} s",
                    "Let it end, then deploy again; if it hangs, restart the container that it runs in.",
                ) from None
            time.sleep(min(_EVERY_S, wait_s - waited))
        except OSError as error:  # a file system that knows no locks
            reason = (error.strerror or "unknown reason").lower()
            raise CouldNotLook(
                f"the state folder cannot be locked: {reason}", "Use a folder on a local file system: --state-dir."
            ) from error
        else:
            return waited
