"""Do what a plan says: publish, compare, write. What can refuse has spoken before."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar

from preflight.context import Context
from preflight.errors import CouldNotLook
from preflight.git.publish import MovesTooFast
from preflight.lib.records import frozen
from preflight.lib.reference import short_digest
from preflight.pin.deliver import (
    TRIES,
    Change,
    Delivered,
    Destination,
    Push,
    deliver,
    demand_author,
    demand_deliverable,
)
from preflight.pin.refusal import Refused
from preflight.pin.update.pinned import Pinned, pinned_here, pinned_on_branch
from preflight.pin.update.plan import PinMoved, PinPlan, UpdatePlan, judge
from preflight.pin.update.retag import compare, publish
from preflight.project import Pin

T = TypeVar("T")


@frozen
class Outcome:
    """How an update ended.

    Args:
        plan: The plan that was carried out in the end; another one than at first where somebody else pinned meanwhile.
        delivered: What was written.
        published: The tags that were put in the registry.
    """

    plan: UpdatePlan
    delivered: Delivered
    published: tuple[str, ...] = ()


def find_pinned(ctx: Context, pins: Sequence[Pin], to: Destination) -> tuple[Pinned, ...]:
    """Return what the pins are where the change goes.

    Raises:
        Refused: They pin no image by digest, or git knows nobody to commit as.
        CouldNotLook: Git or the remote cannot be asked.
    """
    demand_author(pins[0].file, to, ctx.environ, ctx.deadline)
    if isinstance(to, Push):
        return pinned_on_branch(ctx, pins, to.remote, to.start or to.branch)
    return tuple(pinned_here(ctx, pin) for pin in pins)


def demand_possible(ctx: Context, plan: UpdatePlan, to: Destination) -> tuple[UpdatePlan, tuple[str, ...]]:
    """Refuse what ``carry_out`` would refuse, as far as that can be seen without a write.

    Returns:
        The plan, which is another one where somebody pinned something else meanwhile; and the lines that will differ.

    Raises:
        Refused: See ``demand_deliverable``.
        CouldNotLook: Git, the remote or the registry cannot be asked.
    """
    return _settled(ctx, plan, to, lambda change: demand_deliverable(change, to, ctx.environ, ctx.deadline))


def carry_out(ctx: Context, plan: UpdatePlan, to: Destination, tell: Callable[[str], object]) -> Outcome:
    """Publish the release's tags, compare them, and write the line.

    Args:
        ctx: For the doors.
        plan: Complete, and accepted by ``demand_possible``.
        to: Where the change goes.
        tell: Gets a line for each step that is done.

    Raises:
        Refused: A tag, or the line, is no longer what it was, or the registry rewrites what it is sent.
        PushDeclined: The remote refuses the push.
        CouldNotLook: Something cannot be asked or written.
    """
    published = _publish(ctx, plan, tell)
    try:
        plan, done = _settled(ctx, plan, to, lambda change: deliver(change, to, ctx.environ, ctx.deadline))
    except (Refused, CouldNotLook) as error:
        if published:
            error.hint += f" Published already: {', '.join(published)}; the same command goes on from there."
        raise
    return Outcome(plan, done, published)


def _settled(ctx: Context, plan: UpdatePlan, to: Destination, act: Callable[[Change], T]) -> tuple[UpdatePlan, T]:
    """Act on the lines; where somebody pinned something else meanwhile, look at them and judge again."""
    for _ in range(TRIES):
        try:
            return plan, act(plan.change)
        except PinMoved:
            if not isinstance(to, Push):
                raise
        found = find_pinned(ctx, [each.pinned.pin for each in plan.pins], to)
        plan = replace(plan, pins=tuple(_judged_again(ctx, plan, *each) for each in zip(plan.pins, found, strict=True)))
    raise MovesTooFast(f"the pin in {plan.pins[0].pinned.where} changes faster than it can be pushed", "Try again.")


def _judged_again(ctx: Context, plan: UpdatePlan, before: PinPlan, found: Pinned) -> PinPlan:
    return replace(judge(ctx, found, plan.order, before.source), verified=before.verified)


def _publish(ctx: Context, plan: UpdatePlan, tell: Callable[[str], object]) -> tuple[str, ...]:
    registry, published = ctx.doors.registry, list[str]()
    for each in {str(each.target.image): each for each in plan.pins}.values():
        target, source = each.target, each.source
        if not plan.order.source or not (target.digest or target.publish):
            continue
        if target.publish and publish(registry, target, source, ctx.deadline):
            published.append(str(target.image))
            tell(f"published: {target.image} is {short_digest(source.digest)}")
        compare(registry, target, source, ctx.deadline)
        tell(f"compared:  {target.tag} and {source.tag} have the same bytes")
    return tuple(published)
