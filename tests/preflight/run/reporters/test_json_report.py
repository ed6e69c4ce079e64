"""preflight/run/reporters/json_report.py and the schema that ships with it."""

import json
from importlib.resources import files

import jsonschema
import pytest

from preflight.report import Report, Style
from preflight.run.reporters.json_report import render
from tests.fakes.closed_schema import closed
from tests.fakes.reports import EVERYTHING, report

SCHEMA = json.loads(files("preflight.run.reporters").joinpath("schema.json").read_text(encoding="utf-8"))


def test_the_schema_is_a_schema() -> None:
    """It is valid against its own meta-schema."""
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("what", [EVERYTHING, report(code=2, problem="preflight.yaml:1: bad"), report(code=3)])
def test_reports_are_valid_against_the_schema(what: Report) -> None:
    """Whatever happened, the document is valid."""
    data = json.loads(render(what, Style()))

    jsonschema.validate(data, SCHEMA, format_checker=jsonschema.FormatChecker())


@pytest.mark.parametrize("what", [EVERYTHING, report(code=2, problem="preflight.yaml:1: bad")])
def test_each_key_of_a_report_is_in_the_schema(what: Report) -> None:
    """The manual's tables are made from the schema: a key that it lacks would be described nowhere."""
    data = json.loads(render(what, Style()))

    jsonschema.validate(data, closed(SCHEMA))
    with pytest.raises(jsonschema.ValidationError, match="'new' was unexpected"):
        jsonschema.validate({**data, "new": 1}, closed(SCHEMA))


def test_the_document_says_everything() -> None:
    """Envelope, summary, findings with evidence, location and waiver."""
    data = json.loads(render(EVERYTHING, Style()))

    assert data["schema"] == "preflight/1"
    assert (data["version"], data["host"], data["started"]) == ("1.2.3", "host", "2026-11-23T12:00:00.123Z")
    assert (data["status"], data["exit_code"], data["duration_s"]) == ("fail", 1, 0.5)
    assert data["summary"] == {"pass": 1, "warn": 1, "fail": 1, "skip": 1, "error": 1, "waived": 1, "allowed": []}
    assert [check["id"] for check in data["checks"]] == ["a-pass", "b-fail", "c-warn", "d-skip", "e-error"]
    failing = data["checks"][1]
    assert failing["findings"][0]["location"] == {"path": "docker/compose.app.yaml", "line": 17}
    assert failing["findings"][0]["evidence"] == {"count": 2}
    assert (data["stage"], data["commit"], data["pins"], data["limits"]) == ("before", None, [], [])
    warning = data["checks"][2]["findings"][0]
    assert (warning["code"], warning["subject"], warning["caused_by"]) == ("weak", None, None)
    assert data["checks"][2]["findings"][0]["waived"] == {"until": "2027-01-31", "reason": "later"}


def test_it_is_one_line_unless_somebody_wants_to_read_it() -> None:
    """One line suits logs; -v indents."""
    assert render(EVERYTHING, Style()).count("\n") == 1
    assert render(EVERYTHING, Style(verbose=True)).count("\n") > 50
