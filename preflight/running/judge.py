"""What the running containers of a service say of a pin: seen by exec, judged against the pin file and its history."""

from dataclasses import replace
from datetime import datetime
from enum import StrEnum

from preflight.compose.labels import SERVICE
from preflight.compose.read.files import find_files
from preflight.context import Context
from preflight.coolify.resource import Resource
from preflight.engine.container import Container, ExecResult, Sight
from preflight.errors import CouldNotLook, DoesNotApply
from preflight.git.checkout import judged_folder
from preflight.git.model import Commit
from preflight.git.root import find_git_root
from preflight.lib.records import frozen
from preflight.lib.reference import ReferenceProblem, parse_reference
from preflight.model import Location
from preflight.pins.history import Past, read_past
from preflight.pins.image import PinnedImage
from preflight.pins.sentinel import SENTINEL
from preflight.pins.value import read_pin_value
from preflight.project import Pin
from preflight.releases.pin_history import pin_history
from preflight.running.ownership import Checkout, Choice, choose
from preflight.running.processes import find_contradiction

ACTIVE = frozenset({"running", "paused", "restarting"})
"""States in which a container's process exists, or will in a moment, with the environment it was made with."""


class RunningVerdict(StrEnum):
    """What one container says."""

    EQUAL = "equal"
    EARLIER = "the value of an earlier commit"
    NOT_YET = "no value, made before the pin file had one"
    UNKNOWN = "what the history here does not have"
    OTHER = "a value that no commit had"
    EMPTY = "empty"
    ABSENT = "absent"
    ENTRYPOINT = "another value in its process"
    SENTINEL = "no sentinel"
    NOT_ASKED = "nothing can be run in it"
    UNSEEN = "could not be seen"


@frozen
class Judgement:
    """What was found in one container.

    Args:
        container: The container.
        verdict: The verdict on it.
        state: When it was looked at.
        source: How its environment was seen.
        value: The variable's value; a secret until proven otherwise.
        commit: The newest commit whose value it carries.
        release: The release for which that value was pinned, e.g. "1.4.1"; empty where no commit names one.
        default: The value is the image's own: nothing fed the variable.
        rolled_back: The pin file's value is one that it had already before that commit.
        older: The container was made before the pin file got its present content.
        problem: Why it could not be seen.
        executed: What was seen by running something in it; None where nothing could be run.
        process: For ``ENTRYPOINT``: the one with another value.
        created: When the container was made.
        exec_refused: The engine runs nothing in it: what it was made with was judged.
    """

    container: Container
    verdict: RunningVerdict
    state: str = ""
    source: str = ""
    value: str | None = None
    commit: Commit | None = None
    release: str = ""
    default: bool = False
    rolled_back: bool = False
    older: bool = False
    problem: CouldNotLook | None = None
    executed: ExecResult | None = None
    process: str = ""
    created: datetime | None = None
    exec_refused: bool = False


@frozen
class Running:
    """What was found for one pin.

    Args:
        pin: The pin.
        expected: The value in the pin file.
        choice: Whose containers they are.
        judged: Those that run, or are paused or restarting.
        stopped: Ours that do not run.
        armed: The pin file holds a sentinel.
        release: The release for which the expected value was pinned; empty where no commit names one.
        ends: The oldest commit of the pin file that is here, where there may be older ones.
        resource: The application of Coolify's that they belong to.
    """

    pin: Pin
    expected: str
    choice: Choice
    judged: tuple[Judgement, ...]
    stopped: tuple[Container, ...]
    armed: bool
    release: str = ""
    ends: Commit | None = None
    resource: Resource | None = None


def analyse_running(ctx: Context, pin: Pin) -> Running:
    """Look at every running container of the pin's service.

    Raises:
        CouldNotLook: The pin file gives no value to compare with, the engine cannot be asked, or nothing tells which
            of Coolify's applications is meant.
    """
    value = read_pin_value(pin, ctx.show)
    armed = value.file.last(SENTINEL)
    engine = ctx.doors.engine
    choice, resource = our_containers(ctx, pin)
    active = [each for each in choice.ours if each.state in ACTIVE]
    judge = _Judge(ctx, pin, value.text, armed.value if armed else None)
    judged = tuple(
        judge(container, sight)
        for container, sight in zip(active, engine.look_at_all(active, ctx.deadline), strict=True)
    )
    return Running(
        pin=pin,
        expected=value.text,
        choice=choice,
        judged=judged,
        stopped=tuple(each for each in choice.ours if each.state not in ACTIVE),
        armed=armed is not None,
        release=judge.release_of(value.text),
        ends=judge.ends,
        resource=resource,
    )


def our_containers(ctx: Context, pin: Pin) -> tuple[Choice, Resource | None]:
    """Return the containers of a pin's service, ours told from others, and Coolify's resource that made ours.

    Raises:
        CouldNotLook: The engine cannot be asked, or nothing tells which of Coolify's applications is meant.
    """
    listed = ctx.doors.engine.containers({SERVICE: pin.service}, ctx.deadline)
    folder = judged_folder(ctx.project, ctx.pins)
    choice = choose(listed, checkout_of(ctx), find_git_root(folder) or folder)
    if not choice.coolify:
        return choice, None
    try:
        resource = ctx.doors.coolify.resource(pin.service, ctx.deadline)
    except DoesNotApply:
        return choice.with_application(()), None
    except CouldNotLook:
        if choice.ours:  # made from our files: whose they are is known
            return choice.with_application(()), None
        raise
    return choice.with_application(resource.containers), resource


def checkout_of(ctx: Context) -> Checkout:
    """Return what tells our containers from others.

    Raises:
        CouldNotLook: ``.env`` or ``--env-file``, which may name files and project, cannot be read.
    """
    found = find_files(ctx.project, ctx.environ)
    name = ctx.project.project_name or found.environ.get("COMPOSE_PROJECT_NAME", "")
    return Checkout(found.files, found.folder, name or _written_name(ctx))


def _written_name(ctx: Context) -> str:
    try:
        return ctx.doors.compose.source(ctx.deadline).project_name()
    except CouldNotLook:  # other checks say so
        return ""


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
            executed=executed,
            created=details.created,
            exec_refused=sight.refused is not None,
        )
        configured = details.environment.get(self._pin.variable)
        inside = (executed.environment if executed else details.environment).get(self._pin.variable)
        if configured != inside:
            return replace(seen, verdict=RunningVerdict.OTHER, value=inside)
        other = find_contradiction(executed, self._pin.variable, configured) if executed and configured else None
        if other is not None:
            return replace(seen, verdict=RunningVerdict.ENTRYPOINT, value=other.value, process=other.process)
        if configured != self._expected:
            return self._different(seen, configured, details.created)
        return self._when_equal(seen, sight)

    @property
    def ends(self) -> Commit | None:
        """The oldest commit that is here, where there may be older ones; None also where git was not asked."""
        if self._past is None or self._past.complete or not self._past.commits:
            return None
        return self._past.commits[-1]

    def release_of(self, value: str | None) -> str:
        """Return the release for which the newest commit pinned a value; empty where git was not asked."""
        if self._past is None:
            return ""
        try:
            image = replace(parse_reference(value or ""), tag=None)
        except ReferenceProblem:
            return ""
        pinned = PinnedImage(self._pin, image, Location(""))
        records = pin_history(pinned, self._past.commits, shallow=not self._past.complete).records
        return next((each.release for each in records if each.image == image), "")

    def _default(self, container: Container) -> str | None:
        """Return the variable's value in the container's image."""
        try:
            return self._ctx.doors.engine.image_environment(container.image_id, self._ctx.deadline).get(
                self._pin.variable
            )
        except CouldNotLook:  # an image may be gone while its container runs
            return None

    def _when_equal(self, seen: Judgement, sight: Sight) -> Judgement:
        """Judge a container that was made with the right value."""
        if sight.refused is not None and not self._ctx.before:  # only exec proves that the pin arrived
            return replace(seen, verdict=RunningVerdict.UNSEEN, problem=sight.refused)
        executed, armed = sight.executed, self._sentinel
        inside = executed.environment if executed is not None else sight.details.environment
        other = find_contradiction(executed, SENTINEL, armed) if executed is not None and armed is not None else None
        if armed is not None and (inside.get(SENTINEL) != armed or other is not None):
            return replace(seen, verdict=RunningVerdict.SENTINEL)
        asked = executed is not None or sight.refused is not None
        return replace(seen, verdict=RunningVerdict.EQUAL if asked else RunningVerdict.NOT_ASKED)

    def _different(self, seen: Judgement, value: str | None, created: datetime) -> Judgement:
        """Tell a container that was not replaced since the pin changed from one that the pin did not reach."""
        past = self._past = self._past or read_past(self._ctx, self._pin)
        seen = replace(seen, value=value, older=created < past.changed)
        commit = past.commit_with(value)
        if commit is not None:
            back = past.had_before(self._expected, commit)
            release = self.release_of(value)
            return replace(seen, verdict=RunningVerdict.EARLIER, commit=commit, release=release, rolled_back=back)
        if past.problem is not None and self._ctx.before:
            return replace(seen, verdict=RunningVerdict.UNSEEN, problem=past.problem)
        if value is not None and value == self._default(seen.container):
            seen, value = replace(seen, default=True), None
        if value:
            # Without any history the file's age tells: it said what it says now when the container was made.
            known = past.complete or not (past.commits or seen.older)
            return replace(seen, verdict=RunningVerdict.OTHER if known else RunningVerdict.UNKNOWN)
        lost = RunningVerdict.EMPTY if value == "" else RunningVerdict.ABSENT
        if past.value_at(created) or not seen.older:
            return replace(seen, verdict=lost)
        return replace(seen, verdict=RunningVerdict.NOT_YET if past.complete else RunningVerdict.UNKNOWN)


def _stopped(container: Container, state: str) -> CouldNotLook:
    return CouldNotLook(
        f"container {container.name} stopped while it was asked (now {state})",
        f"See `docker logs {container.name}`, then run preflight again.",
    )
