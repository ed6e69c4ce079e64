"""One whole run: find the checks and the project, run, judge. Prints nothing."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from preflight.check import could_not_look, skipped
from preflight.context import Context, Options
from preflight.errors import ConfigurationError
from preflight.lib import process
from preflight.lib.deadline import Deadline
from preflight.lib.nearest import nearest
from preflight.model import About, CheckResult, Need, Report
from preflight.run.cleaning import clean
from preflight.run.config import Configuration, build_settings
from preflight.run.discovery import CheckClass, Discovered, discover
from preflight.run.runner import Observer, Plan, run_checks
from preflight.run.scene import ALL_NEEDS, PROJECT_NEEDS, Scene, set_scene
from preflight.run.selection import select
from preflight.run.verdict import apply_waivers, exit_code
from preflight.version import __version__

SETUP = About(
    id="setup",
    title="The checks, the project and its pins are found",
    tags=frozenset(),
    needs=frozenset(),
    asks="Can every check be loaded, and is it clear which variables of which services are pins?",
    why="What is not found is not looked at; that must show, not pass.",
    failures=(
        ("No pin is found.", "Run it in the repository, or name the pin under pins: in preflight.yaml."),
        ("A check module does not load.", "Mend or remove the package or file that is named."),
    ),
)
"""The row in which the engine itself speaks; it only stands in a report when something is wrong."""


@dataclass(frozen=True)
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
        timeout_s: For the whole run.
        jobs: Checks at once.
        strict: Warnings and skips fail too.
        options: Handed to the checks.
        registry_insecure: ``HOST:PORT`` that may be asked in plain HTTP.
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
    jobs: int = 16
    strict: bool = False
    options: Options = field(default_factory=Options)
    registry_insecure: Sequence[str] = ()


def run_session(request: Request, observer: Observer) -> Report:
    """Run and judge.

    Args:
        request: What is asked.
        observer: Told of the checks' starts and ends.

    Returns:
        The whole report, with the exit code.

    Raises:
        ConfigurationError: The request cannot be understood; nothing was run.
    """
    started, began = datetime.now(UTC), time.monotonic()
    deadline = Deadline.after(request.timeout_s)
    try:
        # With every check chosen it is clear beforehand what they will look at: begin before the checks are loaded.
        scene = None if request.only or request.skip or request.tags else _scene(request, ALL_NEEDS, deadline)
        discovered = discover(request.checks_dirs)
        _known_ids(request.configuration, discovered)
        chosen = select(discovered.checks, only=request.only, skip=request.skip, tags=request.tags)
        needs = frozenset(need for check in chosen for need in check.about.needs)
        scene = scene or _scene(request, needs, deadline)
        plans = [_plan(request, check, scene) for check in chosen]
        context_for = _context_maker(request, scene)
        outcome = run_checks(plans, context_for, jobs=request.jobs, deadline=deadline, observer=observer)
    finally:
        process.kill_all()
    results = (*_setup_result(discovered, scene, needs), *outcome.results)
    judged = apply_waivers(results, request.configuration.waivers, datetime.now().astimezone().date())
    return Report(
        version=__version__,
        host=request.host,
        started=started,
        duration_s=time.monotonic() - began,
        results=judged,
        exit_code=outcome.stopped or exit_code(judged, strict=request.strict),
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


def _known_ids(configuration: Configuration, discovered: Discovered) -> None:
    ids = {check.about.id for check in discovered.checks}
    named = [(check, shape.path, shape.located.line) for check, shape in configuration.checks.items()]
    named += [
        (waiver.check, Path(waiver.location.path), waiver.location.line or 1)
        for waiver in configuration.waivers
        if waiver.location is not None
    ]
    for check, path, line in named:
        if check not in ids:
            raise ConfigurationError(
                f"{path}:{line}: no such check: {check}{nearest(check, ids)}", "See `preflight list`."
            )


def _plan(request: Request, check: CheckClass, scene: Scene) -> Plan:
    made = check(build_settings(check, request.configuration.checks.get(check.about.id)))
    if request.options.offline and Need.NETWORK in check.about.needs:
        return Plan(
            made, (skipped("not looked at: it needs the network (--offline)", hint="Run it without --offline."),)
        )
    if Need.PIN in check.about.needs and not scene.pins:
        hint = "Run it in the repository, or name the pin under pins: in preflight.yaml (`preflight init` writes one)."
        return Plan(made, (could_not_look("no pin was found to look at", hint=hint),))
    return Plan(made)


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
        could_not_look(
            f"the check module {module.name} does not load: {module.reason}",
            hint="Mend or remove it; what it checks was not looked at.",
        )
        for module in discovered.broken
    ]
    findings = (*broken, *(scene.findings if needs & PROJECT_NEEDS else ()))
    return (CheckResult(SETUP, tuple(clean(finding) for finding in findings), 0.0),) if findings else ()
