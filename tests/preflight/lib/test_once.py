"""preflight/lib/once.py"""

import threading
import time
from functools import partial
from pathlib import Path

import pytest

from preflight.envfile import EnvFileRefused, EnvFileSyntaxError
from preflight.errors import CouldNotLook, DeadlineExceeded
from preflight.lib.deadline import Deadline
from preflight.lib.once import Once
from tests.limits import not_waiting_for


def test_the_same_question_is_asked_once() -> None:
    """Later askers get the first answer; another key is another question."""
    asked: list[str] = []
    once: Once[int] = Once()

    def ask(name: str) -> int:
        asked.append(name)
        return len(asked)

    answers = [once.get(name, partial(ask, name), Deadline.after(5), "it") for name in ("a", "a", "b", "a")]

    assert answers == [1, 1, 2, 1]
    assert asked == ["a", "b"]


def test_those_who_ask_at_the_same_time_share_one_answer() -> None:
    """Ten threads cost one question."""
    started = threading.Event()
    asked: list[None] = []
    answers: list[int] = []
    once: Once[int] = Once()

    def ask() -> int:
        asked.append(None)
        started.wait(5)
        return 7

    threads = [
        threading.Thread(target=lambda: answers.append(once.get("k", ask, Deadline.after(5), "it"))) for _ in range(10)
    ]
    for thread in threads:
        thread.start()
    started.set()
    for thread in threads:
        thread.join(5)

    assert answers == [7] * 10
    assert len(asked) == 1


def test_a_waiting_thread_keeps_its_own_deadline() -> None:
    """Who has less time than the asker gives up in time."""
    release = threading.Event()
    once: Once[bool] = Once()
    slow = threading.Thread(target=lambda: once.get("k", lambda: release.wait(600), Deadline.after(600), "it"))
    slow.start()
    while not once._flights:
        time.sleep(0.001)

    with not_waiting_for(600), pytest.raises(DeadlineExceeded, match="no time left for it"):
        once.get("k", lambda: True, Deadline.after(0.05), "it")

    release.set()
    slow.join(60)


def test_a_failure_is_remembered() -> None:
    """What could not be seen is not asked for again, and keeps its words."""
    asked: list[None] = []
    once: Once[int] = Once()

    def ask() -> int:
        asked.append(None)
        raise CouldNotLook("it is not there", "Install it.")

    for _ in range(2):
        with pytest.raises(CouldNotLook, match="it is not there") as caught:
            once.get("k", ask, Deadline.after(5), "it")
        assert caught.value.hint == "Install it."
    assert len(asked) == 1


def test_a_failure_of_any_class_is_remembered(tmp_path: Path) -> None:
    """Also one that is made of other things than its words, and with all that it says besides."""
    once: Once[int] = Once()

    def ask() -> int:
        raise EnvFileRefused(tmp_path / "x.env", EnvFileSyntaxError(3, "a quote is open"))

    caught = []
    for _ in range(2):
        with pytest.raises(EnvFileRefused, match=r"x\.env:3: a quote is open") as raised:
            once.get("k", ask, Deadline.after(5), "it")
        caught.append(raised.value)
    assert caught[0] is not caught[1]
    assert (caught[1].line, caught[1].reason, caught[1].hint) == (3, "a quote is open", caught[0].hint)


@pytest.mark.parametrize("error", [DeadlineExceeded("late"), ZeroDivisionError()])
def test_lack_of_time_and_crashes_are_not_remembered(error: Exception) -> None:
    """They tell of the asker, not of the world: the next one asks again."""
    once: Once[int] = Once()

    def fail() -> int:
        raise error

    with pytest.raises(type(error)):
        once.get("k", fail, Deadline.after(5), "it")

    assert once.get("k", lambda: 1, Deadline.after(5), "it") == 1


def test_a_waiting_thread_takes_over_from_one_without_time() -> None:
    """When the asker runs out of time, a waiting thread that still has some asks itself."""
    release = threading.Event()
    once: Once[int] = Once()

    def late() -> int:
        release.wait(5)
        raise DeadlineExceeded("late")

    def first() -> None:
        with pytest.raises(DeadlineExceeded):
            once.get("k", late, Deadline.after(5), "it")

    asker = threading.Thread(target=first)
    asker.start()
    while not once._flights:
        time.sleep(0.001)
    threading.Timer(0.05, release.set).start()

    assert once.get("k", lambda: 2, Deadline.after(5), "it") == 2
    asker.join(5)
