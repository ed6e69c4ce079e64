"""What the checks will look at: the pins, the compose project, and the doors to the outside."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from preflight.compose.read.files import NAMES
from preflight.context import Doors
from preflight.git.checkout import judged_folder
from preflight.git.root import find_git_root
from preflight.lib.deadline import Deadline
from preflight.lib.records import frozen
from preflight.model import Failure, Finding, Need
from preflight.project import ComposeProject, Pin
from preflight.run.config import Configuration
from preflight.run.setup import NO_PROJECT, UNCLEAR, UNREADABLE

if TYPE_CHECKING:
    from preflight.compose.ask.door import Compose
    from preflight.compose.read.locate import ComposeSource
    from preflight.coolify.door import Coolify
    from preflight.engine.door import Engine
    from preflight.git.door import Git
    from preflight.pins.detect import Remark
    from preflight.registry.door import Registry

ALL_NEEDS = frozenset(Need)

PROJECT_NEEDS = frozenset({Need.PIN, Need.GIT})
"""Who needs one of these looks at a project, not only at the host."""


@frozen
class Scene:
    """What is to be judged, and what was noticed while finding it.

    Args:
        pins: The pins.
        project: How Compose is called.
        doors: The outside world.
        findings: What is unclear or could not be looked at.
        assumed: Nobody named the compose files; they were found by looking.
    """

    pins: tuple[Pin, ...]
    project: ComposeProject
    doors: Doors
    findings: tuple[Finding, ...] = ()
    assumed: bool = False


@frozen
class _Found:
    pins: tuple[Pin, ...]
    project: ComposeProject
    findings: tuple[Finding, ...] = ()
    source: "ComposeSource | None" = None


def set_scene(
    configuration: Configuration,
    environ: Mapping[str, str],
    needs: frozenset[Need],
    deadline: Deadline,
    *,
    registry_insecure: frozenset[str],
    offline: bool = False,
) -> Scene:
    """Find the project and its pins, and begin to ask what takes longest.

    Args:
        configuration: What it says is taken; what it leaves out is found by looking.
        environ: The environment of the process.
        needs: What the checks that will run look at, all together.
        deadline: The deadline of the whole run.
        registry_insecure: ``HOST:PORT`` that may be asked in plain HTTP.
        offline: Nothing on the network may be asked.
    """
    early = _likely(configuration) if needs & PROJECT_NEEDS and Need.COMPOSE in needs else None
    ahead = None if early is None else _compose(early, environ)
    if ahead is not None:
        ahead.prepare(deadline)  # a large project keeps Compose busy longer than it keeps us reading
    found = _find(configuration, environ, needs)
    doors = _doors(configuration, found, ahead, environ, registry_insecure, offline=offline)
    if found.pins and Need.COMPOSE in needs and found.project != early:
        doors.compose.prepare(deadline)
    if found.pins and Need.ENGINE in needs:
        doors.engine.warm()
    return Scene(found.pins, found.project, doors, found.findings, assumed=configuration.project is None)


def _likely(configuration: Configuration) -> ComposeProject | None:
    """Return the project that is meant, as far as that is clear before anything is read."""
    if configuration.project is not None:
        return configuration.project
    named = any((configuration.base / name).is_file() for name in NAMES)
    return ComposeProject(base=configuration.base) if named else None


def _find(configuration: Configuration, environ: Mapping[str, str], needs: frozenset[Need]) -> _Found:
    known = configuration.project or ComposeProject(base=configuration.base)
    if configuration.pins and configuration.project is not None:
        return _Found(configuration.pins, known)
    if not needs & PROJECT_NEEDS:
        return _Found((), known)
    from preflight.pins.detect import detect

    found = detect(
        configuration.base,
        environ,
        find_git_root(configuration.base),
        project=configuration.project,
        pins=configuration.pins,
    )
    wrong = UNREADABLE if found.pins else NO_PROJECT
    findings = [*(_finding(wrong, each) for each in found.problems), *(_finding(UNCLEAR, each) for each in found.notes)]
    return _Found(found.pins, found.project, tuple(findings), found.source)


def _finding(failure: Failure, remark: "Remark") -> Finding:
    return Finding(failure.before, remark.message, remark.hint or failure.fix, {}, remark.location, failure)


def _compose(project: ComposeProject, environ: Mapping[str, str]) -> "Compose":
    from preflight.compose.ask.door import Compose

    return Compose(project, environ)


def _doors(
    configuration: Configuration,
    found: _Found,
    ahead: "Compose | None",
    environ: Mapping[str, str],
    registry_insecure: frozenset[str],
    *,
    offline: bool,
) -> Doors:
    """Return the doors; each is imported when it is first used. ``ahead`` has been asked already, maybe for nothing."""

    def compose() -> "Compose":
        made = ahead if ahead is not None and ahead.project == found.project else _compose(found.project, environ)
        made.adopt(found.source)
        services = tuple(pin.service for pin in found.pins)
        made.follow_coolify(lambda deadline: doors.coolify.strips_own_keys(services, deadline))
        return made

    def engine() -> "Engine":
        from preflight.engine.door import Engine

        return Engine(environ)

    def git() -> "Git":
        from preflight.git.door import Git

        return Git(judged_folder(found.project, found.pins), environ)

    def registry() -> "Registry":
        from preflight.registry.door import Registry

        return Registry(environ, insecure=registry_insecure)

    def coolify() -> "Coolify":
        from preflight.coolify.door import Coolify

        files = (*found.project.files, *(pin.file for pin in found.pins))
        remote = doors.git.remote_url
        return Coolify(configuration.coolify, environ, doors.engine, files, offline=offline, remote=remote)

    doors = Doors(compose=compose, engine=engine, git=git, registry=registry, coolify=coolify)
    return doors
