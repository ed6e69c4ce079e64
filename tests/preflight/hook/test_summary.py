"""preflight/hook/summary.py: the one line. What stands in it of a report is in test_judge.py."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from preflight.check import passed
from preflight.hook.judge import Judged
from preflight.hook.project import Approvable
from preflight.hook.summary import LIMIT, Subject, refusal, summary
from preflight.lib.reference import parse_reference
from preflight.model import About, CheckResult, Failure, Finding, Status
from preflight.project import Pin
from preflight.report import Report

BAD = Failure("bad", "It is bad.", "Fix it.")
SUBJECT = Subject("github.com/a/b", "main", "c" * 40)
REFERENCE = f"ghcr.io/a/b@sha256:{'1' * 64}"
PIN = Approvable(Pin("X", "s", Path("/p")), REFERENCE, parse_reference(REFERENCE))


def judged(code: int = 0, *, blocking: int = 0, **facts: Any) -> Judged:
    """Return what came of a session."""
    about = About("check", "", frozenset(), frozenset(), "", "", (BAD,))
    wrong = [Finding(Status.FAIL, f"wrong {number}", "fix it", failure=BAD) for number in range(blocking)]
    results = (CheckResult(about, (passed("fine"), *wrong), 0.1),)
    report = Report("0.1", "host", datetime.now(UTC), 1.25, results, code)
    return Judged(report, tuple(("check", each) for each in wrong), (), (), code, **facts)


def line(found: Judged, *opened: str, forced: bool = False) -> str:
    """Return the line."""
    return summary(SUBJECT, found, opened, forced=forced, report=Path("/state/report.txt"))


@pytest.mark.parametrize(
    ("code", "forced", "verdict"),
    [
        (0, False, "PASS"),
        (1, False, "BLOCKED"),
        (3, False, "BLOCKED, could not look"),
        (1, True, "OPEN by force"),
        (0, True, "PASS"),
    ],
)
def test_the_verdict_stands_first(code: int, verdict: str, *, forced: bool) -> None:
    """With what was judged."""
    assert line(judged(code), forced=forced).startswith(f"{verdict}: github.com/a/b main@ccccccccc; ")


def test_a_pass_names_the_pin_and_no_report() -> None:
    """The digest with twelve digits."""
    said = line(judged(pins=(PIN, PIN)))

    assert "; pin sha256:111111111111…; 1 check: 1 passed (1.2 s)" in said
    assert "report:" not in said
    assert "no pin by digest" in line(judged())


def test_a_block_names_three_reasons_and_the_report() -> None:
    """One line, whatever is in it."""
    said = line(judged(1, blocking=5), "until tomorrow: known")

    assert "check: wrong 0 -> fix it; check: wrong 1" in said
    assert "and 2 more" in said
    assert "open: until tomorrow: known" in said
    assert said.endswith("report: /state/report.txt")
    assert "\n" not in said
    assert "nothing passed, so nothing is proved" in line(judged(3))


def test_the_line_is_bounded() -> None:
    """Coolify shows the whole of it."""
    assert len(line(judged(1, blocking=3), "x" * 5000)) <= LIMIT
    assert len(refusal(SUBJECT, "m" * 5000, "h" * 5000)) <= LIMIT


def test_a_run_that_could_not_judge() -> None:
    """Shut, unless it was opened by force."""
    assert refusal(None, "no git", "Install git.") == "BLOCKED, nothing was judged: no git -> Install git."
    said = refusal(SUBJECT, "no git", "Install git.", forced=("known",))
    assert said.startswith("OPEN although nothing was judged: github.com/a/b main@ccccccccc: no git")
    assert said.endswith("; open: known")


@pytest.mark.parametrize(
    ("subject", "shown"),
    [(SUBJECT, "github.com/a/b main@ccccccccc"), (Subject("/srv/x", "", ""), "/srv/x"), (Subject("", "", ""), "")],
)
def test_what_is_judged(subject: Subject, shown: str) -> None:
    """As far as it is known."""
    assert str(subject) == shown
