"""preflight/run/settling.py"""

from preflight.check import could_not_look, passed
from preflight.model import CheckResult, Failure, Finding, Status
from preflight.run.settling import Waiting, unsettled
from tests.fakes.checks import about

STALE = Failure("stale", "It is stale.", "Deploy.", settles=True)
BAD = Failure("bad", "It is bad.", "Fix it.")


def result(check_id: str, *findings: Finding) -> CheckResult:
    """Return a result."""
    return CheckResult(about(check_id), findings, 0.1)


def fail(failure: Failure) -> Finding:
    """Return a finding of a declared failure."""
    return Finding(Status.FAIL, failure.says, failure.fix, failure=failure)


def test_what_time_can_end_is_asked_again() -> None:
    """A container that is still old, and what could not be seen just now."""
    results = [result("a", passed("x")), result("b", fail(STALE)), result("c", could_not_look("x", hint="y"))]

    assert unsettled(results, strict=False) == ("b", "c")


def test_a_failure_that_stands_ends_the_waiting() -> None:
    """Nobody waits for a pin that is no digest."""
    assert unsettled([result("a", fail(BAD)), result("b", fail(STALE))], strict=False) == ()


def test_all_is_well() -> None:
    """Nothing to wait for."""
    assert unsettled([result("a", passed("x"))], strict=True) == ()


def test_the_time_to_wait_ends() -> None:
    """None at all never sleeps."""
    assert Waiting(0.0).pause() is False
    waiting = Waiting(0.01)
    assert waiting.pause() is True
    assert waiting.pause() is False
