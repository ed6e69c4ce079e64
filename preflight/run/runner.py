"""Run checks side by side, keep every answer, print nothing.

A check that raises, hangs or lies costs nobody else's answer: each has a thread of its own and a share of
the run's time, and one that does not come back is reported as an error while the others go on.
"""

import threading
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import field, replace
from functools import partial
from typing import Any, Protocol

from preflight.check import Check, could_not_look, not_looked_at, skipped
from preflight.context import Context
from preflight.errors import CouldNotLook, DeadlineExceeded, DoesNotApply, ExitCode, NotLookedAt, PreflightError
from preflight.failures import COMMON, CRASHED, INTERRUPTED, TIMED_OUT
from preflight.lib.deadline import Deadline
from preflight.lib.exceptions import describe_exception, trace
from preflight.lib.interrupts import Interrupted
from preflight.lib.parallel import one, together
from preflight.lib.records import frozen, mutable
from preflight.model import About, CheckResult, Failure, Finding, Status
from preflight.run.cleaning import clean

_GRACE_S = 0.25
"""A door that gave up at the check's deadline gets this long to say so itself, in better words than ours."""

_RESERVE_S = 0.5
"""Seconds of the whole run's time that are kept for the report."""


class Observer(Protocol):
    """Somebody who watches the run, e.g. the progress line."""

    def planned(self, total: int) -> None:
        """Learn how many checks will run."""

    def started(self, about: About) -> None:
        """A check begins."""

    def finished(self, about: About) -> None:
        """A check has answered, or was given up."""


class NobodyWatches:
    """An observer that says nothing."""

    def planned(self, total: int) -> None:
        """Learn how many checks will run."""

    def started(self, about: About) -> None:
        """A check begins."""

    def finished(self, about: About) -> None:
        """A check has answered."""


@frozen
class PlannedCheck:
    """One check about to run.

    Args:
        check: With its settings.
        blocked: Findings that stand in its place, when it is known beforehand that it cannot look.
    """

    check: Check[Any]
    blocked: tuple[Finding, ...] = ()


@frozen
class Outcome:
    """What came of a run.

    Args:
        results: One a plan, in their order.
        stopped: The exit code of an interrupted run; ``None`` for one that went to its end.
    """

    results: tuple[CheckResult, ...]
    stopped: ExitCode | None = None


@mutable
class _Run:
    """One check that is running: what it has said so far."""

    plan: PlannedCheck
    deadline: Deadline
    began: float
    findings: list[Finding] = field(default_factory=list)

    @property
    def about(self) -> About:
        return self.plan.check.about


def run_checks(
    plans: Sequence[PlannedCheck],
    context_for: Callable[[Deadline], Context],
    *,
    jobs: int,
    deadline: Deadline,
    observer: Observer,
) -> "Outcome":
    """Run all checks and return their results in the order of ``plans``.

    Args:
        plans: The checks.
        context_for: Makes the context of a check from its own deadline.
        jobs: How many run at once.
        deadline: The deadline of the whole run. With more checks than jobs, each has an equal share of it.
        observer: Told of each start and end.

    Returns:
        One result a plan, also when a signal interrupts the run: what had not answered by then is an error.
    """
    waves = -(-len(plans) // jobs)
    left = deadline.at - time.monotonic()
    share_s = max(0.05, (left - min(_RESERVE_S, left / 10)) / max(1, waves))
    book, stopped = _Book(plans, observer), None
    calls = [partial(_attend, book, plan, context_for, share_s) for plan in plans]
    try:
        observer.planned(len(plans))
        together(calls, Deadline.after(waves * (share_s + 2 * _GRACE_S)), "the checks", at_once=jobs)
    except Interrupted as error:
        stopped = ExitCode(error.exit_code)
    return Outcome(book.close(), stopped)


class _Book:
    """What has come of each check so far; thread-safe."""

    def __init__(self, plans: Sequence[PlannedCheck], observer: Observer) -> None:
        self._plans, self._observer = plans, observer
        self._lock = threading.Lock()
        self._running: dict[int, _Run] = {}
        self._results: dict[int, CheckResult] = {}
        self._closed = False

    def begin(self, plan: PlannedCheck, share_s: float) -> _Run:
        """Note that a check begins, and return where it writes down what it says."""
        run = _Run(plan, Deadline.after(share_s), time.monotonic())
        with self._lock:
            self._running[id(plan)] = run
        self._observer.started(run.about)
        return run

    def end(self, run: _Run, *more: Finding) -> None:
        """Keep what a check has said, and what is to be said of it; what it says later is not heard."""
        findings = (*run.findings, *more)
        if not findings:
            findings = (could_not_look("the check said nothing", hint="Report this to the check's author."),)
        result = CheckResult(run.about, findings, time.monotonic() - run.began)
        with self._lock:
            if self._closed or self._running.pop(id(run.plan), None) is None:
                return
            self._results[id(run.plan)] = result
        self._observer.finished(run.about)

    def close(self) -> tuple[CheckResult, ...]:
        """Return one result a plan, in their order; a check that has not answered was interrupted."""
        for run in list(self._running.values()):
            self.end(run, _error(INTERRUPTED, "interrupted before it had answered", "Run it again."))
        with self._lock:
            self._closed = True
        begun = _error(INTERRUPTED, "interrupted before it had begun", "Run it again.")
        return tuple(
            self._results.get(id(plan)) or CheckResult(plan.check.about, (begun,), 0.0) for plan in self._plans
        )


def _attend(book: _Book, plan: PlannedCheck, context_for: Callable[[Deadline], Context], share_s: float) -> None:
    """Let a check speak, and give it up when its share of the time is over."""
    run = book.begin(plan, share_s)

    def speak() -> None:
        run.findings.extend(clean(finding) for finding in _run_one(run, context_for))

    try:
        one(speak, Deadline(run.deadline.at + _GRACE_S), run.about.id)
    except DeadlineExceeded:
        hint = "Find out why it hangs, or give `preflight run` more time with --timeout."
        book.end(run, _error(TIMED_OUT, f"did not answer within its {share_s:.3g} s", hint))
    else:
        book.end(run)


def _run_one(run: _Run, context_for: Callable[[Deadline], Context]) -> tuple[Finding, ...]:
    if run.plan.blocked:
        return run.plan.blocked
    declared = {*run.about.codes.values(), *COMMON}
    try:
        for finding in run.plan.check.run(context_for(run.deadline)):
            run.findings.append(_checked(finding, declared))
    except DoesNotApply as reason:
        return (skipped(reason.message, hint=reason.hint),)
    except NotLookedAt as reason:
        return (not_looked_at(reason.message, hint=reason.hint),)
    except PreflightError as problem:
        need = problem.need if isinstance(problem, CouldNotLook) else None
        return (could_not_look(problem.message, None, need, hint=problem.hint),)
    except BaseException as error:  # noqa: BLE001 -- one check's crash never costs another's answer
        hint = "Report this to the author of the check, with the line."
        message = f"the check crashed: {describe_exception(error)}"
        return (Finding(Status.ERROR, message, hint, {"traceback": list(trace(error))}, failure=CRASHED),)
    return ()


def _error(failure: Failure, message: str, hint: str) -> Finding:
    return Finding(Status.ERROR, message, hint, failure=failure)


def _checked(finding: object, declared: Collection[Failure]) -> Finding:
    """Return the finding fit to show, and without what only the engine may grant.

    Raises:
        TypeError: It is no finding, holds what no report can show, or is of a failure that the check does not declare.
        ValueError: Its status is none.
    """
    if not isinstance(finding, Finding):
        raise TypeError("a check must yield findings")
    if finding.failure is not None and finding.failure not in declared:
        raise TypeError(f"the check does not declare the failure {finding.code}")
    return replace(clean(finding), waived=None, allowed=False, caused_by="")
