"""Every format, with whatever a report may hold: what reads it in the field can read it."""

import json
import subprocess
import sys
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given, settings

from preflight.model import CheckResult, Finding, Location, Status
from preflight.report import Report, Style
from preflight.run.reporters import FOR_PEOPLE, FORMATS, own_exit_code, reporter
from preflight.run.reporters.from_json import read_report
from preflight.run.reporters.rows import apart_from_followers, is_blocking, problems, rows
from tests.fakes import format_parsers as parsers
from tests.fakes.hostile_reports import FAILURES, NASTIEST, reports
from tests.fakes.reports import EVERYTHING, report, result

HEAVY = ("jinja2", "junitparser", "prometheus_client", "xml.etree", "tabulate")
OWN_MARKUP = {"<b>", "</b>", "<br>", "<code>", "</code>"}
WRONG = (Status.FAIL, Status.ERROR, Status.WARN)


def text_of(what: Report, name: str) -> str:
    """Return a report in a format."""
    return reporter(name)(what, Style())


def judge_github(what: Report) -> None:
    """GitHub reads a command a finding, up to ten of a kind, and takes nothing of a text for one."""
    read = parsers.github(text_of(what, "github"))
    commands = [each for each in read if isinstance(each, parsers.Command)]
    kinds = Counter(
        "error" if is_blocking(row, what) else "notice" if row.accepted else "warning"
        for row in apart_from_followers(problems(what))[0]
    )

    expected = {"error": 1} if what.problem else {kind: min(10, count) for kind, count in kinds.items()}
    assert Counter(each.name for each in commands) == expected
    assert {name for each in commands for name in each.properties} <= {"file", "line", "title"}


def judge_junit(what: Report) -> None:
    """The document is valid, with a case a check; one fails where one of its findings blocks."""
    [suite] = parsers.junit(text_of(what, "junit"))
    blocking = {row.result.about.id for row in rows(what) if is_blocking(row, what)}

    assert suite.tests == (1 if what.problem else len(what.results))
    assert what.problem or {case.name for case in suite if case.is_failure or case.is_error} == blocking


def judge_sarif(what: Report) -> None:
    """The document is valid, with a result a problem, each with its rule and a fingerprint of its own."""
    run = parsers.sarif(text_of(what, "sarif"))
    rules = run["tool"]["driver"]["rules"]
    prints = [json.dumps(each["partialFingerprints"]) for each in run["results"]]

    assert len(run["results"]) == len(problems(what))
    assert all(rules[each["ruleIndex"]]["id"] == each["ruleId"] for each in run["results"])
    assert len({rule["id"] for rule in rules}) == len(rules)
    assert len(set(prints)) == len(prints)


def judge_prometheus(what: Report) -> None:
    """No series stands there twice, each check has one status, and every finding is counted."""
    read = parsers.prometheus(text_of(what, "prometheus"))

    assert sum(read["preflight_run_status"].values()) == 1
    assert sum(read["preflight_check_status"].values()) == len(what.results)
    assert sum(read["preflight_findings"].values()) == sum(row.finding.status in WRONG for row in rows(what))


def judge_nagios(what: Report) -> None:
    """One line, whose word is the exit code."""
    state, text, numbers = parsers.nagios(text_of(what, "nagios"))

    assert own_exit_code("nagios", what) == ("OK", "WARNING", "CRITICAL", "UNKNOWN").index(state)
    assert len(text) <= 730
    assert numbers.get("checks", 0) == len(what.results)


def judge_markdown(what: Report) -> None:
    """No link, image, code block or HTML but our own."""
    for token in parsers.markdown(text_of(what, "markdown")):
        assert token.type not in {"link_open", "image", "fence", "code_block", "code_inline", "hr", "em_open"}, token
        if token.type == "html_inline":
            assert token.content in OWN_MARKUP
        if token.type == "html_block":
            assert token.content.startswith(("<details><summary>", "</details>"))
            assert token.content.count("<") in (1, 3)


def judge_json(what: Report) -> None:
    """It is read again, as `preflight report` does."""
    once = read_report(json.loads(text_of(what, "json")), {})

    assert text_of(read_report(json.loads(text_of(once, "json")), {}), "json") == text_of(once, "json")


@settings(max_examples=20, deadline=None)
@given(reports())
def test_each_format_is_read_by_its_own_reader(what: Report) -> None:
    """Whatever texts a report holds."""
    for judge in (
        judge_github,
        judge_junit,
        judge_sarif,
        judge_prometheus,
        judge_nagios,
        judge_markdown,
        judge_json,
    ):
        judge(what)


FOUND = [
    Finding(status, f"{NASTIEST} {number}", NASTIEST, location=Location("a.yaml", 1 + number), failure=failure)
    for number in range(5)
    for status, failure in (
        (Status.FAIL, FAILURES[0]),
        (Status.WARN, FAILURES[2]),
        (Status.SKIP, None),
        (Status.PASS, None),
    )
]
MANY = replace(report(*(result(f"check-{number}", *FOUND) for number in range(20))), limits=("offline",))
"""Twenty checks with twenty findings each."""


@pytest.mark.parametrize(
    "what",
    [MANY, EVERYTHING, report(code=3), report(code=2, problem=f"bad: {NASTIEST}")],
    ids=["many", "everything", "none", "problem"],
)
@pytest.mark.parametrize("name", FORMATS)
def test_a_program_or_a_person_gets_a_document(name: str, what: Report) -> None:
    """With many checks, none, or when nothing was checked; without escape codes."""
    made_printable = (
        read_report(json.loads(text_of(what, "json")), {}) if name in FOR_PEOPLE else what
    )  # as a run makes them
    text = text_of(made_printable, name)

    assert text.strip() or (name == "line" and not what.results)
    assert "\x1b" not in text
    assert "\\u001b" not in text or name == "json"
    if what.problem and name != "prometheus":
        assert "bad" in text


@pytest.mark.parametrize("name", FORMATS)
def test_a_format_that_nobody_asks_for_is_not_loaded(name: str) -> None:
    """Neither its module nor the library behind it."""
    code = (
        "import sys; import preflight.cli.run, preflight.cli.output; from preflight.run.reporters import reporter; "
        f"before = set(sys.modules); reporter({name!r}); "
        f"print(*sorted(m for m in before if m.endswith('_report') or m in {HEAVY})); "
        "print(*sorted(m.rpartition('.')[2] for m in set(sys.modules) if m.endswith('_report')))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    before, after = done.stdout.splitlines()

    assert before == ""
    assert f"{name}_report" in after.split()
    assert set(after.split()) <= {f"{name}_report", "json_report", "table_report"}


@pytest.mark.parametrize("name", FORMATS)
def test_the_time_for_a_report_grows_with_its_findings_and_not_with_their_square(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The status of a check looks at all its findings, so no format may ask for it once a finding."""
    asked = []

    def status(self: CheckResult) -> Status:
        asked.append(self)
        return min((finding.status for finding in self.findings), key=lambda each: each.rank)

    monkeypatch.setattr(CheckResult, "status", property(status))
    text_of(report(result("b-fail", *[Finding(Status.FAIL, f"{number} is wrong") for number in range(100)])), name)

    assert len(asked) < 50
