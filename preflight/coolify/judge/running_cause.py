"""Why a container differs from the pin file, where Coolify made it."""

from dataclasses import replace

from preflight.context import Context
from preflight.coolify.host.deployed import Deployed
from preflight.coolify.judge.cause import Cause, CauseKind, Lost, find_cause
from preflight.coolify.judge.location import find_location
from preflight.coolify.judge.next_deployment import Arrival, look_at_next_deployment
from preflight.coolify.judge.ui_rows import RowHolder, find_row_holders
from preflight.coolify.judge.ui_variables import UiWhen, look_at_ui
from preflight.coolify.resource import Resource
from preflight.errors import CouldNotLook, DoesNotApply
from preflight.running.judge import Judgement, Running


def cause_of(ctx: Context, found: Running, judgement: Judgement) -> Cause | None:
    """Return why the pin did not reach a container; None where Coolify did not make it or nothing tells.

    Raises nothing: that the container differs is known, and stands, whether or not the reason can be seen.
    """
    resource, created = found.resource, judgement.created
    if resource is None or created is None:
        return None
    coolify = ctx.doors.coolify
    try:
        lost = Lost(
            pin=found.pin,
            expected=found.expected,
            created=created,
            mode=coolify.mode(resource, ctx.deadline),
            deployed=_deployed(ctx, resource),
            pin_in=coolify.settings.pin_in,
            location=find_location(ctx),
            holders=_holders(ctx, found.pin.variable),
        )
        cause = find_cause(lost)
    except CouldNotLook:
        return None
    return cause if cause is None else replace(cause, removed=_is_removed(ctx, lost, cause))


def _holders(ctx: Context, variable: str) -> tuple[RowHolder, ...]:
    try:
        return find_row_holders(ctx.doors.compose.source(ctx.deadline), variable)
    except CouldNotLook:
        return ()


def _deployed(ctx: Context, resource: Resource) -> Deployed | None:
    try:
        return ctx.doors.coolify.deployed(resource, ctx.deadline)
    except CouldNotLook:
        return None


def _is_removed(ctx: Context, lost: Lost, cause: Cause) -> bool:
    """Whether the next deployment removes a cause: the repository or Coolify's settings are others than then."""
    try:
        if cause.kind is CauseKind.SHADOWED:
            return not any(each.when is not UiWhen.LEAVING for each in look_at_ui(ctx, lost.pin).shadows)
        coming = look_at_next_deployment(ctx, lost.pin)
    except (CouldNotLook, DoesNotApply):
        return False
    if coming.arrival not in {Arrival.ARRIVES, Arrival.FROM_UI}:
        return False
    return cause.kind is CauseKind.REPLACED or coming.mode.next is not None or bool(coming.copy == coming.wanted != "")
