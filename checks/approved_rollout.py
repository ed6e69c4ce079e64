"""What runs is what the hook let through."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from preflight import (
    About,
    Area,
    Check,
    Context,
    Failure,
    Finding,
    Json,
    Need,
    Pin,
    Stage,
    Status,
    Subject,
    could_not_look,
    passed,
    setting,
    skipped,
)
from preflight.lib.records import frozen
from preflight.lib.reference import is_plain_reference, short_reference
from preflight.lib.text import plural, printable
from preflight.receipts.compare import Approval, Compared, approved_values, compare_with_receipts, is_under_way
from preflight.receipts.receipt import Receipt, read_receipts

_STATE = "PREFLIGHT_STATE_DIR"
_SHORT = 9

NEVER_APPROVED = Failure(
    "never-approved",
    "A container runs an image that the hook never approved.",
    "Find out how the rollout got past the hook (`preflight explain hook`), then deploy an approved commit.",
    deploy_fixes=True,
)
NOT_ARRIVED = Failure(
    "not-arrived",
    "A container runs an image that was approved earlier: the newest approved rollout did not arrive.",
    "Deploy again.",
    settles=True,
    deploy_fixes=True,
)
OTHER_COMMIT = Failure(
    "other-commit",
    "A container was made from another commit than the approved one.",
    "Find out how the rollout got past the hook (`preflight explain hook`), then deploy an approved commit.",
    settles=True,
    deploy_fixes=True,
)
NO_VALUE = Failure(
    "no-value", "A container has no value for the pin.", "Find out why: preflight run --only coolify-env-file"
)
NOT_COVERED = Failure(
    "pin-not-covered",
    "The newest receipt approves no image for this pin.",
    "Deploy again with the hook in place, and see that the hook judges this pin.",
    deploy_fixes=True,
)
GATE_OPENED = Failure(
    "gate-opened",
    "What runs was let through although the hook found something wrong.",
    "Fix what the hook found, then deploy again.",
    Status.WARN,
    Status.WARN,
    deploy_fixes=True,
)
NOTHING_APPROVED = Failure(
    "nothing-approved",
    "The hook has approved nothing yet.",
    "Deploy once with the hook in place; a first deployment is never gated.",
    Status.WARN,
    Status.WARN,
    deploy_fixes=True,
)
UNDER_WAY = Failure(
    "under-way",
    "A rollout was approved a moment ago and may still be under way.",
    "Run preflight again when the rollout has ended.",
    Status.WARN,
    Status.WARN,
    settles=True,
)
MIXED_RECEIPTS = Failure(
    "mixed-receipts",
    "The folder holds receipts of several applications, so nothing tells which of them count here.",
    "Give each application its own state folder (--state-dir), and delete the receipts of others from this one.",
    Status.ERROR,
    Status.ERROR,
    waivable=False,
)

_BY_APPROVAL = {
    Approval.ABSENT: NO_VALUE,
    Approval.EARLIER: NOT_ARRIVED,
    Approval.OTHER_COMMIT: OTHER_COMMIT,
    Approval.NEVER: NEVER_APPROVED,
}


@frozen
class Settings:
    """Settings of `approved-rollout`.

    Args:
        receipts: Folder into which `preflight hook` writes its receipts, absolute; empty: receipts/ in the folder
            that PREFLIGHT_STATE_DIR names, if it is there.
        grace_minutes: So long after an approval the rollout may still be under way.
    """

    receipts: str = setting("", "Absolute path of the folder of receipts, STATE-DIR/receipts of the hook.")
    grace_minutes: int = setting(30, "For so many minutes after an approval, the rollout may still be under way.")

    def __post_init__(self) -> None:
        if self.receipts and not Path(self.receipts).is_absolute():
            raise ValueError("receipts: must be an absolute path")
        if self.grace_minutes < 0:
            raise ValueError("grace_minutes: must be 0 or more")


class ApprovedRollout(Check[Settings]):
    """A gate can be walked around; this sees it."""

    about = About(
        id="approved-rollout",
        title="What runs is what the hook approved",
        area=Area.RUNNING,
        tags=frozenset({"runtime", "coolify", "pin"}),
        needs=frozenset({Need.PIN, Need.ENGINE, Need.DEPLOYMENT}),
        asks=(
            "Do the running containers of the service carry the digest of the newest receipt of `preflight hook`, and "
            "were they made from the commit it was given for? What a process in them began with counts, too."
        ),
        why=(
            "A first deployment is not gated, a push may come in between, a gate may be opened by force, and an "
            "approved rollout may never arrive: Coolify's `finished` proves none of it."
        ),
        failures=(*_BY_APPROVAL.values(), NOT_COVERED, GATE_OPENED, NOTHING_APPROVED, UNDER_WAY, MIXED_RECEIPTS),
        stages=frozenset({Stage.AFTER}),
    )
    settings_type = Settings

    def run(self, ctx: Context) -> Iterator[Finding]:
        """Judge each pin."""
        folder = self._folder(ctx)
        if folder is None:
            yield skipped(
                "no folder of receipts is configured",
                hint="If `preflight hook` gates deployments here, set receipts: for this check to STATE-DIR/receipts.",
            )
            return
        receipts = read_receipts(folder)
        if not receipts:
            yield ctx.found(NOTHING_APPROVED, f"{ctx.show(folder)} holds no receipt: the hook has approved nothing yet")
            return
        ours = ctx.doors.coolify.settings.application
        named = {receipt.application for receipt in receipts if receipt.application}
        if len(named | ({ours} if ours else set())) > 1:
            applications = printable(", ".join(sorted(named)), 120)
            yield ctx.found(
                MIXED_RECEIPTS,
                f"{ctx.show(folder)} holds receipts of another application: {applications}",
                applications=list[Json](sorted(named)),
            )
            return
        for pin in ctx.pins:
            yield from self._judge(ctx, pin, receipts)

    def _folder(self, ctx: Context) -> Path | None:
        if self.settings.receipts:
            return Path(self.settings.receipts)
        state = ctx.environ.get(_STATE, "")
        folder = Path(state) / "receipts"
        return folder if state and folder.is_dir() else None

    def _judge(self, ctx: Context, pin: Pin, receipts: tuple[Receipt, ...]) -> Iterator[Finding]:
        newest = receipts[0]
        if not approved_values(newest, pin):
            yield ctx.found(
                NOT_COVERED,
                f"the newest receipt ({_when(newest)}) approves no image for {pin.variable} of {pin.service}",
                Subject("variable", pin.variable),
                hint=NOT_COVERED.fix,
                at=None,
                **_evidence(newest),
            )
            return
        compared = compare_with_receipts(ctx, pin, receipts)
        if not compared:
            yield skipped(f"{pin.service}: no container runs", Subject("service", pin.service))
        for each in compared:
            if each.approval is not Approval.APPROVED:
                yield self._wrong(ctx, pin, each, newest)
        right = [each for each in compared if each.approval is Approval.APPROVED]
        if right:
            yield _right(ctx, pin, right, newest)

    def _wrong(self, ctx: Context, pin: Pin, found: Compared, newest: Receipt) -> Finding:
        who, subject = f"{pin.service}: {found.container.name}", Subject("container", found.container.name)
        if found.problem is not None:
            return could_not_look(
                f"{who}: {found.problem.message}", subject, found.problem.need, hint=found.problem.hint
            )
        evidence = _evidence(newest) | {"runs_commit": found.commit or None}
        if found.value and is_plain_reference(found.value):
            evidence["runs"] = found.value
        under_way = is_under_way(newest, datetime.now(UTC), self.settings.grace_minutes)
        if under_way and found.approval in {Approval.EARLIER, Approval.OTHER_COMMIT}:
            message = f"{who} is as before; a rollout was approved at {_when(newest)} and may be under way"
            hint = f"Run preflight again {self.settings.grace_minutes} minutes after that."
            return ctx.found(UNDER_WAY, message, subject, hint=hint, at=None, **evidence)
        failure = _BY_APPROVAL[found.approval]
        message = f"{who} {_words(pin, found, newest)}"
        return ctx.found(failure, message, subject, hint=failure.fix, at=None, **evidence)


def _words(pin: Pin, found: Compared, newest: Receipt) -> str:
    if found.approval is Approval.ABSENT:
        return f"has no {pin.variable}"
    if found.approval is Approval.EARLIER:
        return f"runs what was approved before {_when(newest)}: that rollout did not arrive"
    if found.approval is Approval.OTHER_COMMIT:
        approved = (found.receipt or newest).commit[:_SHORT]
        return f"was made from commit {found.commit[:_SHORT]}; approved was {approved}"
    shown = short_reference(found.value) if found.value and is_plain_reference(found.value) else "something"
    return f"runs {shown}, which the hook never approved"


def _right(ctx: Context, pin: Pin, right: list[Compared], newest: Receipt) -> Finding:
    names = right[0].container.name if len(right) == 1 else plural(len(right), "container")
    runs = "runs" if len(right) == 1 else "run"
    subject = Subject("service", pin.service)
    message = f"{pin.service}: {names} {runs} what was approved at {_when(newest)}, commit {newest.commit[:_SHORT]}"
    if newest.verdict != "pass":
        how = "; ".join(newest.opened) or "by force"
        opened = f"{message}, but the gate was opened: {how}"
        return ctx.found(GATE_OPENED, opened, subject, hint=GATE_OPENED.fix, at=None, **_evidence(newest))
    return passed(message, subject, at=None, **_evidence(newest))


def _when(receipt: Receipt) -> str:
    return f"{receipt.at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def _evidence(receipt: Receipt) -> dict[str, Json]:
    return {
        "approved_commit": receipt.commit,
        "approved_at": receipt.at.isoformat(),
        "approved_verdict": receipt.verdict,
        "approved_branch": receipt.branch,
        "compose": dict(receipt.compose),
    }
