"""Several calls side by side, each abandoned when time is up. Imports only errors and deadlines."""

import queue
import threading
import time
from collections.abc import Callable, Sequence
from typing import TypeVar

from preflight.deadline import Deadline
from preflight.errors import CouldNotLook, DeadlineExceeded

T = TypeVar("T")

_AT_ONCE = 8


def together(
    calls: Sequence[Callable[[], T]], deadline: Deadline, what: str, *, at_once: int = _AT_ONCE
) -> tuple[T | CouldNotLook, ...]:
    """Make all calls in threads of their own and return their answers in order.

    A call that hangs costs nobody else's answer: it is left behind in a daemon thread.

    Args:
        calls: What to do.
        deadline: When the last answer must be there.
        what: Named in the error of a call that did not come back, e.g. "the Docker engine".
        at_once: How many run at the same time.

    Returns:
        For each call its answer, or the ``CouldNotLook`` that it raised.

    Raises:
        Exception: Whatever else a call raised.
    """
    pending: queue.SimpleQueue[int] = queue.SimpleQueue()
    for place in range(len(calls)):
        pending.put(place)
    answers: queue.SimpleQueue[tuple[int, T | BaseException]] = queue.SimpleQueue()
    for _ in range(min(at_once, len(calls))):
        threading.Thread(target=_work, args=(calls, pending, answers, deadline), daemon=True).start()
    late = DeadlineExceeded(f"{what} did not answer in time", "Look why it hangs, or give more time with --timeout.")
    found: list[T | CouldNotLook] = [late] * len(calls)
    for _ in calls:
        try:
            place, answer = answers.get(timeout=max(0.0, deadline.at - time.monotonic()))
        except queue.Empty:
            break
        if isinstance(answer, BaseException) and not isinstance(answer, CouldNotLook):
            raise answer
        found[place] = answer
    return tuple(found)


def one(call: Callable[[], T], deadline: Deadline, what: str) -> T:
    """Make one call that may hang; see ``together``.

    Raises:
        CouldNotLook: The call raised it, or did not come back in time.
    """
    (answer,) = together([call], deadline, what)
    if isinstance(answer, CouldNotLook):
        raise answer
    return answer


def _work(
    calls: Sequence[Callable[[], T]],
    pending: "queue.SimpleQueue[int]",
    answers: "queue.SimpleQueue[tuple[int, T | BaseException]]",
    deadline: Deadline,
) -> None:
    while not deadline.expired:
        try:
            place = pending.get_nowait()
        except queue.Empty:
            return
        try:
            answers.put((place, calls[place]()))
        except BaseException as error:  # noqa: BLE001 -- handed to the caller, who raises it
            answers.put((place, error))
