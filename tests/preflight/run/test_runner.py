"""preflight/run/runner.py"""

import signal
import threading
import time
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from preflight.check import could_not_look, passed, skipped
from preflight.context import Context
from preflight.errors import CouldNotLook, DoesNotApply, ExitCode
from preflight.lib.deadline import Deadline
from preflight.lib.interrupts import Interrupted
from preflight.model import Finding, Status, Waiver
from preflight.run.runner import PlannedCheck, run_checks
from preflight.testing import fake_context
from tests.fakes.checks import Saying, Watcher, hang
from tests.limits import not_waiting_for

TODAY = date(2026, 1, 1)


def context(deadline: Deadline) -> Context:
    """Return a context with nothing behind its doors."""
    return replace(fake_context(), deadline=deadline)


def run(*checks: Saying, seconds: float = 5, jobs: int = 8, watcher: Watcher | None = None) -> list[Any]:
    """Run checks and return their results."""
    outcome = run_checks(
        [PlannedCheck(check) for check in checks],
        context,
        jobs=jobs,
        deadline=Deadline.after(seconds),
        observer=watcher or Watcher(),
    )
    assert outcome.stopped is None
    return list(outcome.results)


def test_answers_are_kept_in_the_order_of_the_plans() -> None:
    """The report's order does not depend on who answers first."""

    def slow(_ctx: Context) -> Iterable[Finding]:
        time.sleep(0.1)
        return [passed("slow")]

    results = run(Saying("a-slow", slow), Saying("b-quick", lambda _: [passed("quick")]))

    assert [result.about.id for result in results] == ["a-slow", "b-quick"]
    assert [finding.message for result in results for finding in result.findings] == ["slow", "quick"]


def test_a_crash_costs_nobody_elses_answer_and_quotes_nothing() -> None:
    """A crashing check is an error that names the line, not the text of the exception."""

    def crash(_ctx: Context) -> Iterable[Finding]:
        raise ValueError("PASSWORD=hunter2")

    crashed, fine = run(Saying("a", crash), Saying("b", lambda _: [passed("ok")]))

    assert crashed.status is Status.ERROR
    assert "ValueError at run/test_runner.py:" in crashed.findings[0].message
    assert "hunter2" not in repr(crashed)
    assert fine.status is Status.PASS


def test_what_was_said_before_a_crash_is_kept() -> None:
    """Findings before the crash stand beside the error."""

    def half(_ctx: Context) -> Iterable[Finding]:
        yield Finding(Status.FAIL, "seen", "fix it")
        raise SystemExit(0)

    [result] = run(Saying("a", half))

    assert [finding.status for finding in result.findings] == [Status.FAIL, Status.ERROR]


def test_a_hanging_check_is_given_up_and_the_others_are_heard() -> None:
    """A hang is an error after the check's share, and costs nobody else's answer."""
    with not_waiting_for(600):
        hung, fine = run(Saying("a", hang), Saying("b", lambda _: [passed("ok")]), seconds=2)

    assert hung.status is Status.ERROR
    assert "did not answer within its" in hung.findings[0].message
    assert fine.status is Status.PASS


def test_with_fewer_jobs_than_checks_each_has_a_share() -> None:
    """A check that hangs is given up early enough for the next one to answer within the whole run's time."""
    first, second = run(Saying("a", hang), Saying("b", lambda _: [passed("ok")]), seconds=4, jobs=1)

    assert (first.status, second.status) == (Status.ERROR, Status.PASS)


def test_no_more_run_at_once_than_jobs() -> None:
    """--jobs is a limit."""
    running, most = [0], [0]
    lock = threading.Lock()

    def count(_ctx: Context) -> Iterable[Finding]:
        with lock:
            running[0] += 1
            most[0] = max(most[0], running[0])
        time.sleep(0.02)
        with lock:
            running[0] -= 1
        return [passed("ok")]

    run(*(Saying(f"c{number}", count) for number in range(12)), jobs=3)

    assert most[0] == 3


UNCHECKED: Any = Finding
"""As an author without a type checker uses it."""


def test_a_check_that_says_nothing_has_not_passed() -> None:
    """Silence is an error."""
    [result] = run(Saying("a", lambda _: []))

    assert result.status is Status.ERROR
    assert result.findings[0].message == "the check said nothing"


def test_a_check_that_yields_something_else_is_an_error() -> None:
    """The author's mistake is named, not passed over."""
    said: Any = ["yes"]
    [result] = run(Saying("a", lambda _: said))

    assert result.status is Status.ERROR
    assert "TypeError" in result.findings[0].message


@pytest.mark.parametrize(
    "unfit",
    [
        UNCHECKED(Status.FAIL, "x", "h", {"key": {1, 2}}),
        UNCHECKED("fine", "x"),
        UNCHECKED(Status.PASS, None),
    ],
)
def test_a_finding_that_no_report_can_show_costs_nobody_elses_answer(unfit: Finding) -> None:
    """Evidence that is no JSON, a made-up status, no message: an error of that check alone."""
    bad, good = run(Saying("a", lambda _: [unfit]), Saying("b", lambda _: [passed("fine")]))

    assert [bad.status, good.status] == [Status.ERROR, Status.PASS]
    assert "the check crashed" in bad.findings[0].message


def test_what_is_nearly_plain_data_is_made_plain() -> None:
    """A status in words, tuples, and numbers that JSON cannot write are understood."""
    nearly = UNCHECKED("fail", "x", evidence={"n": float("nan"), "t": (1, 2)})
    [result] = run(Saying("a", lambda _: [nearly]))

    assert result.findings == (Finding(Status.FAIL, "x", evidence={"n": "nan", "t": [1, 2]}),)


def test_could_not_look_and_does_not_apply_become_error_and_skip() -> None:
    """What a door raises is said in its own words, with its hint."""

    def blind(_ctx: Context) -> Iterable[Finding]:
        raise CouldNotLook("the daemon is down", "Start it.")

    def elsewhere(_ctx: Context) -> Iterable[Finding]:
        raise DoesNotApply("no Coolify here")

    error, skip = run(Saying("a", blind), Saying("b", elsewhere))

    assert error.findings == (could_not_look("the daemon is down", hint="Start it."),)
    assert skip.findings == (skipped("no Coolify here"),)


def test_a_check_cannot_waive_itself() -> None:
    """Only the configuration grants waivers."""
    own = Waiver("a", "bad", TODAY, "please")
    [result] = run(Saying("a", lambda _: [Finding(Status.FAIL, "bad", "mend", waived=own)]))

    assert result.findings == (Finding(Status.FAIL, "bad", "mend"),)


def test_control_characters_of_a_finding_are_gone() -> None:
    """A finding that quotes a hostile file cannot steer the terminal."""
    [result] = run(Saying("a", lambda _: [Finding(Status.FAIL, "x\x1b[2Jy\r\nz", "a\u202eb", {"key": ["\x07"]})]))

    finding = result.findings[0]
    assert (finding.message, finding.hint, finding.evidence) == ("x [2Jy z", "a b", {"key": [""]})


def test_the_watcher_hears_of_every_start_and_end() -> None:
    """Progress is told as it happens."""
    watcher = Watcher()

    run(Saying("a", lambda _: [passed("ok")]), watcher=watcher)

    assert watcher.heard == ["planned 1", "started a", "finished a"]


def test_blocked_plans_are_not_run() -> None:
    """What is known beforehand to be blind is not asked."""
    finding = Finding(Status.SKIP, "offline", "")
    outcome = run_checks(
        [PlannedCheck(Saying("a", hang), (finding,))], context, jobs=1, deadline=Deadline.after(5), observer=Watcher()
    )

    assert outcome.results[0].findings == (finding,)


class _Interrupting(Watcher):
    """A signal is received when the first check has ended."""

    def __init__(self, error: BaseException) -> None:
        super().__init__()
        self._error = error

    def finished(self, what: Any) -> None:
        super().finished(what)
        if what.id == "a":
            raise self._error


def test_an_interrupted_run_reports_what_it_knows() -> None:
    """A signal keeps the answers there are; the rest are errors."""
    checks = [Saying("a", lambda _: [passed("ok")]), Saying("b", hang), Saying("c", hang)]
    for number, code in ((signal.SIGINT, ExitCode.INTERRUPTED), (signal.SIGHUP, ExitCode.HUNG_UP)):
        outcome = run_checks(
            [PlannedCheck(check) for check in checks],
            context,
            jobs=2,
            deadline=Deadline.after(5),
            observer=_Interrupting(Interrupted(number)),
        )

        assert outcome.stopped is code
        assert [result.status for result in outcome.results] == [Status.PASS, Status.ERROR, Status.ERROR]
        assert [result.findings[0].message for result in outcome.results[1:]] == [
            "interrupted before it had answered",
            "interrupted before it had begun",
        ]


def test_the_context_shows_paths_as_the_operator_types_them() -> None:
    """Paths below the working folder are relative, others absolute."""
    ctx = fake_context(Path("/srv/app"), seconds=1)

    assert str(ctx.at(Path("/srv/app/docker/pin.env"), 3)) == "docker/pin.env:3"
    assert str(ctx.at(Path("/etc/x"))) == "/etc/x"
