"""What ``preflight pin rollback`` prints."""

import json
from typing import TYPE_CHECKING, Any

from preflight.lib.records import frozen
from preflight.lib.text import printable
from preflight.pin.deliver import Delivered
from preflight.pin.rollback.plan import Plan
from preflight.pin.rollback.remains import Remaining
from preflight.pin.rollback.target import Step, shown
from preflight.pin.rollback.ui import UiChange
from preflight.project import Pin
from preflight.releases.timeline import PinChange
from preflight.report import Report

if TYPE_CHECKING:
    from preflight.context import Context

_SHORT = 9


@frozen
class RollbackResult:
    """All there is to say.

    Args:
        pin: The pin.
        plan: What was to be done.
        done: What was done; None with ``--dry-run``.
        diff: The lines that differ, or with ``--dry-run`` would.
        remaining: What is still to be done.
        report: The report of the rollout that was followed.
        ui: The variable in Coolify's UI; None without ``--ui``.
        merge: Where to open a pull request for the new branch; empty if there is no new branch.
    """

    pin: Pin
    plan: Plan
    done: Delivered | None
    diff: tuple[str, ...]
    remaining: tuple[Remaining, ...]
    report: Report | None
    ui: UiChange | None = None
    merge: str = ""


def nothing_to_do(step: Step, ui: UiChange | None, format_: str, *, dry_run: bool) -> str:
    """Return what is said where the target is pinned already; with ``--ui``, what was done in Coolify's UI."""
    present = step.present
    if format_ == "json":
        data = {"changed": False, "release": present.release or None, "digest": present.digest}
        return json.dumps({**data, "ui": _ui_data(ui, changed=not dry_run)})
    if ui is not None and ui.is_needed:
        return "\n".join((f"{shown(present)} is pinned already", _ui_line(ui, changed=not dry_run)))
    return f"nothing to do: {shown(present)} is pinned already"


def rollback_text(ctx: "Context", result: RollbackResult, format_: str) -> str:
    """Return all there is to say, in one of the formats.

    Args:
        ctx: For the folder that the operator stands in.
        result: The result.
        format_: "table", "line" or "json".
    """
    from preflight.cli.terminal import width
    from preflight.report import Style
    from preflight.run.reporters import reporter

    report = result.report
    if format_ == "json":
        followed = json.loads(reporter("json")(report, Style())) if report is not None else None
        return json.dumps({**_as_data(ctx, result), "followed": followed}, indent=2)
    if format_ == "line":
        return _line(result)
    ui = [_ui_line(result.ui, changed=result.done is not None)] if result.ui is not None else []
    lines = [*_head(ctx, result), *_outcome(ctx, result), *ui, *(f"remains: {each.text}" for each in result.remaining)]
    if report is not None:
        lines += ["", reporter("table")(report, Style(width=width())).rstrip("\n")]
    return "\n".join(lines)


def _head(ctx: "Context", result: RollbackResult) -> list[str]:
    pin, plan = result.pin, result.plan
    step = plan.step
    lines = [
        f"{pin.variable} for {pin.service} in {ctx.show(pin.file)}",
        f"pinned:  {shown(step.present)}, by commit {step.present.commit.hash[:_SHORT]}",
        f"back to: {shown(step.target)}, by commit {step.target.commit.hash[:_SHORT]}",
    ]
    if step.left:
        lines.append(f"note: {shown(step.target)} was rolled back from before")
    if plan.message.replaced:
        said = plan.message.replaced
        lines.append(f"note: Coolify 4.1.0 and later deploy no push with {said}; the subject says [skip actions]")
    if plan.verified is None:
        return [*lines, "not verified (--offline): that the registry has it, for this platform, and its signature"]
    lines += [f"verified: {each}" for each in plan.verified.passed]
    return [*lines, *(f"note: {each}" for each in plan.verified.notes)]


def _outcome(ctx: "Context", result: RollbackResult) -> list[str]:
    pin, plan, done = result.pin, result.plan, result.done
    subject = printable(plan.message.text.partition("\n")[0])
    if done is None:
        steps = [f"to do afterwards: {result.merge}"] if result.merge else []
        return [*result.diff, *steps, f"nothing was written (--dry-run); message: {subject}"]
    if not done.changed:
        return [f"nothing to do: {done.where} says so already"]
    if not done.commit:
        return [
            *done.diff,
            f"changed: {ctx.show(pin.file)}, not committed; to commit it, add --commit to the same command",
        ]
    where = "committed here" if done.where == pin.file.name else f"pushed to {done.where}"
    left = [f"the branch is new, and nothing is deployed before somebody merges it; {result.merge}"]
    return [*done.diff, f"{where}: {done.commit[:_SHORT]} {subject}", *(left if result.merge else [])]


def _line(result: RollbackResult) -> str:
    step, done = result.plan.step, result.done
    state = "dry-run" if done is None else done.commit or ("changed" if done.changed else "unchanged")
    names = (step.present.release or "-", step.present.digest, step.target.release or "-", step.target.digest)
    return " ".join((*names, state))


def _as_data(ctx: "Context", result: RollbackResult) -> dict[str, Any]:
    pin, plan, done = result.pin, result.plan, result.done
    step, verified = plan.step, plan.verified
    return {
        "variable": pin.variable,
        "service": pin.service,
        "file": ctx.show(pin.file),
        "from": _change_data(step.present),
        "to": _change_data(step.target),
        "was_rolled_back_from": step.left,
        "message": plan.message.text,
        "is_revert": plan.message.is_revert,
        "verified": list(verified.passed) if verified else None,
        "notes": list(verified.notes) if verified else [],
        "changed": bool(done and done.changed),
        "where": done.where if done else None,
        "commit": (done.commit or None) if done else None,
        "merge": result.merge or None,
        "diff": list(result.diff),
        "ui": _ui_data(result.ui, changed=done is not None),
        "remains": [{"kind": each.kind, "text": each.text} for each in result.remaining],
    }


def _ui_line(ui: UiChange, *, changed: bool) -> str:
    if not ui.is_needed:
        return f"Coolify's UI: {ui.row.key} of {ui.where} is right already"
    hidden = "; the token does not show what it was" if ui.row.value is None else ""
    if not changed:
        return f"Coolify's UI: {ui.row.key} of {ui.where} would be set{hidden}"
    return f"Coolify's UI: {ui.row.key} of {ui.where} is set{hidden}; containers get it at the next deployment"


def _ui_data(ui: UiChange | None, *, changed: bool) -> dict[str, Any] | None:
    return {"resource": ui.resource.uuid, "changed": changed and ui.is_needed} if ui is not None else None


def _change_data(change: PinChange) -> dict[str, Any]:
    return {"release": change.release or None, "digest": change.digest, "commit": change.commit.hash}
