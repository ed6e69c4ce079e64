"""Whether an image may be pinned: the checks that judge an image itself look at it before it stands in the pin file."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from preflight.context import Context
from preflight.errors import CouldNotLook
from preflight.lib.clock import today
from preflight.lib.records import frozen
from preflight.lib.temporary import remove_folder, temporary_folder
from preflight.model import CheckResult, Status
from preflight.pin.refusal import Refused
from preflight.project import Pin
from preflight.run.config import Configuration, build_settings
from preflight.run.discovery import discover
from preflight.run.runner import NobodyWatches, PlannedCheck, run_checks
from preflight.run.selection import refuse_unknown_checks, select
from preflight.run.verdict import apply_waivers

TAG = "candidate"
"""The tag of the checks that judge an image by digest, whoever pins it."""
OWN = "image-"
"""What the ids of our own checks with that tag begin with; only those are imported. A test holds it."""
_JOBS = 16


@frozen
class Verified:
    """What the checks said of an image that they do not refuse.

    Args:
        passed: What holds, e.g. "it is signed by …".
        notes: Warnings, and what nobody told a check to look at.
    """

    passed: tuple[str, ...]
    notes: tuple[str, ...]


def demand_pinnable(ctx: Context, configuration: Configuration, pin: Pin, value: str) -> Verified:
    """Let the checks judge an image, as they will when it is pinned: it pulls here, and the demanded signature holds.

    Args:
        ctx: For the doors.
        configuration: The settings of the checks, and its waivers.
        pin: The pin that is to name the image.
        value: The image by digest.

    Raises:
        Refused: A check fails.
        CouldNotLook: A check could not look.
        ConfigurationError: The configuration has settings of a check that there is not.
    """
    results = _judge(ctx, configuration, pin, value)
    if not results:
        return Verified((), ("no check judged the image, since the configuration skips all that could",))
    findings = [finding for result in results for finding in result.findings]
    for finding in findings:
        if finding.status is Status.FAIL:
            raise Refused(finding.message, finding.hint)
    for finding in findings:
        if finding.status is Status.ERROR:
            raise CouldNotLook(finding.message, finding.hint)
    passed = [each.message for each in findings if each.status is Status.PASS]
    notes = [each.message for each in findings if each.status is not Status.PASS]
    return Verified(tuple(dict.fromkeys(passed)), tuple(dict.fromkeys(notes)))


def _judge(ctx: Context, configuration: Configuration, pin: Pin, value: str) -> Sequence[CheckResult]:
    folder = temporary_folder("pin")
    try:
        file = folder / "pin.env"
        file.write_text(f"{pin.variable}={value}\n", encoding="utf-8")
        context = replace(ctx, pins=(replace(pin, file=file, overrides=()),))
        return apply_waivers(_run(context, configuration), configuration.waivers, today())
    finally:
        remove_folder(folder)


def _run(ctx: Context, configuration: Configuration) -> tuple[CheckResult, ...]:
    options = configuration.options
    folders = [Path(folder) for folder in options.get("checks_dir", ())]
    found = discover(folders, wanted_of_own=lambda check_id: check_id.startswith(OWN))
    if found.broken:
        what = found.broken[0]
        raise CouldNotLook(f"the checks in {what.name} do not load: {what.reason}", "One of them may judge the image.")
    for check_id, shape in configuration.checks.items():  # a misspelled one would demand nothing
        refuse_unknown_checks(found, f"{shape.path}:{shape.located.line}: ", [check_id])
    skip = options.get("skip", ())
    if all(check.about.id in skip for check in found.checks if TAG in check.about.tags):
        return ()
    chosen = select(found, skip=skip, tags=(TAG,))
    plans = [PlannedCheck(check(build_settings(check, configuration.checks.get(check.about.id)))) for check in chosen]
    outcome = run_checks(
        plans,
        lambda deadline: replace(ctx, deadline=deadline),
        jobs=_JOBS,
        deadline=ctx.deadline,
        observer=NobodyWatches(),
    )
    return outcome.results
