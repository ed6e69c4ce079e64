"""Whether pushing the pin makes Coolify deploy it (app/Http/Controllers/Webhook/Github.php, and those of other hosts).

Since 4.1.0 Coolify ignores a push in which every commit has ``[skip ci]`` or ``[skip cd]`` in its message, in any
case (Webhook/Concerns/DetectsSkipDeployCommits.php). In every version it ignores pushes where automatic deployment is
off, and those that change no file in "Watch paths" (not asked for pushes from Bitbucket). Deployments by hand, by API
and by the deploy webhook are made in any case.
"""

from typing import TYPE_CHECKING

from preflight.context import Context
from preflight.coolify.judge.parser_rules import coolify_version
from preflight.coolify.judge.watch_paths import watched
from preflight.coolify.resource import Kind, Resource
from preflight.errors import CouldNotLook, DoesNotApply
from preflight.git.address import parse_address
from preflight.git.messages import Push
from preflight.git.model import Commit, is_commit
from preflight.lib.records import frozen
from preflight.lib.versions import parse_version
from preflight.pins.history import Past, demand_past
from preflight.pins.value import read_pin_value
from preflight.project import Pin

if TYPE_CHECKING:
    from preflight.coolify.api.client import Application

MARKERS = ("[skip ci]", "[skip cd]")
_MARKERS_FROM = "4.1.0"
_SOURCE_COMMIT = "SOURCE_COMMIT"
_WITHOUT_WATCH_PATHS = "bitbucket"


@frozen
class Redeploy:
    """What was found about one pin.

    Args:
        pin: The pin.
        commit: Since which the pin has its value.
        is_deployed: Every container of the service already has that value.
        push: The commits since the last deployment, where that is known; else since ``commit``, which counts.
        markers: Those in the messages, where every commit has one and this Coolify heeds them.
        is_switched_off: A push makes Coolify deploy nothing.
        is_unwatched: No file that changed is in Watch paths.
        api_asked: The API told of switch and paths.
        problem: Why it did not, although it was to be asked.
    """

    pin: Pin
    commit: Commit
    is_deployed: bool
    push: Push
    markers: tuple[str, ...] = ()
    is_switched_off: bool = False
    is_unwatched: bool = False
    api_asked: bool = False
    problem: CouldNotLook | None = None


def look_at_redeploy(ctx: Context, pin: Pin) -> Redeploy:
    """Find out whether Coolify deploys a pin when it is pushed.

    Raises:
        DoesNotApply: Coolify does not deploy it from git here, or deployed nothing yet.
        CouldNotLook: The pin, its history, or which resource it is cannot be told.
    """
    coolify, deadline = ctx.doors.coolify, ctx.deadline
    resource = coolify.resource(pin.service, deadline)
    if resource.kind is Kind.SERVICE:
        raise DoesNotApply(f"{pin.service}: a service stack is deployed by hand or API, not by a push")
    if not resource.containers:
        raise DoesNotApply(f"{pin.service}: nothing is deployed yet, and Coolify is told by hand to deploy first")
    value = read_pin_value(pin, ctx.show).text
    past = demand_past(ctx, pin)
    commit = _set_by(ctx, pin, past, value)
    given = [ctx.doors.engine.environment(each, deadline) for each in resource.containers]
    push = _push(ctx, pin, commit, {each.get(_SOURCE_COMMIT, "") for each in given})
    application, problem = _application(ctx, resource)
    markers = _markers(push) if _heeds_markers(resource) else ()
    if markers and commit is past.commits[-1] and ctx.doors.git.is_shallow(deadline):
        raise CouldNotLook(
            f"{pin.service}: a shallow clone does not tell in which commit the pin changed", "git fetch --unshallow"
        )
    return Redeploy(
        pin,
        commit,
        all(each.get(pin.variable) == value for each in given),
        push,
        markers,
        is_switched_off=application is not None and application.auto_deploy is False,
        is_unwatched=application is not None and _is_unwatched(application, push),
        api_asked=application is not None,
        problem=problem,
    )


def _set_by(ctx: Context, pin: Pin, past: Past, value: str) -> Commit:
    if not past.commits:
        raise DoesNotApply(f"{ctx.show(pin.file)} is in no commit here, so nothing tells how it is pushed")
    commit = past.set_by(value)
    if commit is None:
        raise DoesNotApply(f"{ctx.show(pin.file)} says something else than the last commit, so it is not pushed yet")
    return commit


def _push(ctx: Context, pin: Pin, commit: Commit, deployed: set[str]) -> Push:
    """Return the commits that are pushed with the pin, as far as the containers tell what was deployed last."""
    git, folder = ctx.doors.git, pin.file.parent
    [last] = deployed if len(deployed) == 1 else {""}
    if is_commit(last) and git.has_commit(last, ctx.deadline):
        since = git.commits_since(folder, last, ctx.deadline, included=False)
        if any(each.hash == commit.hash for each in since.commits):
            return since
    return git.commits_since(folder, commit.hash, ctx.deadline, included=True)


def _application(ctx: Context, resource: Resource) -> "tuple[Application | None, CouldNotLook | None]":
    try:
        return ctx.doors.coolify.application(resource, ctx.deadline), None
    except CouldNotLook as problem:
        return None, problem


def _heeds_markers(resource: Resource) -> bool:
    """Whether this Coolify knows the markers; one whose version nothing tells counts as today's."""
    version = coolify_version(resource.version)
    return version is None or version.at_least(parse_version(_MARKERS_FROM))


def _markers(push: Push) -> tuple[str, ...]:
    """Return the markers in use; none where a commit has none, for then Coolify deploys them all."""
    messages = [each.message.lower() for each in push.commits if each.message.strip()]
    if not messages or not all(any(marker in each for marker in MARKERS) for each in messages):
        return ()
    return tuple(marker for marker in MARKERS if any(marker in each for each in messages))


def _is_unwatched(application: "Application", push: Push) -> bool:
    paths = (application.watch_paths or "").strip()
    if not paths or _WITHOUT_WATCH_PATHS in parse_address(application.git_repository or "").host:
        return False
    return not watched(paths, push.files)
