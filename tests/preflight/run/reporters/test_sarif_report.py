"""preflight/run/reporters/sarif_report.py"""

from dataclasses import replace
from typing import Any

import pytest

from preflight.failures import NOT_LOOKED_AT
from preflight.model import Finding, Location, Status, Subject
from preflight.report import JudgedProject, PinState, Report, Style
from preflight.run.reporters.sarif_report import render
from tests.fakes.format_parsers import sarif
from tests.fakes.reports import DIGEST, EVERYTHING, WEAK, report, result

JUDGED = JudgedProject(pins=(PinState("A", "app", "pin.env", DIGEST),), folder="/srv/app/docker", root="/srv/app")
RUN = replace(EVERYTHING, judged=JUDGED)


def results(what: Report) -> list[dict[str, Any]]:
    """Return the results of a report."""
    found: list[dict[str, Any]] = sarif(render(what, Style()))["results"]
    return found


def test_a_result_a_problem_with_its_place_in_the_repository() -> None:
    """What has no place is at the pin: code scanning refuses a result without one."""
    failure, error, waived = results(RUN)

    assert [each["level"] for each in (failure, error, waived)] == ["error", "error", "warning"]
    assert failure["locations"] == [
        {
            "physicalLocation": {
                "artifactLocation": {"uri": "docker/docker/compose.app.yaml", "uriBaseId": "SRCROOT"},
                "region": {"startLine": 17},
            }
        }
    ]
    assert error["ruleId"] == "e-error/could-not-look"
    assert error["message"]["text"] == "the daemon does not answer\nStart it."
    assert error["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "docker/pin.env"


@pytest.mark.parametrize(
    ("path", "folder", "uri"),
    [
        ("/etc/environment", "/srv/app", "file:///etc/environment"),
        ("../a b.env", "/srv/app", "file:///srv/app/../a%20b.env"),
        ("../a b.env", "", "../a%20b.env"),
    ],
)
def test_a_file_elsewhere_has_an_address_of_its_own(path: str, folder: str, uri: str) -> None:
    """It is not below the root of the repository."""
    made = report(result("a", Finding(Status.FAIL, "x", "y", location=Location(path))))
    [found] = results(replace(made, judged=JudgedProject(folder=folder, root=folder)))

    assert found["locations"] == [{"physicalLocation": {"artifactLocation": {"uri": uri}}}]


def test_rules_are_the_declared_failures_with_their_help() -> None:
    """As `explain` tells it."""
    made = result("a", Finding(Status.PASS, "fine"))
    what = report(
        replace(made, about=replace(made.about, failures=(WEAK, replace(WEAK, code="soft", before=Status.WARN))))
    )
    weak, soft = sarif(render(what, Style()))["tool"]["driver"]["rules"]

    assert (weak["id"], weak["shortDescription"]["text"]) == ("a/weak", "It is weak.")
    assert [each["defaultConfiguration"]["level"] for each in (weak, soft)] == ["error", "warning"]
    assert weak["help"]["text"].startswith("It is weak.\n\nWhat to do: Fix it.\n\nWhy it matters: ")
    assert "a/weak fails. To accept it until a day, write waivers: [{check: a, code: weak" in weak["help"]["text"]
    assert "a/soft warns before a rollout, fails after it." in soft["help"]["text"]
    assert "preflight explain a/soft" in soft["help"]["text"]


def test_what_was_accepted_is_suppressed() -> None:
    """By whom and why; of all others it says that nobody did."""
    allowed = Finding(Status.WARN, "allowed", "x", failure=WEAK, allowed=True)
    *_, waived, by_option = results(replace(RUN, results=(*RUN.results, result("f", allowed))))

    assert waived["suppressions"] == [
        {"kind": "external", "status": "accepted", "justification": "waived until 2027-01-31: later"}
    ]
    assert by_option["suppressions"][0]["justification"] == "--allow f/weak"
    assert [each["suppressions"] for each in results(RUN)[:2]] == [[], []]


def test_a_fingerprint_stays_while_the_same_thing_is_wrong() -> None:
    """Whatever line it moves to, and however it is worded; another subject is another thing."""

    def prints(*found: Finding) -> list[str]:
        made = results(report(result("a", *found)))
        return [each["partialFingerprints"]["preflightFinding/v1"] for each in made]

    first = Finding(
        Status.FAIL, "one", "x", location=Location("a", 1), failure=WEAK, subject=Subject("container", "web")
    )
    moved = replace(first, message="other words", location=Location("a", 9))
    other = replace(first, subject=Subject("container", "db"))

    assert prints(first) == prints(moved)
    assert len(set(prints(first, moved, other))) == 3


def test_the_invocation_says_how_the_run_ended() -> None:
    """A check that could not look, or nothing checked, is no successful execution."""
    [ended] = sarif(render(RUN, Style()))["invocations"]
    assert (ended["executionSuccessful"], ended["exitCode"]) == (False, 1)
    assert (ended["startTimeUtc"], ended["endTimeUtc"]) == ("2026-11-23T12:00:00.123Z", "2026-11-23T12:00:00.623Z")
    [note] = ended["toolExecutionNotifications"]
    assert note["associatedRule"]["id"] == "e-error/could-not-look"

    [judged] = sarif(render(replace(RUN, results=RUN.results[:2]), Style()))["invocations"]
    assert judged["executionSuccessful"] is True

    [none] = sarif(render(report(code=2, problem="preflight.yaml:1: bad"), Style()))["invocations"]
    assert (none["executionSuccessful"], none["exitCode"]) == (False, 2)
    assert none["toolConfigurationNotifications"][0]["message"]["text"] == "preflight.yaml:1: bad"


def test_what_was_not_looked_at_is_a_note() -> None:
    """No result, since nothing is wrong; but it shows."""
    run = sarif(render(report(result("a", Finding(Status.SKIP, "not asked", "ask", failure=NOT_LOOKED_AT))), Style()))

    assert run["results"] == []
    [note] = run["invocations"][0]["toolExecutionNotifications"]
    assert (note["level"], note["message"]["text"]) == ("note", "not asked\nask")


def test_a_text_makes_no_link() -> None:
    """SARIF viewers read [text](address)."""
    [found] = results(report(result("a", Finding(Status.FAIL, "see [x](http://evil.example)", "y"))))

    assert found["message"]["text"] == "see [x] (http://evil.example)\ny"
