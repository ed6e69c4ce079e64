"""A rollback as a whole: chosen and verified before anything is written."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from preflight.context import Context
from preflight.errors import CouldNotLook
from preflight.git.command import GitCommand
from preflight.lib.parallel import together
from preflight.lib.records import frozen
from preflight.lib.reference import short_digest
from preflight.pin.candidate import Verified, demand_pinnable
from preflight.pin.deliver import Change
from preflight.pin.history import DEFAULT_LIMIT
from preflight.pin.refusal import Refused
from preflight.pin.rollback.message import Message, message_for
from preflight.pin.rollback.target import Step, choose_step, earlier_pins, shown, value_of_change
from preflight.project import Pin
from preflight.registry.errors import ManifestUnknown
from preflight.releases.timeline import PinChange, pin_changes
from preflight.run.config import Configuration

_ASKED = 20


@frozen
class Plan:
    """What a rollback will do.

    Args:
        step: From where to where.
        changes: The changes of the pin, newest first.
        change: The change of the file.
        message: The message of the commit.
        verified: What the checks said of the target; None where nobody was asked (``--offline``).
    """

    step: Step
    changes: tuple[PinChange, ...]
    change: Change
    message: Message
    verified: Verified | None


def read_changes(ctx: Context, pin: Pin) -> tuple[PinChange, ...]:
    """Return the changes of a pin as far as the history here goes, newest first, with what a cut-off begins with.

    Raises:
        CouldNotLook: Git cannot read the history.
    """
    git = ctx.doors.git
    commits = git.history(git.places(pin.file)[-1], DEFAULT_LIMIT, ctx.deadline)
    shallow = git.is_shallow(ctx.deadline)
    return pin_changes(pin.variable, commits, shallow=shallow, with_cut=True)


def make_plan(ctx: Context, configuration: Configuration, pin: Pin, to: str = "") -> Plan | Step:
    """Choose the target and verify it.

    Args:
        ctx: For the doors; with ``options.offline`` nothing is verified.
        configuration: The settings of the checks that verify.
        pin: The pin.
        to: See ``choose_step``.

    Returns:
        The step alone where the target is pinned already.

    Raises:
        Refused: There is no target, or it cannot be rolled back to.
        CouldNotLook: Git, the registry or a verifier cannot be asked.
    """
    changes = read_changes(ctx, pin)
    step = choose_step(pin.variable, changes, to)
    if not step.is_needed:
        return step
    if not ctx.options.offline:
        _demand_there(ctx, step, changes)
    value = value_of_change(step.target, pin.variable)
    verified = None if ctx.options.offline else demand_pinnable(ctx, configuration, pin, value)
    before = value_of_change(step.present, pin.variable)
    real = replace(pin, file=ctx.doors.git.places(pin.file)[-1])
    message = message_for(GitCommand(ctx.environ), real, step, ctx.deadline)
    change = Change(pin.file, {pin.variable: partial(_decide, step, before, value)})
    return Plan(step, changes, change, message, verified)


def _decide(step: Step, before: str, after: str, found: str) -> str:
    """Return the new value; refuse to overwrite what somebody else pinned meanwhile."""
    if found in {before, after}:
        return after
    raise Refused(
        f"the pin is no longer {shown(step.present)}: somebody pinned another image meanwhile",
        "git pull, look at it (preflight pin history), and decide again.",
    )


def _demand_there(ctx: Context, step: Step, changes: Sequence[PinChange]) -> None:
    """Refuse a target that the registry no longer has, and name the nearest earlier one that it has.

    Raises:
        Refused: It is gone.
        CouldNotLook: The registry cannot be asked.
    """
    target = step.target
    if _is_there(ctx, target):
        return
    older = earlier_pins(changes, target)
    near = [each for each in older if each.digest != step.present.digest][:_ASKED]
    answers = together([partial(_is_there, ctx, each) for each in near], ctx.deadline, "the registry")
    there = next((each for each, answer in zip(near, answers, strict=True) if answer is True), None)
    if there is not None:
        name = there.release or there.commit.hash[:9]
        hint = f"The nearest earlier one that is there is {shown(there)}: preflight pin rollback --to {name}"
    else:
        unknown = any(isinstance(answer, CouldNotLook) for answer in answers)
        tail = "could be asked for" if unknown else "is there either"
        hint = f"None of the earlier ones {tail}: build and push {target.release or 'that release'} again."
    raise Refused(f"the registry no longer has {target.release} {short_digest(target.digest)}".replace("  ", " "), hint)


def _is_there(ctx: Context, change: PinChange) -> bool:
    if change.image is None:
        return False
    try:
        ctx.doors.registry.head_manifest(change.image, ctx.deadline)
    except ManifestUnknown:  # an unknown repository may only be hidden from our credentials
        return False
    return True
