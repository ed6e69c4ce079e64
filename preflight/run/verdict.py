"""From results to one answer: waivers, what the operator lets through, totals and the exit code."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date

from preflight.errors import ExitCode
from preflight.failures import NOT_LOOKED_AT, WAIVER_EXPIRED
from preflight.lib.records import frozen
from preflight.model import CheckResult, Finding, Status, Subject, Waiver
from preflight.report import PastCheck


@frozen
class Allowance:
    """One kind of failure that the operator lets through: ``--allow ID/CODE``."""

    check: str
    code: str

    @classmethod
    def read(cls, text: str) -> "Allowance":
        """Read ``ID/CODE``; whether there is such a failure is the session's to say."""
        check, _, code = text.partition("/")
        return cls(check, code)

    def __str__(self) -> str:
        return f"{self.check}/{self.code}"


def apply_waivers(results: Iterable[CheckResult], waivers: Sequence[Waiver], today: date) -> tuple[CheckResult, ...]:
    """Return the results with waived failures turned into marked warnings, and expired waivers into failures.

    A waiver covers the one failure that it names, at its subject if it names one, never that a check could not look.

    Args:
        results: As the checks gave them.
        waivers: From the configuration.
        today: The day against which they expire; a waiver holds through its last day.
    """
    return tuple(
        _apply(result, [waiver for waiver in waivers if waiver.check == result.about.id], today) for result in results
    )


def _apply(result: CheckResult, waivers: Sequence[Waiver], today: date) -> CheckResult:
    holding = [waiver for waiver in waivers if waiver.until >= today]
    findings = [_waive(result.about.id, finding, holding) for finding in result.findings]
    findings += [_expired(waiver) for waiver in waivers if waiver.until < today]
    return replace(result, findings=tuple(findings))


def _expired(waiver: Waiver) -> Finding:
    what = f"{waiver.code} of {waiver.subject}" if waiver.subject else waiver.code
    return Finding(
        Status.FAIL,
        f"the waiver for {what} ended on {waiver.until}",
        f"Fix what it covered ({waiver.reason}) and remove the waiver, or renew its date.",
        location=waiver.location,
        failure=WAIVER_EXPIRED,
        subject=Subject("waiver", f"{waiver.check}/{waiver.code}"),
    )


def _waive(check: str, finding: Finding, waivers: Sequence[Waiver]) -> Finding:
    waiver = next((each for each in waivers if each.covers(check, finding)), None)
    if waiver is None or not _can_be_excused(finding):
        return finding
    message = f"waived until {waiver.until} ({waiver.reason}): {finding.message}"
    return replace(finding, status=Status.WARN, message=message, waived=waiver)


def _can_be_excused(finding: Finding) -> bool:
    found_wrong = finding.status in (Status.FAIL, Status.WARN)
    return found_wrong and finding.failure is not None and finding.failure.waivable


def apply_allowances(results: Iterable[CheckResult], allowances: Sequence[Allowance]) -> tuple[CheckResult, ...]:
    """Return the results with the failures that the operator lets through turned into marked warnings."""
    allowed = {(each.check, each.code) for each in allowances}
    return tuple(
        replace(result, findings=tuple(_allow(result.about.id, finding, allowed) for finding in result.findings))
        for result in results
    )


def _allow(check: str, finding: Finding, allowed: set[tuple[str, str]]) -> Finding:
    if (check, finding.code) not in allowed or finding.waived is not None or not _can_be_excused(finding):
        return finding
    message = f"{finding.message} (let through by --allow {check}/{finding.code})"
    return replace(finding, status=Status.WARN, message=message, allowed=True)


def totals(results: Iterable[CheckResult]) -> dict[Status, int]:
    """Return how many checks ended with each status; every status is a key."""
    counted = Counter(result.status for result in results)
    return {status: counted[status] for status in Status}


def waived(results: Iterable[CheckResult]) -> int:
    """Return how many findings are waived."""
    return sum(finding.waived is not None for result in results for finding in result.findings)


def allowed(results: Iterable[CheckResult]) -> tuple[str, ...]:
    """Return what ``--allow`` let through, as ``ID/CODE``."""
    found = [
        f"{result.about.id}/{finding.code}" for result in results for finding in result.findings if finding.allowed
    ]
    return tuple(dict.fromkeys(found))


def fails(finding: Finding, *, strict: bool) -> bool:
    """Whether a finding makes the run fail (exit 1).

    Args:
        finding: After waivers and allowances.
        strict: A warning fails too, and so does what was not looked at. What does not apply here never fails.
    """
    if finding.waived is not None or finding.allowed:
        return False
    if strict and (finding.status is Status.WARN or finding.failure is NOT_LOOKED_AT):
        return True
    return finding.status is Status.FAIL


def blocks(finding: Finding, *, strict: bool) -> bool:
    """Whether a finding keeps the exit code from being 0."""
    return finding.status is Status.ERROR or fails(finding, strict=strict)


def exit_code(results: Sequence[CheckResult], *, strict: bool) -> ExitCode:
    """Return how the process ends.

    Args:
        results: After waivers and allowances.
        strict: See ``fails``.
    """
    findings = [finding for result in results for finding in result.findings]
    if any(fails(finding, strict=strict) for finding in findings):
        return ExitCode.FAILED
    statuses = {finding.status for finding in findings}
    if Status.ERROR in statuses or Status.PASS not in statuses:
        return ExitCode.COULD_NOT_LOOK
    return ExitCode.OK


def overall(results: Iterable[CheckResult | PastCheck], code: int) -> Status:
    """Return the status of a whole run, this one or an earlier one, which never contradicts its exit code."""
    if code == ExitCode.FAILED:
        return Status.FAIL
    if code != ExitCode.OK:
        return Status.ERROR
    return Status.WARN if any(result.status is Status.WARN for result in results) else Status.PASS
