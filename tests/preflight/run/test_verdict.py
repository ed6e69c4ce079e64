"""preflight/run/verdict.py"""

from datetime import date

import pytest

from preflight.model import CheckResult, Finding, Location, Status, Waiver
from preflight.run.verdict import apply_waivers, exit_code, overall, totals, waived
from tests.fakes.checks import about

TODAY = date(2026, 11, 23)


def result(*statuses: Status, check_id: str = "a") -> CheckResult:
    """Return a result with one finding a status."""
    return CheckResult(about(check_id), tuple(Finding(status, f"is {status}", "do") for status in statuses), 0.1)


@pytest.mark.parametrize(
    ("statuses", "strict", "code"),
    [
        ([Status.PASS], False, 0),
        ([Status.PASS, Status.WARN, Status.SKIP], False, 0),
        ([Status.PASS, Status.WARN], True, 1),
        ([Status.PASS, Status.SKIP], True, 1),
        ([Status.PASS], True, 0),
        ([Status.PASS, Status.FAIL], False, 1),
        ([Status.FAIL, Status.ERROR, Status.PASS], False, 1),
        ([Status.PASS, Status.ERROR], False, 3),
        ([Status.SKIP], False, 3),
        ([Status.WARN], False, 3),
        ([], False, 3),
    ],
)
def test_exit_code(statuses: list[Status], strict: bool, code: int) -> None:  # noqa: FBT001 -- a table's column
    """0 needs a pass and nothing wrong; a failure beats an error; strict counts warnings and skips."""
    assert exit_code([result(status) for status in statuses], strict=strict) == code


def test_a_waived_failure_is_shown_and_counted_and_does_not_fail() -> None:
    """A waiver turns a failure into a marked warning, also under --strict."""
    waiver = Waiver("a", TODAY, "until the next release")
    judged = apply_waivers([result(Status.PASS, Status.FAIL, Status.WARN)], [waiver], TODAY)

    assert [finding.status for finding in judged[0].findings] == [Status.PASS, Status.WARN, Status.WARN]
    assert judged[0].findings[1].message == "waived until 2026-11-23 (until the next release): is fail"
    assert waived(judged) == 2
    assert exit_code(judged, strict=True) == 0


def test_a_waiver_does_not_cover_an_error() -> None:
    """What could not be looked at cannot be accepted beforehand."""
    judged = apply_waivers([result(Status.ERROR)], [Waiver("a", TODAY, "x")], TODAY)

    assert judged[0].status is Status.ERROR


def test_an_expired_waiver_fails_even_when_the_check_passes() -> None:
    """A forgotten waiver makes itself heard, with its place."""
    waiver = Waiver("a", date(2026, 11, 22), "x", Location("preflight.yaml", 9))
    judged = apply_waivers([result(Status.PASS), result(Status.PASS, check_id="b")], [waiver], TODAY)

    assert [one.status for one in judged] == [Status.FAIL, Status.PASS]
    assert judged[0].findings[1].message == "the waiver for this check ended on 2026-11-22"
    assert str(judged[0].findings[1].location) == "preflight.yaml:9"
    assert exit_code(judged, strict=False) == 1


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
