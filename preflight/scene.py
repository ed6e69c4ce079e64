"""What the checks will look at: the pins, the compose project, and the doors to the outside, already opening."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from preflight.check import could_not_look, warned
from preflight.config import Configuration, find_git_root
from preflight.context import ComposeProject, Doors, Pin
from preflight.deadline import Deadline
from preflight.model import Finding, Need

if TYPE_CHECKING:
    from preflight.compose.locate import ComposeSource

ALL_NEEDS = frozenset(Need)

PROJECT_NEEDS = frozenset({Need.PIN, Need.GIT})
"""Who needs one of these looks at a project, not only at the host."""


@dataclass(frozen=True)
class Scene:
    """What is to be judged, and what was noticed while finding it.

    Args:
        pins: The pins.
        project: How Compose is called.
        doors: The outside world.
        findings: What is unclear or could not be looked at.
    """

    pins: tuple[Pin, ...]
    project: ComposeProject
    doors: Doors
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True)
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
) -> Scene:
    """Find the project and its pins, and begin to ask what takes longest.

    Args:
        configuration: What it says is taken; what it leaves out is found by looking.
        environ: The environment of the process.
        needs: What the checks that will run look at, all together.
        deadline: Of the whole run.
        registry_insecure: ``HOST:PORT`` that may be asked in plain HTTP.
    """
    found = _find(configuration, environ, needs)
    doors = _doors(found, environ, registry_insecure)
    if found.pins and Need.COMPOSE in needs:
        doors.compose.prepare(deadline)
    if found.pins and Need.ENGINE in needs:
        doors.engine.warm()
    return Scene(found.pins, found.project, doors, found.findings)


def _find(configuration: Configuration, environ: Mapping[str, str], needs: frozenset[Need]) -> _Found:
    known = configuration.project or ComposeProject(base=configuration.base)
    if configuration.pins and configuration.project is not None:
        return _Found(configuration.pins, known)
    if not needs & PROJECT_NEEDS:
        return _Found((), known)
    from preflight.detect import detect

    found = detect(
        configuration.base,
        environ,
        find_git_root(configuration.base),
        project=configuration.project,
        pins=configuration.pins,
    )
    notes = [warned(note.message, hint=note.hint, at=note.location) for note in found.notes]
    problems = [could_not_look(item.message, hint=item.hint, at=item.location) for item in found.problems]
    return _Found(found.pins, found.project, (*problems, *notes), found.source)


def _doors(found: _Found, environ: Mapping[str, str], registry_insecure: frozenset[str]) -> Doors:
    from preflight.compose import Compose
    from preflight.engine import Engine
    from preflight.git import Git
    from preflight.registry import Registry

    return Doors(
        compose=Compose(found.project, environ, source=found.source),
        engine=Engine(environ),
        git=Git(found.project.base, environ),
        registry=Registry(environ, insecure=registry_insecure),
    )
