"""preflight/hook/judge.py: what the gate makes of a report."""

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, cast

import pytest

from preflight.check import could_not_look, not_looked_at, passed, skipped
from preflight.errors import CouldNotLook
from preflight.hook.command import Order
from preflight.hook.judge import _by_the_past, _decide, _is_silent
from preflight.hook.summary import Subject, summary
from preflight.http.errors import Forbidden, RateLimited, ServerTrouble, TimedOut, TlsFailed
from preflight.http.errors import Unreachable as NoAnswer
from preflight.lib.deadline import Deadline
from preflight.lib.reference import parse_reference
from preflight.model import About, CheckResult, Failure, Finding, Need, Status, Waiver
from preflight.registry.errors import ManifestUnknown
from preflight.report import Report

ORDER = Order(Path("/state"))
IMAGE = parse_reference(f"ghcr.io/a/b@sha256:{'1' * 64}")
SUBJECT = Subject("github.com/a/b", "main", "c" * 40)


BAD = Failure("bad", "It is bad.", "Fix it.")


def bad() -> Finding:
    """Return a failure."""
    return Finding(Status.FAIL, "x", "y", failure=BAD)


def result(check: str, *findings: Finding, network: bool = False, deployment: bool = False) -> CheckResult:
    """Return what one check said."""
    needs = {Need.NETWORK} if network else {Need.DEPLOYMENT} if deployment else set()
    return CheckResult(About(check, "", frozenset({"pin"}), frozenset(needs), "", "", (BAD,)), findings, 0.1)


def report(*results: CheckResult, code: int = 0) -> Report:
    """Return a whole report."""
    return Report("0.1", "host", datetime.now(UTC), 1.0, results, code)


GOOD = result("good", passed("fine"))
SILENT = result("asks", could_not_look("ghcr.io did not answer in time", hint="Try again."), network=True)


def decide(*results: CheckResult, strict: bool = False, silent: str = "") -> Any:
    """Decide about a report."""
    return _decide(report(*results), silent.split(), strict=strict)


@pytest.mark.parametrize(
    ("finding", "code", "strict"),
    [
        (passed("x"), 0, 0),
        (skipped("x"), 0, 0),
        (not_looked_at("x", hint="y"), 0, 1),
        (replace(bad(), status=Status.WARN), 0, 1),
        (bad(), 1, 1),
        (could_not_look("x", hint="y"), 3, 3),
    ],
)
def test_the_codes_are_those_of_run(finding: Finding, code: int, strict: int) -> None:
    """A pass beside it, and what stands in the way is named."""
    each = result("each", finding)
    assert decide(GOOD, each).exit_code == code
    expected = strict
    judged = decide(GOOD, each, strict=True)
    assert judged.exit_code == expected
    assert bool(judged.blocking) == bool(expected)


def test_nothing_that_passed_is_no_pass() -> None:
    """Also when all that was wrong is allowed."""
    let = replace(bad(), status=Status.WARN, allowed=True)
    assert decide(result("bad", let)).exit_code == 3


def test_what_is_allowed_is_named() -> None:
    """A gate that is open tells so."""
    let = replace(bad(), status=Status.WARN, allowed=True)
    judged = decide(GOOD, result("check", let))
    assert (judged.exit_code, judged.excused[0].by) == (0, "--allow")
    line = summary(SUBJECT, judged, (), forced=False, report=Path("/r.txt"))
    assert "let through by --allow: check/bad: x" in line


def test_what_only_follows_is_named_last() -> None:
    """The line has room for three: causes first."""
    follows = replace(could_not_look("blind", hint="see"), caused_by="pin/bad")
    first = replace(SILENT, findings=(could_not_look("alone", hint="see"),))
    judged = decide(GOOD, result("blind", follows), first)
    assert [check for check, _ in judged.blocking] == ["asks", "blind"]


def test_failures_are_named_before_what_was_not_seen() -> None:
    """The line has room for three."""
    judged = decide(SILENT, GOOD, result("bad", replace(bad(), message="wrong", hint="fix it")))
    assert [check for check, _ in judged.blocking] == ["bad", "asks"]
    line = summary(SUBJECT, judged, (), forced=False, report=Path("/r.txt"))
    assert line.index("bad: wrong -> fix it") < line.index("asks: ghcr.io did not answer in time -> Try again.")


def test_the_line_counts_what_it_has_no_room_for() -> None:
    """Three are named."""
    judged = decide(GOOD, *(result(f"bad{number}", bad()) for number in range(5)))
    line = summary(SUBJECT, judged, (), forced=False, report=Path("/r.txt"))
    assert "bad2: x -> y; and 2 more; " in line
    assert "bad3" not in line


def test_silence_is_excused_for_the_silent_registry_only() -> None:
    """A check that asks the network and names that host; neither another host nor another check."""
    assert decide(GOOD, SILENT, silent="ghcr.io").exit_code == 0
    assert decide(GOOD, SILENT, silent="quay.io").exit_code == 3
    assert decide(GOOD, replace(SILENT, about=GOOD.about), silent="ghcr.io").exit_code == 3
    says_no = result("asks", replace(bad(), message="ghcr.io has no such image"), network=True)
    assert decide(GOOD, says_no, silent="ghcr.io").exit_code == 1


def test_waived_is_not_blocking_and_is_named() -> None:
    """A waiver of the commit's own stands in the line."""
    waiver = Waiver("old", "gone", date(2999, 1, 1), "known")
    judged = decide(GOOD, result("old", replace(bad(), status=Status.WARN, waived=waiver)), strict=True)
    assert (judged.exit_code, judged.waived) == (0, ("old/bad",))
    assert "waived: old/bad" in summary(SUBJECT, judged, (), forced=False, report=Path("/r.txt"))


@pytest.mark.parametrize(
    ("error", "silent"),
    [
        (NoAnswer("x"), True),
        (TimedOut("x"), True),
        (ServerTrouble("x"), True),
        (RateLimited("x"), True),
        (TlsFailed("x"), False),
        (Forbidden("x"), False),
        (ManifestUnknown("x"), False),
        (CouldNotLook("x"), False),
        (None, False),
    ],
)
def test_only_silence_is_silence(error: CouldNotLook | None, silent: bool) -> None:
    """A certificate that is not trusted, a `no`, or an answer is none."""

    class Door:
        def head_manifest(self, *_asked: object) -> None:
            if error is not None:
                raise error

    assert _is_silent(cast("Any", Door()), IMAGE, Deadline.after(1)) is silent


def test_settings_of_the_past_are_told_from_what_is_judged_now() -> None:
    """Whoever fixed them in the UI is told how to get through; a wrong pin in git is no setting."""
    judged = decide(result("mode", bad(), deployment=True), result("pin", bad()))
    assert _by_the_past(judged) == ("mode/bad",)
    unseen = could_not_look("x", hint="y")
    assert _by_the_past(decide(result("mode", unseen, deployment=True))) == (), "nothing was seen, old or new"
    line = summary(SUBJECT, replace(judged, past=("mode/bad",)), (), forced=False, report=Path("/r"))
    assert "if you changed them since, --allow mode/bad once, or give a token" in line
