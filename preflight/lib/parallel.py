"""Several calls side by side, each abandoned when time is up. Imports only errors and deadlines."""

import math
import queue
import threading
import time
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from preflight.errors import CouldNotLook, DeadlineExceeded
from preflight.lib.deadline import Deadline

T = TypeVar("T")

_AT_ONCE = 8
_SILENCE_S = 0.003
"""Without an answer, after which more threads are worth their while."""
_here = threading.local()
"""What a thread that was started here knows: `until`, the moment at which its caller gives up."""


def together(
    calls: Sequence[Callable[[], T]],
    deadline: Deadline,
    what: str,
    *,
    at_once: int = _AT_ONCE,
    at_first: int | None = None,
) -> tuple[T | CouldNotLook, ...]:
    """Make all calls in threads of their own and return their answers in order.

    A call that hangs costs nobody else's answer: it is left behind in a daemon thread.

    Args:
        calls: What to do.
        deadline: When the last answer must be there.
        what: Named in the error of a call that did not come back, e.g. "the Docker engine".
        at_once: How many run at the same time.
        at_first: How many to begin with, for calls that may well be quick: threads that all compute hold each other
            up. Their number is doubled whenever no answer came for 3 ms.

    Returns:
        For each call its answer, or the ``CouldNotLook`` that it raised.

    Raises:
        Exception: Whatever else a call raised.
    """
    crew = _Crew(calls, deadline, at_once, at_first or at_once)
    late = DeadlineExceeded(
        f"{what} did not answer in time", "Look why it hangs, or give `preflight run` more time with --timeout."
    )
    found: list[T | CouldNotLook] = [late] * len(calls)
    while (arrived := crew.next_answer()) is not None:
        place, answer = arrived
        if isinstance(answer, BaseException) and not isinstance(answer, CouldNotLook):
            raise answer
        found[place] = answer
    return tuple(found)


def one(call: Callable[[], T], deadline: Deadline, what: str) -> T:
    """Make one call that may hang; see ``together``.

    In a thread that is itself left behind no later, it is made at once: a thread of its own costs as much as a
    request to a registry nearby.

    Raises:
        CouldNotLook: The call raised it, or did not come back in time.
    """
    if getattr(_here, "until", math.inf) <= deadline.at:
        return call()
    (answer,) = together([call], deadline, what)
    if isinstance(answer, CouldNotLook):
        raise answer
    return answer


class _Crew(Generic[T]):
    """Threads that take calls from one list until it is empty; more of them while answers are slow."""

    def __init__(self, calls: Sequence[Callable[[], T]], deadline: Deadline, at_once: int, at_first: int) -> None:
        self._calls, self._deadline = calls, deadline
        self._most, self._outstanding, self._size = min(at_once, len(calls)), len(calls), 0
        self._pending: queue.SimpleQueue[int] = queue.SimpleQueue()
        self._answers: queue.SimpleQueue[tuple[int, T | BaseException]] = queue.SimpleQueue()
        for place in range(len(calls)):
            self._pending.put(place)
        self._grow(at_first)

    def next_answer(self) -> tuple[int, T | BaseException] | None:
        """Wait for the place and the answer of one more call; None after the last one, and when time is up."""
        while self._outstanding:
            left = max(0.0, self._deadline.at - time.monotonic())
            patience = left if self._size == self._most else min(left, _SILENCE_S)
            try:
                arrived = self._answers.get(timeout=patience)
            except queue.Empty:
                if patience == left:
                    return None
                self._grow(self._size)
            else:
                self._outstanding -= 1
                return arrived
        return None

    def _grow(self, more: int) -> None:
        for _ in range(min(more, self._most - self._size)):
            threading.Thread(target=self._work, daemon=True).start()
            self._size += 1

    def _work(self) -> None:
        _here.until = self._deadline.at
        while not self._deadline.expired:
            try:
                place = self._pending.get_nowait()
            except queue.Empty:
                return
            try:
                self._answers.put((place, self._calls[place]()))
            except CouldNotLook as error:
                self._answers.put((place, error))
            except BaseException as error:  # noqa: BLE001 -- handed to the caller, who raises it
                self._answers.put((place, error))
                return
