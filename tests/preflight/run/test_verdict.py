"""preflight/run/verdict.py"""

from datetime import date

import pytest

from preflight.check import could_not_look, not_looked_at, passed, skipped
from preflight.model import CheckResult, Failure, Finding, Location, Status, Subject, Waiver
from preflight.run.verdict import (
    Allowance,
    allowed,
    apply_allowances,
    apply_waivers,
    blocks,
    exit_code,
    overall,
    totals,
    waived,
)
from tests.fakes.checks import about

TODAY = date(2026, 11, 23)


GONE = Failure("gone", "It is gone.", "Bring it back.")
MOVED = Failure("moved", "It moved.", "Move it back.")
SERIOUS = Failure("serious", "It is serious.", "Fix it.", waivable=False)


def result(*statuses: Status, check_id: str = "a") -> CheckResult:
    """Return a result with one finding a status."""
    return CheckResult(about(check_id), tuple(Finding(status, f"is {status}", "do") for status in statuses), 0.1)


def found(*findings: Finding, check_id: str = "a") -> CheckResult:
    """Return a result with these findings."""
    return CheckResult(about(check_id), findings, 0.1)


def fail(failure: Failure, subject: str = "", status: Status = Status.FAIL) -> Finding:
    """Return a finding of a declared failure."""
    named = Subject("release", subject) if subject else None
    return Finding(status, f"is {failure.code}", "do", failure=failure, subject=named)


def waiver(code: str, subject: str = "", until: date = TODAY) -> Waiver:
    """Return a waiver for the check `a`."""
    return Waiver("a", code, until, "until the next release", subject, Location("preflight.yaml", 9))


@pytest.mark.parametrize(
    ("findings", "strict", "code"),
    [
        ([passed("x")], False, 0),
        ([passed("x"), fail(GONE, status=Status.WARN), skipped("x"), not_looked_at("x", hint="y")], False, 0),
        ([passed("x"), fail(GONE, status=Status.WARN)], True, 1),
        ([passed("x"), not_looked_at("x", hint="y")], True, 1),
        ([passed("x"), skipped("x")], True, 0),
        ([passed("x")], True, 0),
        ([passed("x"), fail(GONE)], False, 1),
        ([fail(GONE), could_not_look("x", hint="y"), passed("x")], False, 1),
        ([passed("x"), could_not_look("x", hint="y")], False, 3),
        ([skipped("x")], False, 3),
        ([fail(GONE, status=Status.WARN)], False, 3),
        ([], False, 3),
    ],
)
def test_exit_code(findings: list[Finding], strict: bool, code: int) -> None:
    """0 needs a pass and nothing wrong; fail over error; strict counts warnings and what was not looked at."""
    results = [found(finding) for finding in findings]

    assert exit_code(results, strict=strict) == code
    assert all(blocks(finding, strict=strict) is False for finding in findings) or code != 0


def test_a_waived_failure_is_shown_and_counted_and_does_not_fail() -> None:
    """A waiver turns the failure that it names into a marked warning, also under --strict."""
    judged = apply_waivers([found(passed("x"), fail(GONE))], [waiver("gone")], TODAY)

    assert [finding.status for finding in judged[0].findings] == [Status.PASS, Status.WARN]
    assert judged[0].findings[1].message == "waived until 2026-11-23 (until the next release): is gone"
    assert waived(judged) == 1
    assert exit_code(judged, strict=True) == 0


def test_a_waiver_covers_only_what_it_names() -> None:
    """Another failure, another subject, or a warning beside it stays what it is."""
    findings = (
        fail(GONE, "1.3.1"),
        fail(GONE, "1.4.0"),
        fail(MOVED, "1.3.1"),
        fail(MOVED, "1.3.1", status=Status.WARN),
        passed("x"),
    )

    judged = apply_waivers([found(*findings)], [waiver("gone", "1.3.1")], TODAY)[0]

    assert [bool(finding.waived) for finding in judged.findings] == [True, False, False, False, False]
    assert judged.findings[1:] == findings[1:]


def test_a_waiver_without_subject_covers_every_subject() -> None:
    """As written by who means all releases."""
    judged = apply_waivers([found(fail(GONE, "1.3.1"), fail(GONE))], [waiver("gone")], TODAY)[0]

    assert all(finding.waived for finding in judged.findings)


@pytest.mark.parametrize("finding", [could_not_look("x", hint="y"), fail(SERIOUS)])
def test_what_cannot_be_waived_is_not(finding: Finding) -> None:
    """What could not be looked at cannot be accepted beforehand, nor what its check forbids to waive."""
    code = finding.code

    assert apply_waivers([found(finding)], [waiver(code)], TODAY)[0].findings == (finding,)
    assert apply_allowances([found(finding)], [Allowance("a", code)])[0].findings == (finding,)


def test_an_expired_waiver_fails_even_when_the_check_passes() -> None:
    """A forgotten waiver makes itself heard, with its place."""
    old = waiver("gone", until=date(2026, 11, 22))
    judged = apply_waivers([found(passed("x")), found(passed("x"), check_id="b")], [old], TODAY)

    assert [one.status for one in judged] == [Status.FAIL, Status.PASS]
    assert judged[0].findings[1].message == "the waiver for gone ended on 2026-11-22"
    assert judged[0].findings[1].code == "waiver-expired"
    assert str(judged[0].findings[1].location) == "preflight.yaml:9"
    assert exit_code(judged, strict=False) == 1


def test_what_is_allowed_is_marked_and_named() -> None:
    """It does not fail, and whoever reads the verdict is told."""
    judged = apply_allowances([found(fail(GONE, "1.3.1"), fail(MOVED), passed("x"))], [Allowance("a", "gone")])

    assert [finding.allowed for finding in judged[0].findings] == [True, False, False]
    assert judged[0].findings[0].status is Status.WARN
    assert allowed(judged) == ("a/gone",)
    assert exit_code(judged, strict=False) == 1
    assert exit_code(apply_allowances(judged, [Allowance("a", "moved")]), strict=True) == 0


def test_totals_count_checks_by_their_worst_finding() -> None:
    """Every status is counted, also with nought."""
    counted = totals([result(Status.PASS, Status.WARN), result(Status.PASS)])

    assert counted == {Status.FAIL: 0, Status.ERROR: 0, Status.WARN: 1, Status.SKIP: 0, Status.PASS: 1}


@pytest.mark.parametrize(
    ("statuses", "code", "status"),
    [
        ([Status.PASS, Status.SKIP], 0, Status.PASS),
        ([Status.PASS, Status.WARN], 0, Status.WARN),
        ([Status.WARN], 1, Status.FAIL),
        ([Status.SKIP], 3, Status.ERROR),
        ([], 2, Status.ERROR),
        ([Status.PASS], 130, Status.ERROR),
    ],
)
def test_the_overall_status_never_contradicts_the_exit_code(statuses: list[Status], code: int, status: Status) -> None:
    """A monitoring system may read either."""
    assert overall([result(one) for one in statuses], code) is status
