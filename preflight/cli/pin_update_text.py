"""What ``preflight pin update`` says."""

import json
import shlex
from typing import TYPE_CHECKING, Any

from preflight.lib.reference import short_digest, short_reference
from preflight.lib.text import printable
from preflight.pin.rollback.target import shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from preflight.context import Context
    from preflight.pin.update.carry_out import Outcome
    from preflight.pin.update.plan import PinPlan, UpdatePlan


def plan_lines(ctx: "Context", plan: "UpdatePlan") -> list[str]:
    """Return what is going to be done, and what was verified."""
    lines = [line for each in plan.pins for line in _pin_lines(ctx, plan, each)]
    notes = (note for each in plan.pins for note in (*each.verified.notes, *each.notes))
    return [*lines, *dict.fromkeys(f"note: {note}" for note in (*notes, *plan.notes))]


def _pin_lines(ctx: "Context", plan: "UpdatePlan", each: "PinPlan") -> list[str]:
    pin, source = each.pinned.pin, each.source
    return [
        f"{pin.variable} for {pin.service} in {ctx.show(pin.file)}",
        f"pinned: {shown(each.pinned.present)} in {each.pinned.where}",
        f"new:    {plan.order.release.name} ({short_digest(source.digest)}), from the tag {source.tag}",
        *(f"verified: {passed}" for passed in each.verified.passed),
    ]


def dry_lines(plan: "UpdatePlan", smoke: tuple[str, ...], merge: str, diff: "Sequence[str]") -> list[str]:
    """Return what the steps after the plan would do, and the lines that would differ."""
    steps = [f"to run: `{printable(shlex.join(smoke), 120)}` with the image"] if smoke and not plan.is_done else []
    steps += [
        f"to publish: {each.target.image} as {short_digest(each.source.digest)}"
        for each in plan.pins
        if each.target.publish
    ]
    steps += [f"to do afterwards: {merge}"] if merge else []
    steps += [f"nothing to do: {plan.pins[0].pinned.where} says so already"] if plan.is_done else []
    return [*steps, *diff, "nothing was written (--dry-run)"]


def outcome_lines(outcome: "Outcome", message: str, merge: str) -> list[str]:
    """Return what was written, and where, and what is left to do with a new branch."""
    done = outcome.delivered
    if not done.changed:
        return [f"nothing to do: {done.where} says so already"]
    if not done.commit:
        return [*done.diff, f"changed: {done.where}; nothing is committed"]
    subject = short_reference(printable(message.partition("\n")[0]))
    committed = f"committed in {done.where}: {done.commit} ({subject})"
    left = [f"the branch is new, and nothing is deployed before somebody merges it; {merge}"] if merge else []
    return [*done.diff, committed, *left]


def one_line(plan: "UpdatePlan", outcome: "Outcome | None") -> str:
    """Return release, digests and what was done in one line."""
    done = outcome.delivered if outcome else None
    state = "dry-run" if done is None else done.commit or ("changed" if done.changed else "unchanged")
    digests = dict.fromkeys(each.source.digest for each in plan.pins)
    return f"{plan.order.release.name} {','.join(digests)} {state}"


def as_json(ctx: "Context", plan: "UpdatePlan", outcome: "Outcome | None", merge: str, diff: "Sequence[str]") -> str:
    """Return all there is to say as JSON; without an outcome (``--dry-run``), what would be done."""
    done = outcome.delivered if outcome else None
    data = {
        "release": plan.order.release.name,
        "pins": [_pin_data(ctx, each) for each in plan.pins],
        "message": plan.message,
        "notes": list(plan.notes),
        "published": list(outcome.published) if outcome else [],
        "changed": bool(done and done.changed),
        "where": done.where if done else None,
        "commit": (done.commit or None) if done else None,
        "merge": merge or None,
        "diff": list(diff),
    }
    return json.dumps(data, indent=2)


def _pin_data(ctx: "Context", each: "PinPlan") -> dict[str, Any]:
    pin, present = each.pinned.pin, each.pinned.present
    return {
        "variable": pin.variable,
        "service": pin.service,
        "file": ctx.show(pin.file),
        "from": {"release": present.release or None, "digest": present.digest, "where": each.pinned.where},
        "to": {"digest": each.source.digest, "source": each.source.tag, "image": each.value},
        "verified": list(each.verified.passed),
        "notes": [*each.verified.notes, *each.notes],
    }
