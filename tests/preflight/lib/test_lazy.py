"""preflight/lib/lazy.py"""

import threading

import pytest

from preflight.lib.lazy import Lazy


def test_the_value_is_made_once_and_only_when_asked_for() -> None:
    """Also with several threads at once."""
    made: list[object] = []
    started = threading.Barrier(8)

    def make() -> object:
        made.append(object())
        return made[-1]

    value = Lazy(make)
    assert not made
    answers: list[object] = []

    def ask() -> None:
        started.wait()
        answers.append(value())

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert answers == made * 8


def test_a_value_that_could_not_be_made_is_tried_again() -> None:
    """The exception goes to whoever asked."""
    problems = [OSError("no"), None]

    def make() -> str:
        if problem := problems.pop(0):
            raise problem
        return "made"

    value = Lazy(make)

    with pytest.raises(OSError, match="no"):
        value()
    assert value() == "made"
