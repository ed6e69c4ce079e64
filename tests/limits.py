"""Limits that hold on a busy machine as well: work is measured in CPU time, and a wait against what hangs."""

import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def cpu_at_most(seconds: float, *, children: bool = False) -> Iterator[None]:
    """Fail if a block takes more CPU time.

    Args:
        seconds: User and system time of this process, all its threads included.
        children: Add that of the programs which the block starts and waits for.
    """
    began = _cpu_s(children=children)
    yield
    took = _cpu_s(children=children) - began
    assert took < seconds, f"{took:.2f} s of CPU time"


def _cpu_s(*, children: bool) -> float:
    if not children:
        return time.process_time()
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + used.ru_utime + used.ru_stime


@contextmanager
def not_waiting_for(seconds: float) -> Iterator[None]:
    """Fail if a block waits for the end of something that hangs for so many seconds."""
    began = time.monotonic()
    yield
    assert time.monotonic() - began < seconds
