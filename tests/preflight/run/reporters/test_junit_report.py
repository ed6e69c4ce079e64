"""preflight/run/reporters/junit_report.py"""

from dataclasses import replace

from junitparser import Error, Failure, Skipped

from preflight.model import Finding, Location, Status
from preflight.report import JudgedProject, PinState, Style
from preflight.run.reporters.junit_report import render
from tests.fakes.format_parsers import junit
from tests.fakes.reports import DIGEST, EVERYTHING, WEAK, report, result


def test_a_case_a_check() -> None:
    """What blocks is a failure or an error, what does not apply skipped, a warning no failure."""
    [suite] = junit(render(EVERYTHING, Style()))
    cases = {case.name: case for case in suite}

    assert [*cases] == ["a-pass", "b-fail", "c-warn", "d-skip", "e-error"]
    assert (suite.tests, suite.failures, suite.errors, suite.skipped, suite.time) == (5, 1, 1, 1, 0.5)
    assert (suite.hostname, suite.timestamp) == ("host", "2026-11-23T12:00:00")
    assert cases["a-pass"].result == []
    [failure] = cases["b-fail"].result
    [error] = cases["e-error"].result
    [skipped] = cases["d-skip"].result
    assert isinstance(failure, Failure)
    assert failure.message.startswith("`environment:` overrides the pin")
    assert "docker/compose.app.yaml:17" in failure.text
    assert "-> Remove APP_IMAGE" in failure.text
    assert isinstance(error, Error)
    assert (error.type, error.message) == ("e-error/could-not-look", "the daemon does not answer")
    assert isinstance(skipped, Skipped)
    assert skipped.message == "no Coolify here"
    assert cases["c-warn"].result == []
    assert cases["c-warn"].system_out == "warn c-warn/weak: fragile\n-> Fix it."


def test_one_failure_a_code() -> None:
    """Findings of the same code share it, with every place."""
    same = [Finding(Status.FAIL, f"bad {line}", "x", location=Location("a", line), failure=WEAK) for line in (1, 2, 3)]
    warning = Finding(Status.WARN, "fragile", "x", failure=replace(WEAK, code="fragile"))
    what = report(result("a", *same, warning))

    [[case]] = junit(render(what, Style()))
    [[strict]] = junit(render(replace(what, strict=True), Style()))

    [failure] = case.result
    assert (failure.type, failure.message) == ("a/weak", "bad 1 (and 2 more)")
    assert failure.text.count("FAIL a/weak: a:") == 3
    assert [each.type for each in strict.result] == ["a/weak", "a/fragile"]


def test_properties_say_what_was_judged() -> None:
    """Stage, commit and pins."""
    pin = PinState("APP_IMAGE", "app", "pin.env", DIGEST, "1.4.0")
    judged = JudgedProject(project="docker", commit="a" * 40, pins=(pin,))
    [suite] = junit(render(replace(EVERYTHING, judged=judged), Style()))
    told = {each.name: each.value for each in suite.properties()}

    assert told["stage"] == "before"
    assert told["commit"] == "a" * 40
    assert told["pin APP_IMAGE"] == f"1.4.0 {DIGEST} pin.env"
    assert told["verdict"] == "Exit 1: do not roll out"


def test_nothing_checked_is_an_error() -> None:
    """A green suite would be taken for a pass."""
    [suite] = junit(render(report(code=2, problem="preflight.yaml:1: bad"), Style()))
    [[error]] = [case.result for case in suite]

    assert suite.errors == 1
    assert error.message == "nothing was checked: preflight.yaml:1: bad"


def test_what_xml_cannot_hold_is_left_out() -> None:
    """Not even escaped; everything else is there as it was."""
    what = report(result("a", Finding(Status.FAIL, "a\ufffeb\x00\x1bc ]]> <c> & \ud800 ä", "x", failure=WEAK)))
    [[case]] = junit(render(what, Style()))

    assert case.result[0].message == "a b c ]]> <c> & ä"
