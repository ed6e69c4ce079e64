"""preflight/together.py."""

import threading
import time

import pytest

from preflight.deadline import Deadline
from preflight.errors import CouldNotLook, DeadlineExceeded
from preflight.together import one, together


def test_answers_come_in_order() -> None:
    """However long each call takes."""

    def slow() -> str:
        time.sleep(0.02)
        return "slow"

    assert together([slow, lambda: "quick"], Deadline.after(5), "it") == ("slow", "quick")
    assert together([], Deadline.after(5), "it") == ()


def test_calls_run_at_the_same_time_but_not_more_than_allowed() -> None:
    """Else many replicas would start many execs at once."""
    now, most, lock = [0], [0], threading.Lock()

    def call() -> None:
        with lock:
            now[0] += 1
            most[0] = max(most[0], now[0])
        time.sleep(0.02)
        with lock:
            now[0] -= 1

    together([call] * 9, Deadline.after(5), "it", at_once=3)
    assert most[0] == 3


def test_one_that_hangs_costs_nobody_elses_answer() -> None:
    """It is left behind."""
    forever = threading.Event()
    try:
        hung, answered = together([lambda: forever.wait() and "no", lambda: "yes"], Deadline.after(0.1), "the engine")
        assert answered == "yes"
        assert isinstance(hung, DeadlineExceeded)
        assert hung.message == "the engine did not answer in time"
    finally:
        forever.set()


def test_what_could_not_be_seen_stands_in_its_place() -> None:
    """Anything else is raised."""

    def blind() -> str:
        raise CouldNotLook("dark")

    def broken() -> str:
        raise RuntimeError("our mistake")

    first, second = together([blind, lambda: "seen"], Deadline.after(5), "it")
    assert isinstance(first, CouldNotLook)
    assert second == "seen"
    with pytest.raises(RuntimeError, match="our mistake"):
        together([broken], Deadline.after(5), "it")


def test_one_raises_what_its_call_raised() -> None:
    """Or gives its answer."""

    def blind() -> str:
        raise CouldNotLook("dark")

    assert one(lambda: 7, Deadline.after(5), "it") == 7
    with pytest.raises(CouldNotLook, match="dark"):
        one(blind, Deadline.after(5), "it")


def test_nothing_begins_when_no_time_is_left() -> None:
    """The answer is that there was none."""
    with pytest.raises(DeadlineExceeded):
        one(lambda: 7, Deadline.after(-1), "it")
