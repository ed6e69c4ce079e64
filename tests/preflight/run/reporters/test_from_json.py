"""preflight/run/reporters/from_json.py: a saved report is the report that was saved."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from preflight.lib.jsonshape import WrongShapeError
from preflight.model import Area, Failure, Stage, Status
from preflight.report import JudgedProject, PinState, Report
from preflight.run.reporters.from_json import check_ids, read_report
from preflight.run.reporters.json_report import as_data
from tests.fakes.reports import DIGEST, EVERYTHING, report

JUDGED = JudgedProject(
    project="docker",
    commit="a" * 40,
    dirty=True,
    compose_files=("docker/compose.app.yaml",),
    assumed=True,
    unread=("docker/compose.override.yaml",),
    pins=(PinState("APP_IMAGE", "app", "docker/pin.env", DIGEST, "1.4.0", Status.PASS),),
    folder="/srv/app",
    root="/srv/app",
)


def saved(what: Report) -> dict[str, Any]:
    """Return a report as it is in a file."""
    data: dict[str, Any] = json.loads(json.dumps(as_data(what)))
    return data


@pytest.mark.parametrize(
    "what",
    [
        EVERYTHING,
        replace(EVERYTHING, judged=JUDGED, stage=Stage.AFTER, limits=("offline",), strict=True),
        report(code=2, problem="preflight.yaml:1: bad"),
        report(code=143),
    ],
)
def test_a_report_comes_back_as_it_was(what: Report) -> None:
    """Everything that JSON says, with and without the checks that said it."""
    assert saved(read_report(saved(what), {})) == saved(what)
    abouts = {result.about.id: result.about for result in what.results}
    again = read_report(saved(what), abouts)

    assert saved(again) == saved(what)
    assert [each.about for each in again.results] == [each.about for each in what.results]
    assert again.started == datetime(2026, 11, 23, 12, 0, 0, 123000, UTC)
    assert check_ids(saved(what)) == tuple(abouts)


def test_failures_are_those_that_installed_checks_declare() -> None:
    """A code that no installed check declares any more keeps its name."""
    warning = EVERYTHING.results[2]
    declared = Failure("weak", "It is weak today.", "Fix it today.")
    about = replace(warning.about, failures=(declared,))

    [known] = read_report(saved(EVERYTHING), {about.id: about}).results[2].findings
    [unknown] = read_report(saved(EVERYTHING), {}).results[2].findings

    assert known.failure is declared
    assert unknown.failure == Failure("weak", "", "", Status.WARN, Status.WARN)


def test_checks_that_nobody_wants_are_read_all_the_same() -> None:
    """They are left out, and refused where they are wrong."""

    def wanted(area: Area, status: Status, *, strict: bool) -> bool:
        return not strict and (area, status) == (Area.HOST, Status.WARN)

    assert [each.about.id for each in read_report(saved(EVERYTHING), {}, wanted).results] == ["c-warn"]
    data = saved(EVERYTHING)
    change("checks.0.findings.0.allowed", None)(data)
    with pytest.raises(WrongShapeError, match=r"^checks\[0\].findings\[0\].allowed: expected true or false"):
        read_report(data, {}, wanted)


def test_keys_of_a_newer_version_are_left_alone() -> None:
    """Keys may be added within a schema; those that were added in it may be missing."""
    data = saved(EVERYTHING) | {"weather": "fine"}
    for name in ("strict", "folder", "root", "compose_files_assumed", "compose_files_not_loaded"):
        del data[name]

    assert saved(read_report(data, {})) == saved(EVERYTHING)


def change(path: str, value: object) -> Callable[[dict[str, Any]], None]:
    """Return what sets one value of a document."""

    def apply(data: dict[str, Any]) -> None:
        *way, last = [int(part) if part.isdigit() else part for part in path.split(".")]
        place: Any = data
        for part in way:
            place = place[part]
        place[last] = value

    return apply


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        (
            "schema",
            "preflight/0",
            "found preflight/0: the report was written by an older",
        ),
        ("schema", "preflight/2", "found preflight/2: the report was written by a newer preflight"),
        ("schema", "2.1.0", "schema: expected a report of preflight, schema preflight/1, found text"),
        ("exit_code", 7, "exit_code: expected one of 0, 1, 2, 3"),
        ("exit_code", True, "exit_code: expected one of 0, 1, 2, 3"),
        ("exit_code", 0, "status: expected warn, as the rest of the report says"),
        ("started", "yesterday", "started: expected a time in UTC"),
        ("started", "2026-11-29T10:00:00", "started: expected a time in UTC"),
        ("started", "9999-12-31T23:59:59Z", "started: expected a time in UTC"),
        ("started", "0001-01-01T00:00:00+14:00", "started: expected a time in UTC"),
        ("duration_s", 1e17, "duration_s: expected a number from 0 to"),
        ("checks.0.status", "fail", "checks[0].status: expected pass, as the rest of the report says"),
        ("checks.0.area", "moon", "checks[0].area: expected one of setup, pin"),
        ("checks.0.id", "A B", "checks[0].id: expected the id of a check"),
        ("checks.1.findings", [], "checks[1].findings: expected one finding or more"),
        ("checks.1.findings.0.location.line", 0, "checks[1].findings[0].location.line: expected a whole number from 1"),
        ("checks.2.findings.0.waived.until", "soon", "checks[2].findings[0].waived.until: expected a day"),
        ("checks", None, "checks: expected a list, found null"),
    ],
)
def test_what_is_no_report_is_refused_with_its_place(path: str, value: object, words: str) -> None:
    """And with what was expected there."""
    data = saved(EVERYTHING)
    change(path, value)(data)

    with pytest.raises(WrongShapeError) as refused:
        read_report(data, {})

    assert words in str(refused.value)


def test_text_that_steers_a_terminal_is_made_harmless() -> None:
    """Anybody may have written the file."""
    data = saved(EVERYTHING)
    change("checks.1.findings.0.message", "a\x1b[2J\nb")(data)
    change("checks.1.findings.0.evidence", {"x": ["\x1b"]})(data)

    finding = read_report(data, {}).results[1].findings[0]

    assert finding.message == "a [2J b"
    assert finding.evidence == {"x": [""]}
