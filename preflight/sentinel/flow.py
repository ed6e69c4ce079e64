"""`preflight sentinel arm --via coolify`: arm, push, deploy, wait, disarm; whatever happens, disarm.

Whoever is interrupted, or fails, is disarmed too; where that cannot be done, the last words are how to do it by hand.
"""

import shlex
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from preflight.context import Context
from preflight.coolify.judge.location import find_location
from preflight.coolify.judge.remedies import REDEPLOY, ways_out
from preflight.coolify.resource import Resource
from preflight.errors import CouldNotLook, DoesNotApply, ExitCode
from preflight.git.publish import Publisher, PushDeclined, Target
from preflight.lib.deadline import Deadline
from preflight.lib.files import show_path
from preflight.lib.records import frozen, mutable
from preflight.lib.text import printable
from preflight.pins.sentinel import SENTINEL
from preflight.project import Pin
from preflight.sentinel.file import SentinelState, arm, armed, disarm, disarmed, status
from preflight.sentinel.surroundings import Surroundings
from preflight.sentinel.verify import Carried, Sought, Verified, Waiter, the_pin

_LOOK_S = 60.0
_GIT_S = 120.0
_API_S = 30.0


class Tell(Protocol):
    """Where words go."""

    def line(self, text: str) -> None:
        """To standard output."""

    def problem(self, error: CouldNotLook) -> None:
        """To standard error, with what to do."""

    def progress(self, text: str) -> None:
        """On a terminal only, in place of what was said before; "" clears it."""


@frozen
class Order:
    """What the operator asks for.

    Args:
        surroundings: What to look at.
        wait_s: Longest wait for the containers.
        push: Where to push the line; remote and branch; None: the operator does.
        trigger: Coolify's API may be asked to deploy.
    """

    surroundings: Surroundings
    wait_s: float
    push: tuple[str, str] | None = None
    trigger: bool = True


@mutable
class _Way:
    """What was done so far, which is what has to be undone."""

    pin: Pin
    publisher: Publisher | None
    armed_file: bool = False
    maybe_pushed: bool = False


def go(order: Order, tell: Tell) -> int:
    """Do all of it; return the exit code.

    Raises:
        ConfigurationError: It is not clear what is meant; nothing was written.
        CouldNotLook: It could not begin; nothing was written.
        Interrupted: A signal was received; it is disarmed by then.
    """
    ctx = order.surroundings.look(Deadline.after(_LOOK_S))
    pin = the_pin(ctx)
    resource = _resource(ctx, pin)
    _demand_a_chance(ctx, pin, resource)
    pin = replace(pin, file=pin.file.resolve())
    publisher = _publisher(order, pin)
    way = _Way(pin, publisher)
    code: int = ExitCode.COULD_NOT_LOOK
    try:
        code = _there(order, ctx, resource, way, tell)
    except CouldNotLook as error:
        tell.problem(error)
    finally:
        tell.progress("")
        clean = _back(order, way, tell)
    return code if clean else max(code, ExitCode.COULD_NOT_LOOK)


def _resource(ctx: Context, pin: Pin) -> Resource:
    try:
        return ctx.doors.coolify.resource(pin.service, ctx.deadline)
    except DoesNotApply as error:
        raise CouldNotLook(error.message, f"{error.hint} Without Coolify: `preflight sentinel arm`.") from error


def _demand_a_chance(ctx: Context, pin: Pin, resource: Resource) -> None:
    """Refuse to deploy production for nothing: what cannot arrive need not be tried.

    Raises:
        CouldNotLook: It cannot arrive.
    """
    if ctx.doors.coolify.settings.pin_in == "ui":
        raise CouldNotLook(
            "coolify.pin_in is ui: the containers get the pin from Coolify's UI, not from the file",
            "Use `preflight run`, which compares the two; nothing was armed.",
        )
    mode = ctx.doors.coolify.mode(resource, ctx.deadline)
    if not mode.coming.keeps_env_file:
        raise CouldNotLook(
            f"nothing was armed: in its {mode.coming} Coolify replaces env_file:, so no sentinel can arrive",
            ways_out(mode.coming, pin, find_location(ctx)) + REDEPLOY,
        )


def _publisher(order: Order, pin: Pin) -> Publisher | None:
    if order.push is None:
        return None
    publisher = Publisher(order.surroundings.environ, Target(pin.file, *order.push))
    publisher.check(Deadline.after(_GIT_S))
    return publisher


def _there(order: Order, ctx: Context, resource: Resource, way: _Way, tell: Tell) -> int:
    """Arm, push, deploy, wait."""
    began = datetime.now(UTC)
    way.armed_file = True  # from here on somebody may interrupt
    state = arm(way.pin.file)
    token = state.token or ""
    shown = show_path(way.pin.file, order.surroundings.cwd)
    tell.line(f"Armed {shown}: {SENTINEL}={token}")
    _push(order, way, token, shown, tell)
    deployment = _trigger(order, ctx, resource, way, tell)
    waiter = Waiter(
        order.surroundings,
        Sought(way.pin, token, None if state.changed else began),
        began,
        status=_status(ctx, deployment),
        progress=tell.progress,
    )
    found = waiter.wait(order.wait_s)
    tell.progress("")
    return say(found, tell)


def _push(order: Order, way: _Way, token: str, shown: str, tell: Tell) -> None:
    if way.publisher is None or order.push is None:
        tell.line("Now commit and push that line, and deploy; then take it out of git again.")
        return
    way.maybe_pushed = True
    try:
        commit = way.publisher.publish(
            lambda data: armed(disarmed(data), token), f"Arm the preflight sentinel in {shown}", Deadline.after(_GIT_S)
        )
    except PushDeclined:
        way.maybe_pushed = False
        raise
    tell.line(f"Pushed it to {'/'.join(order.push)} ({(commit or '')[:12]}).")


def _trigger(order: Order, ctx: Context, resource: Resource, way: _Way, tell: Tell) -> str:
    """Ask Coolify to deploy, where it would deploy the line; return the deployment's UUID, "" if nobody can follow."""
    reaches = way.maybe_pushed or way.pin.file.is_relative_to(resource.folder)
    api = ctx.doors.coolify.api(Deadline.after(_API_S)) if order.trigger and reaches else None
    if api is None:
        tell.line(f"Waiting up to {order.wait_s:.0f} s for Coolify to deploy it (press Deploy there, if nothing else).")
        return ""
    deployment = api.deploy(resource.uuid, Deadline.after(_API_S))
    tell.line(f"Coolify deploys it; waiting up to {order.wait_s:.0f} s.")
    return deployment


def _status(ctx: Context, deployment: str) -> Callable[[Deadline], str | None]:
    def ask(deadline: Deadline) -> str | None:
        api = ctx.doors.coolify.api(deadline) if deployment else None
        return None if api is None else api.deployment(deployment, deadline)

    return ask


def say(found: Verified, tell: Tell) -> int:
    """Say how the waiting ended; return the exit code."""
    if found.carried is Carried.UNKNOWN:
        tell.problem(CouldNotLook(found.message, found.hint))
        return ExitCode.COULD_NOT_LOOK
    tell.line(found.message)
    if found.hint:
        tell.line(f"  {found.hint}")
    return ExitCode.OK if found.carried is Carried.YES else ExitCode.FAILED


def _back(order: Order, way: _Way, tell: Tell) -> bool:
    """Take the sentinel away wherever it may be; say so, or how to do it by hand. Returns whether none is left."""
    shown = show_path(way.pin.file, order.surroundings.cwd)
    by_hand = f"preflight sentinel disarm --file {shlex.quote(shown)}"
    left = {shown: by_hand} if way.armed_file else {}
    if way.maybe_pushed and order.push is not None:
        remote, branch = order.push
        left["/".join(order.push)] = f"{by_hand} --push --remote {remote} --branch {branch}"
    try:
        _undo(order, way, shown, left, tell)
    except CouldNotLook as error:
        tell.problem(error)
    finally:
        if left:
            # The command for the branch disarms the file too.
            words = f"A SENTINEL MAY BE LEFT in {printable(' and in '.join(left))}"
            tell.problem(CouldNotLook(words, f"Take it away: {list(left.values())[-1]}"))
    return not left


def _undo(order: Order, way: _Way, shown: str, left: dict[str, str], tell: Tell) -> None:
    """Disarm file and branch, the one also where the other cannot be; take from ``left`` what is done."""
    problem: CouldNotLook | None = None
    if way.armed_file:
        try:
            state = disarm(way.pin.file)
        except CouldNotLook as error:
            problem = error
        else:
            del left[shown]
            tell.line(f"Disarmed {shown}." if state.changed else f"{shown} is not armed.")
    if way.maybe_pushed and way.publisher is not None and order.push is not None:
        where = "/".join(order.push)
        disarm_remote(way.publisher, shown, where, tell)
        del left[where]
    if problem is not None:
        raise problem


def disarm_remote(publisher: Publisher, shown: str, where: str, tell: Tell) -> None:
    """Take the sentinel out of the file on a remote branch.

    Raises:
        CouldNotLook: It may still be there.
    """
    commit = publisher.publish(disarmed, f"Disarm the preflight sentinel in {shown}", Deadline.after(_GIT_S))
    tell.line(f"Pushed that to {where} ({commit[:12]})." if commit else f"{where} is not armed.")


def verify(surroundings: Surroundings, wait_s: float, tell: Tell) -> int:
    """Wait for the sentinel in every armed pin file that is meant; return the exit code.

    Raises:
        ConfigurationError: There is no pin.
        CouldNotLook: A file is not armed, or cannot be read.
    """
    ctx = surroundings.look(Deadline.after(_LOOK_S))
    code: int = ExitCode.OK
    states = [(pin, _demand_armed(pin, ctx)) for pin in ctx.pins]
    for pin, state in states:
        armed_at = datetime.fromtimestamp(Path(state.path).stat().st_mtime, UTC)
        waiter = Waiter(surroundings, Sought(pin, state.token or ""), armed_at, progress=tell.progress)
        found = waiter.wait(wait_s)
        tell.progress("")
        code = max(code, say(found, tell))
    return code


def _demand_armed(pin: Pin, ctx: Context) -> SentinelState:
    state = status(pin.file)
    if state.token is None:
        raise CouldNotLook(
            f"{ctx.show(pin.file)} is not armed, so there is nothing to wait for", "First: `preflight sentinel arm`."
        )
    return state
