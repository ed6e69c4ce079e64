"""Ask once, answer many: checks that need the same answer share the one question."""

import threading
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from preflight.errors import CouldNotLook, DeadlineExceeded
from preflight.lib.deadline import Deadline

T = TypeVar("T")


class _Flight(Generic[T]):
    """One question under way, or answered."""

    def __init__(self) -> None:
        self.landed = threading.Event()
        self.answer: list[T] = []
        self.error: CouldNotLook | None = None


class Once(Generic[T]):
    """Answers by key; whoever asks first does the work, all others wait, each until their own deadline.

    An answer, and a ``CouldNotLook``, is kept for ever. A ``DeadlineExceeded`` is not: it tells of the
    asker's time, not of the world, so the next one who has time left asks again.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._flights: dict[Hashable, _Flight[T]] = {}

    def get(self, key: Hashable, ask: Callable[[], T], deadline: Deadline, what: str) -> T:
        """Return the answer for ``key``, from ``ask()`` if nobody has asked yet.

        Args:
            key: What tells this question from others.
            ask: Does the work; raises ``CouldNotLook`` when it cannot.
            deadline: The deadline of this caller.
            what: Named when the deadline passes, e.g. "docker compose config".

        Raises:
            CouldNotLook: ``ask`` raised it, now or for an earlier caller.
            DeadlineExceeded: No answer in time.
        """
        while True:
            with self._lock:
                flight = self._flights.get(key)
                mine = flight is None
                if flight is None:
                    flight = self._flights[key] = _Flight()
            if mine:
                return self._fly(key, flight, ask)
            if not flight.landed.wait(deadline.remaining(what)):
                deadline.remaining(what)
            if flight.answer:
                return flight.answer[0]
            if flight.error is not None:
                raise flight.error.again()

    def _fly(self, key: Hashable, flight: _Flight[T], ask: Callable[[], T]) -> T:
        try:
            answer = ask()
        except DeadlineExceeded:
            self._forget(key, flight)
            raise
        except CouldNotLook as error:
            flight.error = error
            raise
        except BaseException:  # raised again: nobody else gets it for an answer
            self._forget(key, flight)
            raise
        else:
            flight.answer.append(answer)
            return answer
        finally:
            flight.landed.set()

    def _forget(self, key: Hashable, flight: _Flight[T]) -> None:
        with self._lock:
            if self._flights.get(key) is flight:
                del self._flights[key]
