"""What runs, held against what was approved: by what a container was made with, and what its processes have."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from preflight.context import Context
from preflight.engine.container import Container, Sight
from preflight.errors import CouldNotLook
from preflight.lib.records import frozen
from preflight.lib.regex import regex
from preflight.project import Pin
from preflight.receipts.receipt import Receipt
from preflight.running.judge import ACTIVE, our_containers
from preflight.running.processes import find_contradiction

_COMMIT = "SOURCE_COMMIT"
_ID = regex(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")


class Approval(StrEnum):
    """How a container stands to the receipts."""

    APPROVED = "approved"
    EARLIER = "earlier"
    NEVER = "never"
    OTHER_COMMIT = "other-commit"
    ABSENT = "absent"
    UNSEEN = "unseen"


@frozen
class Compared:
    """One container.

    Args:
        container: The container.
        approval: How it stands.
        value: The pin's value in it; a secret until proven otherwise.
        commit: The commit it says it was made from; empty if it says none.
        receipt: The newest receipt that approves of that value.
        problem: Why it could not be seen.
    """

    container: Container
    approval: Approval
    value: str | None = None
    commit: str = ""
    receipt: Receipt | None = None
    problem: CouldNotLook | None = None


def compare_with_receipts(ctx: Context, pin: Pin, receipts: Sequence[Receipt]) -> tuple[Compared, ...]:
    """Compare every running container of the pin's service with the receipts.

    Args:
        ctx: For the engine.
        pin: Whose variable and service.
        receipts: Newest first; not empty.

    Raises:
        CouldNotLook: The engine cannot be asked.
    """
    engine = ctx.doors.engine
    choice, _ = our_containers(ctx, pin)
    active = [each for each in choice.ours if each.state in ACTIVE]
    sights = engine.look_at_all(active, ctx.deadline)
    return tuple(_compare(pin, each, sight, receipts) for each, sight in zip(active, sights, strict=True))


def approved_values(receipt: Receipt, pin: Pin) -> frozenset[str]:
    """Return the values that a receipt approves of for a pin."""
    return frozenset(
        each.reference for each in receipt.pins if (each.variable, each.service) == (pin.variable, pin.service)
    )


def _compare(pin: Pin, container: Container, sight: Sight | CouldNotLook, receipts: Sequence[Receipt]) -> Compared:
    if isinstance(sight, CouldNotLook):
        return Compared(container, Approval.UNSEEN, problem=sight)
    value = sight.details.environment.get(pin.variable)
    if value and sight.executed is not None:
        other = find_contradiction(sight.executed, pin.variable, value)
        value = value if other is None else other.value
    said = sight.details.environment.get(_COMMIT, "")
    commit = said if _ID.fullmatch(said) else ""
    if not value:
        return Compared(container, Approval.ABSENT, commit=commit)
    approving = [each for each in receipts if value in approved_values(each, pin)]
    if not approving:
        return Compared(container, Approval.NEVER, value, commit)
    if commit and commit not in {each.commit for each in approving}:
        return Compared(container, Approval.OTHER_COMMIT, value, commit, approving[0])
    latest = approving[0] is receipts[0]
    return Compared(container, Approval.APPROVED if latest else Approval.EARLIER, value, commit, approving[0])


def is_under_way(receipt: Receipt, now: datetime, minutes: int) -> bool:
    """Whether the rollout that a receipt approved may still be going on."""
    return 0 <= (now - receipt.at).total_seconds() <= minutes * 60
