"""One whole run: find the checks and the project, run, judge. Prints nothing."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from preflight import process
from preflight.check import could_not_look, skipped, warned
from preflight.config import Configuration, build_settings, find_git_root
from preflight.context import ComposeProject, Context, Doors, Options, Pin
from preflight.deadline import Deadline
from preflight.discovery import CheckClass, Discovered, discover
from preflight.errors import ConfigurationError
from preflight.model import About, CheckResult, Finding, Need, Report
from preflight.nearest import nearest
from preflight.runner import Observer, Plan, run_checks
from preflight.selection import select
from preflight.verdict import apply_waivers, exit_code
from preflight.version import __version__

if TYPE_CHECKING:
    from preflight.compose.locate import ComposeSource

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


@dataclass(frozen=True)
class _Project:
    """What is to be judged, what was noticed while finding it, and the compose files read on the way."""

    pins: tuple[Pin, ...]
    compose: ComposeProject
    findings: tuple[Finding, ...] = ()
    source: "ComposeSource | None" = None


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
    discovered = discover(request.checks_dirs)
    _known_ids(request.configuration, discovered)
    chosen = select(discovered.checks, only=request.only, skip=request.skip, tags=request.tags)
    project = _project(request, chosen)
    plans = [_plan(request, check, project) for check in chosen]
    outcome = run_checks(
        plans, _context_maker(request, project), jobs=request.jobs, deadline=deadline, observer=observer
    )
    process.kill_all()
    results = (*_setup_result(discovered, project), *outcome.results)
    judged = apply_waivers(results, request.configuration.waivers, datetime.now().astimezone().date())
    return Report(
        version=__version__,
        host=request.host,
        started=started,
        duration_s=time.monotonic() - began,
        results=judged,
        exit_code=outcome.stopped or exit_code(judged, strict=request.strict),
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


def _project(request: Request, chosen: Sequence[CheckClass]) -> _Project:
    """Take the pins and the compose project from the configuration, and look for what it does not say."""
    configuration = request.configuration
    known = configuration.project or ComposeProject(base=configuration.base)
    if configuration.pins and configuration.project is not None:
        return _Project(configuration.pins, known)
    if not any(needs_project(check) for check in chosen):
        return _Project((), known)
    from preflight.detect import detect

    found = detect(
        configuration.base,
        request.environ,
        find_git_root(configuration.base),
        project=configuration.project,
        pins=configuration.pins,
    )
    notes = [warned(note.message, hint=note.hint, at=note.location) for note in found.notes]
    problems = [could_not_look(item.message, hint=item.hint, at=item.location) for item in found.problems]
    return _Project(found.pins, found.project, (*problems, *notes), found.source)


def needs_project(check: CheckClass) -> bool:
    """Return whether the check looks at a project at all, not only at the host."""
    return bool(check.about.needs & {Need.PIN, Need.GIT})


def _plan(request: Request, check: CheckClass, project: _Project) -> Plan:
    made = check(build_settings(check, request.configuration.checks.get(check.about.id)))
    if request.options.offline and Need.NETWORK in check.about.needs:
        return Plan(
            made, (skipped("not looked at: it needs the network (--offline)", hint="Run it without --offline."),)
        )
    if Need.PIN in check.about.needs and not project.pins:
        hint = "Run it in the repository, or name the pin under pins: in preflight.yaml (`preflight init` writes one)."
        return Plan(made, (could_not_look("no pin was found to look at", hint=hint),))
    return Plan(made)


def _context_maker(request: Request, project: _Project) -> Callable[[Deadline], Context]:
    doors = _doors(request, project)

    def make(deadline: Deadline) -> Context:
        return Context(
            pins=project.pins,
            project=project.compose,
            doors=doors,
            deadline=deadline,
            environ=request.environ,
            options=request.options,
            cwd=request.cwd,
        )

    return make


def _doors(request: Request, project: _Project) -> Doors:
    from preflight.compose import Compose
    from preflight.engine import Engine
    from preflight.git import Git
    from preflight.registry import Registry

    return Doors(
        compose=Compose(project.compose, request.environ, source=project.source),
        engine=Engine(request.environ),
        git=Git(project.compose.base, request.environ),
        registry=Registry(request.environ, insecure=frozenset(request.registry_insecure)),
    )


def _setup_result(discovered: Discovered, project: _Project) -> tuple[CheckResult, ...]:
    broken = [
        could_not_look(
            f"the check module {module.name} does not load: {module.reason}",
            hint="Mend or remove it; what it checks was not looked at.",
        )
        for module in discovered.broken
    ]
    findings = (*broken, *project.findings)
    return (CheckResult(SETUP, findings, 0.0),) if findings else ()
