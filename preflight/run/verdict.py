"""From results to one answer: waivers, totals and the exit code."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date

from preflight.check import failed
from preflight.errors import ExitCode
from preflight.model import CheckResult, Finding, Status, Waiver


def apply_waivers(results: Iterable[CheckResult], waivers: Sequence[Waiver], today: date) -> tuple[CheckResult, ...]:
    """Return the results with waived failures turned into marked warnings, and expired waivers into failures.

    A waiver covers what a check found wrong (``fail`` and ``warn``), never that it could not look (``error``).

    Args:
        results: As the checks gave them.
        waivers: At most one a check.
        today: The day against which they expire; a waiver holds through its last day.
    """
    by_check = {waiver.check: waiver for waiver in waivers}
    return tuple(_apply(result, by_check.get(result.about.id), today) for result in results)


def _apply(result: CheckResult, waiver: Waiver | None, today: date) -> CheckResult:
    if waiver is None:
        return result
    if waiver.until < today:
        expired = failed(
            f"the waiver for this check ended on {waiver.until}",
            hint=f"Mend what it covered ({waiver.reason}) and remove the waiver, or renew its date.",
            at=waiver.location,
        )
        return replace(result, findings=(*result.findings, expired))
    return replace(result, findings=tuple(_waive(finding, waiver) for finding in result.findings))


def _waive(finding: Finding, waiver: Waiver) -> Finding:
    if finding.status not in (Status.FAIL, Status.WARN):
        return finding
    message = f"waived until {waiver.until} ({waiver.reason}): {finding.message}"
    return replace(finding, status=Status.WARN, message=message, waived=waiver)


def totals(results: Iterable[CheckResult]) -> dict[Status, int]:
    """Return how many checks ended with each status; every status is a key."""
    counted = Counter(result.status for result in results)
    return {status: counted[status] for status in Status}


def waived(results: Iterable[CheckResult]) -> int:
    """Return how many findings are waived."""
    return sum(finding.waived is not None for result in results for finding in result.findings)


def exit_code(results: Sequence[CheckResult], *, strict: bool) -> ExitCode:
    """Return how the process ends.

    Args:
        results: After waivers.
        strict: Warnings and skips fail too; what is waived does not.
    """
    counting = {finding.status for result in results for finding in result.findings if finding.waived is None}
    if Status.FAIL in counting or (strict and counting & {Status.WARN, Status.SKIP}):
        return ExitCode.FAILED
    if Status.ERROR in counting or Status.PASS not in counting:
        return ExitCode.COULD_NOT_LOOK
    return ExitCode.OK


def overall(results: Sequence[CheckResult], code: int) -> Status:
    """Return the status of the whole run, which never contradicts its exit code."""
    if code == ExitCode.FAILED:
        return Status.FAIL
    if code != ExitCode.OK:
        return Status.ERROR
    return Status.WARN if any(result.status is Status.WARN for result in results) else Status.PASS
