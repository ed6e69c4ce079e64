"""One whole run: find the checks and the project, run, judge. Prints nothing."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import field, replace
from datetime import UTC, datetime
from pathlib import Path

from preflight.check import not_looked_at, skipped
from preflight.context import Context, Options
from preflight.errors import ConfigurationError, ExitCode
from preflight.failures import NO_PIN
from preflight.lib import interrupts, process
from preflight.lib.clock import today
from preflight.lib.deadline import Deadline
from preflight.lib.nearest import nearest
from preflight.lib.records import frozen
from preflight.model import About, CheckResult, Finding, Need, Status
from preflight.project import Pin
from preflight.report import Report
from preflight.run.causes import trace_causes, withhold_deployments
from preflight.run.cleaning import clean
from preflight.run.config import Configuration, build_settings
from preflight.run.config.mistakes import Mistakes
from preflight.run.contract import CheckClass
from preflight.run.discovery import Discovered, discover, everything
from preflight.run.header import describe
from preflight.run.runner import Observer, Outcome, PlannedCheck, run_checks
from preflight.run.scene import ALL_NEEDS, PROJECT_NEEDS, Scene, set_scene
from preflight.run.selection import is_chosen, refuse_unknown_checks, select
from preflight.run.settling import Waiting, unsettled
from preflight.run.setup import BROKEN_MODULE, SETUP
from preflight.run.verdict import Allowance, apply_allowances, apply_waivers, exit_code
from preflight.version import __version__

_PIN_HINT = "Run it in the checkout, or name the pin under pins: in preflight.yaml (`preflight init` writes one)."


@frozen
class Request:
    """What the operator asked for.

    Args:
        configuration: From ``preflight.yaml``, or an empty one.
        cwd: The folder the operator stands in.
        environ: The environment of the process.
        host: Name of this machine, for the report.
        only: Ids; empty means all.
        skip: Ids.
        tags: Empty means all.
        checks_dirs: Folders with further checks.
        timeout_s: For one try.
        wait_s: After a rollout: how long to ask again what can still change; 0 asks once.
        jobs: Checks at once.
        strict: Warnings, and what was not looked at, fail too.
        options: Handed to the checks.
        registry_insecure: ``HOST:PORT`` that may be asked in plain HTTP.
        allow: Failures that are let through.
        missing: Needs that nothing here can meet; checks with one of them do not apply.
        limits: What narrows the run, for the verdict; see ``Report.limits``.
    """

    configuration: Configuration
    cwd: Path
    environ: Mapping[str, str]
    host: str
    only: Sequence[str] = ()
    skip: Sequence[str] = ()
    tags: Sequence[str] = ()
    checks_dirs: Sequence[Path] = ()
    timeout_s: float = 60.0
    wait_s: float = 0.0
    jobs: int = 16
    strict: bool = False
    options: Options = field(default_factory=Options)
    registry_insecure: Sequence[str] = ()
    allow: Sequence[Allowance] = ()
    missing: Mapping[Need, str] = field(default_factory=dict)
    limits: Sequence[str] = ()


@frozen
class _Try:
    """One pass over the chosen checks."""

    scene: Scene
    discovered: Discovered
    results: tuple[CheckResult, ...]
    stopped: ExitCode | None


def run_session(request: Request, observer: Observer) -> Report:
    """Run and judge; after a rollout, ask again while what is wrong can still change.

    Args:
        request: What is asked.
        observer: Told of the checks' starts and ends.

    Returns:
        The whole report, with the exit code.

    Raises:
        ConfigurationError: The request cannot be understood; nothing was run.
        Interrupted: A signal was received before or after the checks ran.
    """
    started, began = datetime.now(UTC), time.monotonic()
    waiting = Waiting(request.wait_s)
    tried = _try(request, observer)
    report = _report(request, tried, started, began)
    while tried.stopped is None and (ids := unsettled(report.results, strict=request.strict)) and waiting.pause():
        again = _try(replace(request, only=ids, skip=(), tags=()), observer)
        fresh = {result.about.id: result for result in again.results}
        results = tuple(fresh.get(result.about.id, result) for result in tried.results)
        tried = replace(again, discovered=tried.discovered, results=results)
        report = _report(request, tried, started, began)
    if tried.stopped is None:
        interrupts.raise_received()  # somebody's `except` ended it, and went on with half of what was asked
    return report


def _try(request: Request, observer: Observer) -> _Try:
    deadline = Deadline.after(request.timeout_s)
    try:
        # With every check chosen it is clear beforehand what they will look at: begin before the checks are loaded.
        scene = None if request.only or request.skip or request.tags else _scene(request, ALL_NEEDS, deadline)
        discovered = discover(request.checks_dirs, _wanted(request))
        _refuse_unknown_names(request, discovered)
        chosen = select(discovered, only=request.only, skip=request.skip, tags=request.tags)
        needs = frozenset(need for check in chosen for need in check.about.needs)
        scene = scene or _scene(request, needs, deadline)
        plans = [_plan(request, check, scene) for check in chosen]
        context_for = _context_maker(request, scene)
        outcome: Outcome = run_checks(plans, context_for, jobs=request.jobs, deadline=deadline, observer=observer)
    finally:
        process.kill_all()
    return _Try(scene, discovered, (*_setup_result(discovered, scene, needs), *outcome.results), outcome.stopped)


def _report(request: Request, tried: _Try, started: datetime, began: float) -> Report:
    waived = apply_waivers(trace_causes(tried.results), request.configuration.waivers, today())
    judged = withhold_deployments(apply_allowances(waived, request.allow), strict=request.strict)
    return Report(
        version=__version__,
        host=request.host,
        started=started,
        duration_s=time.monotonic() - began,
        results=judged,
        exit_code=tried.stopped or exit_code(judged, strict=request.strict),
        stage=request.options.stage,
        judged=describe(tried.scene, judged, request.environ, request.cwd, git=request.options.git),
        limits=tuple(request.limits),
        strict=request.strict,
    )


def _scene(request: Request, needs: frozenset[Need], deadline: Deadline) -> Scene:
    return set_scene(
        request.configuration,
        request.environ,
        needs,
        deadline,
        registry_insecure=frozenset(request.registry_insecure),
        offline=request.options.offline,
    )


def _wanted(request: Request) -> Callable[[str], bool]:
    """Return which checks must be loaded: those that run, and those whose failures somebody excuses by their codes."""
    if request.tags:
        return everything
    excused = {waiver.check for waiver in request.configuration.waivers} | {each.check for each in request.allow}
    return lambda check_id: check_id in excused or is_chosen(check_id, only=request.only, skip=request.skip)


def _refuse_unknown_names(request: Request, discovered: Discovered) -> None:
    """Refuse ids and codes in the configuration and in ``--allow`` that no check has.

    Raises:
        ConfigurationError: Names all of them, each with its place.
    """
    mistakes = Mistakes()
    for check, shape in request.configuration.checks.items():
        mistakes.read(refuse_unknown_checks, discovered, f"{shape.path}:{shape.located.line}: ", [check])
    for each in discovered.checks:
        mistakes.read(build_settings, each, request.configuration.checks.get(each.about.id))
    for waiver in request.configuration.waivers:
        place = f"{waiver.location}: " if waiver.location else ""
        mistakes.read(_refuse_unknown_failure, discovered, place, waiver.check, waiver.code)
    for allowance in request.allow:
        mistakes.read(_refuse_unknown_failure, discovered, "--allow: ", allowance.check, allowance.code)
    mistakes.raise_all()


def _refuse_unknown_failure(discovered: Discovered, place: str, check: str, code: str) -> None:
    refuse_unknown_checks(discovered, place, [check])
    loaded = [each.about for each in discovered.checks if each.about.id == check]
    possible = [failure.code for about in loaded for failure in about.codes.values() if failure.waivable]
    if loaded and code not in possible:
        what = f"the check {check} has no failure {code}" if code else f"name a failure of the check {check}"
        raise ConfigurationError(
            f"{place}{what}{nearest(code, possible) if code else ''}", f"Failures: {', '.join(possible)}."
        )


def _plan(request: Request, check: CheckClass, scene: Scene) -> PlannedCheck:
    about = check.about
    made = check(build_settings(check, request.configuration.checks.get(about.id)))
    instead = blocked(about, scene.pins, request.options, request.missing)
    return PlannedCheck(made, (instead,) if instead is not None else ())


def blocked(about: About, pins: Sequence[Pin], options: Options, missing: Mapping[Need, str]) -> Finding | None:
    """Return what stands in a check's place where it is known beforehand that it has nothing to look at.

    Args:
        about: The ``about`` of the check.
        pins: The pins of the project.
        options: The operator's choices.
        missing: What this run has not, and why that is no error.
    """
    stage = options.stage
    if stage not in about.stages:
        return skipped(f"asked at stage {' and '.join(sorted(about.stages))} only")
    for need in sorted(about.needs & missing.keys(), key=lambda each: each.value):
        return skipped(missing[need])
    if options.offline and Need.NETWORK in about.needs:
        return not_looked_at("it needs the network (--offline)", hint="Run it without --offline.")
    if Need.PIN in about.needs and not pins:
        return Finding(Status.ERROR, "no pin was found to look at", _PIN_HINT, failure=NO_PIN, need=Need.PIN)
    return None


def _context_maker(request: Request, scene: Scene) -> Callable[[Deadline], Context]:
    def make(deadline: Deadline) -> Context:
        return Context(
            pins=scene.pins,
            project=scene.project,
            doors=scene.doors,
            deadline=deadline,
            environ=request.environ,
            options=request.options,
            cwd=request.cwd,
        )

    return make


def _setup_result(discovered: Discovered, scene: Scene, needs: frozenset[Need]) -> tuple[CheckResult, ...]:
    broken = [
        Finding(
            Status.ERROR,
            f"the check module {module.name} does not load: {module.reason}",
            BROKEN_MODULE.fix,
            {"traceback": list(module.trace)},
            failure=BROKEN_MODULE,
        )
        for module in discovered.broken
    ]
    findings = (*broken, *(scene.findings if needs & PROJECT_NEEDS else ()))
    return (CheckResult(SETUP, tuple(clean(finding) for finding in findings), 0.0),) if findings else ()
