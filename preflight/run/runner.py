"""Run checks side by side, keep every answer, print nothing.

A check that raises, hangs or lies costs nobody else's answer: each has a thread of its own and a share of
the run's time, and one that does not come back is reported as an error while the others go on.
"""

import queue
import threading
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import field, replace
from typing import Any, Protocol

from preflight.check import Check, could_not_look, not_looked_at, skipped
from preflight.context import Context
from preflight.errors import CouldNotLook, DoesNotApply, ExitCode, NotLookedAt, PreflightError
from preflight.failures import COMMON, CRASHED, INTERRUPTED, TIMED_OUT
from preflight.lib.deadline import Deadline
from preflight.lib.exceptions import describe_exception, trace
from preflight.lib.interrupts import Interrupted
from preflight.lib.records import frozen, mutable
from preflight.model import About, CheckResult, Failure, Finding, Status
from preflight.run.cleaning import clean

_GRACE_S = 0.25
"""A door that gave up at the check's deadline gets this long to say so itself, in better words than ours."""

_RESERVE_S = 0.5
"""Of the whole run's time, kept for the report."""


class Observer(Protocol):
    """Somebody who watches the run, e.g. the progress line."""

    def planned(self, total: int) -> None:
        """That many checks will run."""

    def started(self, about: About) -> None:
        """A check begins."""

    def finished(self, about: About) -> None:
        """A check has answered, or was given up."""


@frozen
class Plan:
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

    plan: Plan
    deadline: Deadline
    began: float
    findings: list[Finding] = field(default_factory=list)

    @property
    def about(self) -> About:
        return self.plan.check.about


def run_checks(
    plans: Sequence[Plan],
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
        deadline: Of the whole run. With more checks than jobs, each has an equal share of it.
        observer: Told of each start and end.

    Returns:
        One result a plan, also when a signal interrupts the run: what had not answered by then is an error.
    """
    crew = _Crew(context_for, jobs, deadline, observer, plans)
    stopped = None
    try:
        observer.planned(len(plans))
        crew.work()
    except Interrupted as error:
        crew.interrupted()
        stopped = ExitCode(error.exit_code)
    return Outcome(crew.results(), stopped)


class _Crew:
    """The running checks; only the calling thread touches its state."""

    def __init__(
        self,
        context_for: Callable[[Deadline], Context],
        jobs: int,
        deadline: Deadline,
        observer: Observer,
        plans: Sequence[Plan],
    ) -> None:
        self._context_for, self._jobs, self._deadline, self._observer = context_for, jobs, deadline, observer
        self._plans = plans
        self._pending = list(reversed(plans))
        self._running: dict[int, _Run] = {}
        self._answers: queue.SimpleQueue[int] = queue.SimpleQueue()
        self._results: dict[int, CheckResult] = {}
        waves = -(-len(plans) // jobs)
        left = deadline.at - time.monotonic()
        self._share_s = max(0.05, (left - min(_RESERVE_S, left / 10)) / max(1, waves))

    def work(self) -> None:
        while self._pending or self._running:
            while self._pending and len(self._running) < self._jobs:
                self._start(self._pending.pop())
            self._collect()

    def interrupted(self) -> None:
        hint = "Run it again."
        for key in list(self._running):
            self._finish(key, _error(INTERRUPTED, "interrupted before it had answered", hint))
        for plan in self._pending:
            finding = _error(INTERRUPTED, "interrupted before it had begun", hint)
            self._results[id(plan)] = CheckResult(plan.check.about, (finding,), 0.0)

    def results(self) -> tuple[CheckResult, ...]:
        return tuple(self._results[id(plan)] for plan in self._plans)

    def _start(self, plan: Plan) -> None:
        self._observer.started(plan.check.about)
        run = _Run(plan, Deadline.after(self._share_s), time.monotonic())
        self._running[id(plan)] = run
        thread = threading.Thread(target=self._attend, args=(run,), daemon=True, name=f"check {plan.check.about.id}")
        thread.start()

    def _attend(self, run: _Run) -> None:
        """In the check's own thread: let it speak, and turn whatever it raises into a finding."""
        answer_to_raise = _run_one(run, self._context_for)
        run.findings.extend(clean(finding) for finding in answer_to_raise)
        self._answers.put(id(run.plan))

    def _collect(self) -> None:
        if not self._running:
            return
        earliest = min(run.deadline.at for run in self._running.values()) + _GRACE_S
        try:
            key = self._answers.get(timeout=max(0.0, earliest - time.monotonic()))
        except queue.Empty:
            self._give_up_late_ones()
            return
        if key in self._running:
            self._finish(key)

    def _give_up_late_ones(self) -> None:
        for key, run in list(self._running.items()):
            if run.deadline.expired:
                self._finish(
                    key,
                    _error(
                        TIMED_OUT,
                        f"did not answer within its {self._share_s:.3g} s",
                        "Find out why it hangs, or give the run more time with --timeout.",
                    ),
                )

    def _finish(self, key: int, *more: Finding) -> None:
        run = self._running.pop(key)
        findings = (*run.findings, *more)
        if not findings:
            findings = (could_not_look("the check said nothing", hint="Report this to the check's author."),)
        self._results[key] = CheckResult(run.about, findings, time.monotonic() - run.began)
        self._observer.finished(run.about)


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
