"""preflight/run/reporters/github_report.py"""

from dataclasses import replace

from preflight.model import Finding, Location, Status
from preflight.report import JudgedProject, Style
from preflight.run.reporters.github_report import render
from tests.fakes.format_parsers import Command, github
from tests.fakes.reports import EVERYTHING, WEAK, report, result

HERE = JudgedProject(folder="/srv/app/deploy", root="/srv/app")


def test_each_problem_is_an_annotation_at_its_line() -> None:
    """Blocking as error, accepted as notice; file and line as GitHub finds them in the repository."""
    error, blind, notice, summary = github(render(replace(EVERYTHING, judged=HERE), Style()))

    assert isinstance(error, Command)
    assert (error.name, error.properties) == (
        "error",
        {"file": "deploy/docker/compose.app.yaml", "line": "17", "title": "preflight: b-fail"},
    )
    assert error.text.endswith("\nRemove APP_IMAGE from environment: of the service app in docker/compose.app.yaml.")
    assert blind == Command(
        "error", {"title": "preflight: e-error/could-not-look"}, "the daemon does not answer\nStart it."
    )
    assert notice == Command("notice", {"title": "preflight: c-warn/weak"}, "fragile\nFix it.")
    assert str(summary).startswith("preflight: 5 checks: 1 failed")


def test_a_file_elsewhere_is_named_in_the_text() -> None:
    """GitHub would look for it in the repository."""
    what = report(result("a", Finding(Status.WARN, "odd", "x", location=Location("/etc/environment", 3), failure=WEAK)))
    command, _ = github(render(replace(what, judged=HERE), Style()))

    assert command == Command("warning", {"title": "preflight: a/weak"}, "odd (/etc/environment:3)\nx")


def test_what_follows_from_another_finding_takes_no_annotation() -> None:
    """Ten checks that saw no pin would hide why."""
    follows = Finding(Status.ERROR, "no pin", "x", caused_by="pin-file/weak")
    what = report(*(result(f"c{n}", follows) for n in range(3)), result("pin-file", Finding(Status.FAIL, "bad", "do")))
    first, line, _ = github(render(what, Style()))

    assert isinstance(first, Command)
    assert first.text == "bad\ndo"
    assert line == "preflight: because of pin-file/weak, not looked at by: c0, c1, c2"


def test_what_is_above_githubs_limit_is_said_in_plain_lines() -> None:
    """The worst come first, and nothing is lost without a word."""
    found = [Finding(Status.WARN, f"warning {number}", "x", failure=WEAK) for number in range(13)]
    what = report(result("a", *found, Finding(Status.FAIL, "worst", "x", failure=WEAK)))

    first, *rest = github(render(what, Style()))

    assert isinstance(first, Command)
    assert (first.name, first.text) == ("error", "worst\nx")
    assert [each.text[:9] for each in rest if isinstance(each, Command)] == [
        f"warning {number}" for number in range(10)
    ]
    plain = [each for each in rest if isinstance(each, str)]
    assert plain[0].startswith("preflight: GitHub shows 10 annotations of a kind; 3 more warnings: see the log, or the")
    assert plain[1:4] == [f"preflight: a/weak: warning {number}" for number in (10, 11, 12)]


def test_text_is_escaped_as_the_runner_unescapes_it() -> None:
    """What stands for a colon, a comma or the end of a line, and what would begin a command."""
    finding = Finding(Status.FAIL, "50%0A ::error::x", "a", location=Location("a,b:c%3A.yaml", 1), failure=WEAK)
    text = render(report(result("a", finding)), Style())

    assert text.startswith(
        "::error file=a%2Cb%3Ac%253A.yaml,line=1,title=preflight%3A a/weak::50%250A ::error::x%0Aa\n"
    )
