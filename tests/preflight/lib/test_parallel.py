"""preflight/lib/parallel.py."""

import threading
import time

import pytest

from preflight.errors import CouldNotLook, DeadlineExceeded
from preflight.lib.deadline import Deadline
from preflight.lib.parallel import one, together
from tests.limits import not_waiting_for


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


def test_quick_calls_stay_in_the_threads_they_began_with(monkeypatch: pytest.MonkeyPatch) -> None:
    """Threads that all compute would only hold each other up."""
    monkeypatch.setattr("preflight.lib.parallel._SILENCE_S", 4.0)  # a busy machine is slow without meaning it
    names: set[str] = set()
    together([lambda: names.add(threading.current_thread().name)] * 50, Deadline.after(5), "it", at_once=8, at_first=1)
    assert len(names) == 1


def test_slow_calls_get_more_threads() -> None:
    """Up to as many as are allowed, and then they run side by side."""
    everybody = threading.Barrier(4)
    answers = together([lambda: everybody.wait(10)] * 4, Deadline.after(10), "it", at_once=4, at_first=1)
    assert set(answers) == {0, 1, 2, 3}


def test_one_call_needs_no_thread_where_somebody_gives_up_in_time_anyway() -> None:
    """A caller with less time than those around it still gets a thread that can be left behind."""
    deadline = Deadline.after(5)

    def threads() -> tuple[bool, bool]:
        here = threading.current_thread()
        return (
            one(lambda: threading.current_thread() is here, deadline, "it"),
            one(lambda: threading.current_thread() is here, Deadline.after(1), "it"),
        )

    assert together([threads], deadline, "it") == ((True, False),)


def test_a_call_within_a_call_is_left_behind_with_it() -> None:
    """What hangs in the thread of another still costs nobody more than its time."""
    deadline, never = Deadline.after(0.2), threading.Event()
    with not_waiting_for(600):
        (found,) = together([lambda: one(lambda: never.wait(600), deadline, "inner")], deadline, "outer")
    assert isinstance(found, DeadlineExceeded)
    never.set()
