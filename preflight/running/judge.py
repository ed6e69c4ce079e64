"""What the running containers of a service say of a pin: seen by exec, judged against the pin file and its history."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from enum import StrEnum

from preflight.compose.labels import SERVICE
from preflight.context import Context
from preflight.coolify.resource import Resource
from preflight.engine.container import Container, Sight
from preflight.errors import CouldNotLook, DoesNotApply
from preflight.git.model import Commit
from preflight.lib.records import frozen
from preflight.pins.history import Past, read_past
from preflight.pins.sentinel import SENTINEL
from preflight.pins.value import read_pin_value
from preflight.project import Pin
from preflight.running.ownership import Choice, choose, made_by_coolify

ACTIVE = frozenset({"running", "paused", "restarting"})
"""States in which a container's process exists, or will in a moment, with the environment it was made with."""


class RunningVerdict(StrEnum):
    """What one container says."""

    EQUAL = "equal"
    STALE = "stale"
    OTHER = "other"
    EMPTY = "empty"
    ABSENT = "absent"
    ENTRYPOINT = "entrypoint"
    SENTINEL = "sentinel"
    NOT_ASKED = "not-asked"
    UNSEEN = "unseen"


@frozen
class Judgement:
    """What was found in one container.

    Args:
        container: It.
        verdict: Of it.
        state: When it was looked at.
        source: How its environment was seen.
        value: The variable's value; a secret until proven otherwise.
        commit: For a stale one, the commit whose value it carries, if any does.
        problem: Why it could not be seen.
        first_process: Whether the environment of process 1 was seen too.
        created: When the container was made.
    """

    container: Container
    verdict: RunningVerdict
    state: str = ""
    source: str = ""
    value: str | None = None
    commit: Commit | None = None
    problem: CouldNotLook | None = None
    first_process: bool = False
    created: datetime | None = None


@frozen
class Running:
    """What was found for one pin.

    Args:
        pin: It.
        expected: The value in the pin file.
        choice: Whose containers they are.
        judged: Those that run, or are paused or restarting.
        stopped: Ours that do not run.
        armed: The pin file holds a sentinel.
        resource: The application of Coolify's that they belong to.
    """

    pin: Pin
    expected: str
    choice: Choice
    judged: tuple[Judgement, ...]
    stopped: tuple[Container, ...]
    armed: bool
    resource: Resource | None = None


def analyse_running(ctx: Context, pin: Pin) -> Running:
    """Look at every running container of the pin's service.

    Raises:
        CouldNotLook: The pin file gives no value to compare with, or the engine cannot be asked.
    """
    value = read_pin_value(pin, ctx.show)
    armed = value.file.last(SENTINEL)
    engine = ctx.doors.engine
    choice = choose(engine.containers({SERVICE: pin.service}, ctx.deadline), ctx.project, ctx.environ)
    resource = _resource(ctx, pin, choice)
    if resource is not None and not choice.certain:
        choice = choice.only(resource.containers)
    active = [each for each in choice.ours if each.state in ACTIVE]
    judge = _Judge(ctx, pin, value.text, armed.value if armed else None)
    judged = tuple(
        judge(container, sight)
        for container, sight in zip(active, engine.look_at_all(active, ctx.deadline), strict=True)
    )
    stopped = tuple(each for each in choice.ours if each.state not in ACTIVE)
    return Running(pin, value.text, choice, judged, stopped, armed=armed is not None, resource=resource)


def _resource(ctx: Context, pin: Pin, choice: Choice) -> Resource | None:
    """Return the application of Coolify's that made our containers.

    Raises:
        CouldNotLook: Several may be meant.
    """
    if not any(made_by_coolify(each) for each in choice.ours):
        return None
    try:
        return ctx.doors.coolify.resource(pin.service, ctx.deadline)
    except DoesNotApply:
        return None
    except CouldNotLook:
        if choice.certain:  # made from our files: whose they are is known, if not why
            return None
        raise


class _Judge:
    """Judges the containers of one pin; asks git only when one differs."""

    def __init__(self, ctx: Context, pin: Pin, expected: str, sentinel: str | None) -> None:
        self._ctx, self._pin, self._expected, self._sentinel = ctx, pin, expected, sentinel
        self._past: Past | None = None

    def __call__(self, container: Container, sight: Sight | CouldNotLook) -> Judgement:
        if isinstance(sight, CouldNotLook):
            return Judgement(container, RunningVerdict.UNSEEN, problem=sight)
        details, executed = sight.details, sight.executed
        if details.state not in ACTIVE:
            return Judgement(
                container, RunningVerdict.UNSEEN, details.state, problem=_stopped(container, details.state)
            )
        seen = Judgement(
            container,
            RunningVerdict.EQUAL,
            details.state,
            executed.source if executed else "inspect",
            first_process=executed is not None and executed.first_process is not None,
            created=details.created,
        )
        inside = executed.environment if executed else details.environment
        for environment in (inside, details.environment):
            value = environment.get(self._pin.variable)
            if value != self._expected:
                return self._different(seen, value, details.created)
        return replace(seen, verdict=self._when_equal(sight, inside))

    def _when_equal(self, sight: Sight, inside: Mapping[str, str]) -> RunningVerdict:
        """Judge a container that was made with the right value."""
        first = sight.executed.first_process if sight.executed else None
        if first is not None and first.get(self._pin.variable) != self._expected:
            return RunningVerdict.ENTRYPOINT
        if self._sentinel is not None and inside.get(SENTINEL) != self._sentinel:
            return RunningVerdict.SENTINEL
        return RunningVerdict.EQUAL if sight.executed is not None else RunningVerdict.NOT_ASKED

    def _different(self, seen: Judgement, value: str | None, created: datetime) -> Judgement:
        """Tell a stale container from one whose variable is shadowed or dropped."""
        past = self._past = self._past or read_past(self._ctx, self._pin)
        commit = past.commit_with(value)
        if commit is not None:
            return replace(seen, verdict=RunningVerdict.STALE, value=value, commit=commit)
        verdict = RunningVerdict.OTHER if value else RunningVerdict.EMPTY if value == "" else RunningVerdict.ABSENT
        if created < past.changed and not (verdict is not RunningVerdict.OTHER and past.value_at(created)):
            # Older than the file; but one without the variable, although the file had it by then, lost it.
            return replace(seen, verdict=RunningVerdict.STALE, value=value)
        return replace(seen, verdict=verdict, value=value)


def _stopped(container: Container, state: str) -> CouldNotLook:
    return CouldNotLook(
        f"container {container.name} stopped while it was asked (now {state})",
        f"See `docker logs {container.name}`, then run preflight again.",
    )
