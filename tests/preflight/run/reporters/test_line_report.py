"""preflight/run/reporters/line_report.py"""

from preflight.report import Style
from preflight.run.reporters.line_report import render
from tests.fakes.reports import EVERYTHING, report

OVERRIDDEN = "`environment:` overrides the pin: APP_IMAGE is set there for the service app, and would not follow a pin"


def test_one_finding_a_line() -> None:
    """Status, check and code, place, message: for grep."""
    assert render(EVERYTHING, Style()).splitlines() == [
        "ok a-pass all is well",
        f"FAIL b-fail docker/compose.app.yaml:17 {OVERRIDDEN}",
        "ok b-fail another is well",
        "warn c-warn/weak fragile",
        "skip d-skip/not-applicable no Coolify here",
        "ERROR e-error/could-not-look the daemon does not answer",
    ]


def test_quiet_leaves_out_what_is_well() -> None:
    """For a mail filter."""
    assert [line.split()[0] for line in render(EVERYTHING, Style(quiet=True)).splitlines()] == ["FAIL", "warn", "ERROR"]


def test_a_run_that_checked_nothing_says_why() -> None:
    """In one line, too."""
    assert render(report(code=2, problem="preflight.yaml:1: bad"), Style()) == "ERROR preflight preflight.yaml:1: bad\n"
