"""What runs is what the hook let through."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from preflight import (
    About,
    Area,
    Check,
    Context,
    Finding,
    Json,
    Need,
    Pin,
    could_not_look,
    failed,
    passed,
    skipped,
    warned,
)
from preflight.lib.records import frozen
from preflight.lib.reference import is_plain_reference, short_reference
from preflight.lib.text import plural, printable
from preflight.receipts.compare import Approval, Compared, approved_values, compare_with_receipts, is_under_way
from preflight.receipts.receipt import Receipt, read_receipts

_STATE = "PREFLIGHT_STATE_DIR"
_SHORT = 9
_GATE = "Look how it got past the hook (`preflight explain hook`), then deploy what is approved."


@frozen
class Settings:
    """Settings of `approved-rollout`.

    Args:
        receipts: Folder into which `preflight hook` writes its receipts, absolute; empty: receipts/ in the folder
            that PREFLIGHT_STATE_DIR names, if it is there.
        grace_minutes: So long after an approval the rollout may still be going on.
    """

    receipts: str = ""
    grace_minutes: int = 30

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
            "were they made from the commit it was given for? Containers are inspected, not entered."
        ),
        why=(
            "A first deployment is not gated, a push may come in between, a gate may be opened by force, and an "
            "approved rollout may never arrive: Coolify's `finished` proves none of it."
        ),
        failures=(
            ("A container carries a digest that was never approved.", _GATE),
            ("It carries one that was approved before the newest: the rollout did not arrive.", "Deploy again."),
            ("It was made from a commit that was not the approved one.", _GATE),
            ("It has no value for the pin.", "Run `preflight run --only coolify-env-file`."),
            ("What runs was let through by force (warning).", "Mend what the hook found, then deploy again."),
            ("Nothing was approved yet (warning).", "Deploy once with the hook in place."),
            ("A rollout was approved just now and is still going on (warning).", "Look again after it."),
            ("A receipt, or the folder, cannot be read (error).", "Run it as the user who owns the receipts."),
            ("Receipts of another application lie there (error).", "Give each a folder of its own: --state-dir."),
            ("No folder of receipts is configured (skip).", "Set receipts: to STATE-DIR/receipts of the hook."),
        ),
    )
    settings_type = Settings

    def run(self, ctx: Context) -> Iterator[Finding]:
        """Judge each pin."""
        folder = self._folder(ctx)
        if folder is None:
            yield skipped(
                "no folder of receipts is configured",
                hint="Set receipts: for this check to STATE-DIR/receipts of `preflight hook`, if that gates here.",
            )
            return
        receipts = read_receipts(folder)
        if not receipts:
            hint = "Deploy once with the hook in place; a first deployment is never gated."
            yield warned(f"{ctx.show(folder)} holds no receipt: nothing was approved yet", hint=hint)
            return
        ours = ctx.doors.coolify.settings.application
        named = {receipt.application for receipt in receipts if receipt.application}
        if len(named | ({ours} if ours else set())) > 1:
            yield could_not_look(
                f"{ctx.show(folder)} holds receipts of another application: {printable(', '.join(sorted(named)), 120)}",
                hint="Give each application a state folder of its own (--state-dir), and delete what is not its own.",
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
            yield failed(
                f"the newest receipt ({_when(newest)}) approves nothing for {pin.variable} of {pin.service}",
                hint="Deploy again with the hook in place; see that it judges this pin.",
                at=None,
                **_evidence(newest),
            )
            return
        compared = compare_with_receipts(ctx, pin, receipts)
        if not compared:
            yield skipped(f"{pin.service}: no container runs", hint=f"Deploy {pin.service}, then run preflight again.")
        for each in compared:
            if each.approval is not Approval.APPROVED:
                yield self._wrong(pin, each, newest)
        right = [each for each in compared if each.approval is Approval.APPROVED]
        if right:
            yield _right(pin, right, newest)

    def _wrong(self, pin: Pin, found: Compared, newest: Receipt) -> Finding:
        who = f"{pin.service}: {found.container.name}"
        if found.problem is not None:
            return could_not_look(f"{who}: {found.problem.message}", hint=found.problem.hint)
        evidence = _evidence(newest) | {"container": found.container.name, "runs_commit": found.commit or None}
        if found.value and is_plain_reference(found.value):
            evidence["runs"] = found.value
        under_way = is_under_way(newest, datetime.now(UTC), self.settings.grace_minutes)
        if under_way and found.approval in {Approval.EARLIER, Approval.OTHER_COMMIT}:
            return warned(
                f"{who} is as before; a rollout was approved at {_when(newest)} and may be going on",
                hint=f"Look again {self.settings.grace_minutes} minutes after it.",
                at=None,
                **evidence,
            )
        message, hint = self._words(pin, found, newest)
        return failed(f"{who} {message}", hint=hint, at=None, **evidence)

    def _words(self, pin: Pin, found: Compared, newest: Receipt) -> tuple[str, str]:
        if found.approval is Approval.ABSENT:
            return f"has no {pin.variable}", "Run `preflight run --only coolify-env-file`: it tells why."
        if found.approval is Approval.EARLIER:
            return f"runs what was approved before {_when(newest)}: that rollout did not arrive", "Deploy again."
        if found.approval is Approval.OTHER_COMMIT:
            approved = (found.receipt or newest).commit[:_SHORT]
            return f"was made from commit {found.commit[:_SHORT]}; approved was {approved}", _GATE
        shown = short_reference(found.value) if found.value and is_plain_reference(found.value) else "something"
        return f"runs {shown}, which was never approved", _GATE


def _right(pin: Pin, right: list[Compared], newest: Receipt) -> Finding:
    names = right[0].container.name if len(right) == 1 else plural(len(right), "container")
    runs = "runs" if len(right) == 1 else "run"
    message = f"{pin.service}: {names} {runs} what was approved at {_when(newest)}, commit {newest.commit[:_SHORT]}"
    if newest.verdict != "pass":
        how = "; ".join(newest.opened) or "by force"
        return warned(
            f"{message}, but the gate was opened: {how}",
            hint="Mend what the hook found, then deploy again.",
            at=None,
            **_evidence(newest),
        )
    return passed(message, at=None, **_evidence(newest))


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
