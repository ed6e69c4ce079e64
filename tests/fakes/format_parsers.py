"""What reads the reports of each format, as strictly as what reads them in the field."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import xmlschema
from junitparser import JUnitXml
from markdown_it import MarkdownIt
from markdown_it.token import Token
from prometheus_client.parser import text_string_to_metric_families

SCHEMAS = Path(__file__).resolve().parents[1] / "schemas"

_COMMAND = re.compile(r"::(?P<name>[A-Za-z-]+)(?: (?P<properties>.*?))?::(?P<text>.*)")
_NAGIOS = re.compile(
    r"PREFLIGHT (?P<state>OK|WARNING|CRITICAL|UNKNOWN) - (?P<text>[^|\n]+)(?:\|(?P<numbers>[^|\n]*))?\n"
)
_NUMBER = re.compile(r"(?P<label>[^=' ]+)=(?P<value>[0-9.]+)(?P<unit>s|%|B|c|)(?P<bounds>(?:;[0-9.:~@]*){0,4})")


@dataclass(frozen=True)
class Command:
    """A workflow command, as GitHub's runner reads it (actions/runner, ActionCommand.TryParseV2)."""

    name: str
    properties: dict[str, str]
    text: str


def github(text: str) -> list[Command | str]:
    """Return commands and plain lines; the runner reads a line that begins with ``::``, white space left out."""
    assert text.endswith("\n")
    return [_line(line) for line in re.split(r"\r\n|\r|\n", text)[:-1]]


def _line(line: str) -> Command | str:
    if not line.strip().startswith("::"):
        assert "##[" not in line[:3]
        return line
    found = _COMMAND.fullmatch(line)
    assert found is not None, line
    pairs = (pair.partition("=") for pair in (found["properties"] or "").split(",") if pair)
    return Command(found["name"], {name: _unescaped(value) for name, _, value in pairs}, _unescaped(found["text"]))


def _unescaped(text: str) -> str:
    for written, char in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
        text = text.replace(written, char)
    return text


@cache
def _junit_schema() -> xmlschema.XMLSchema:
    return xmlschema.XMLSchema(SCHEMAS / "junit-10.xsd")


def junit(text: str) -> JUnitXml:
    """Return the document, valid against the schema of Jenkins."""
    _junit_schema().validate(text)
    return JUnitXml.fromstring(text.encode("utf-8"))


@cache
def _sarif_validator() -> Any:
    schema = json.loads((SCHEMAS / "sarif-schema-2.1.0.json").read_text(encoding="utf-8"))
    jsonschema.Draft4Validator.check_schema(schema)
    return jsonschema.Draft4Validator(schema, format_checker=jsonschema.FormatChecker())


def sarif(text: str) -> dict[str, Any]:
    """Return the one run of a document that is valid against the schema of OASIS."""
    document = json.loads(text)
    _sarif_validator().validate(document)
    [run] = document["runs"]
    assert isinstance(run, dict)
    return run


def prometheus(text: str) -> dict[str, dict[frozenset[tuple[str, str]], float]]:
    """Return the values by metric and labels; none stands there twice."""
    found: dict[str, dict[frozenset[tuple[str, str]], float]] = {}
    for family in text_string_to_metric_families(text):
        values = found.setdefault(family.name, {})
        for sample in family.samples:
            labels = frozenset(sample.labels.items())
            assert labels not in values, sample
            values[labels] = sample.value
    return found


def nagios(text: str) -> tuple[str, str, dict[str, float]]:
    """Return state, text and numbers of the one line."""
    found = _NAGIOS.fullmatch(text)
    assert found is not None, text
    numbers = [_NUMBER.fullmatch(word) for word in (found["numbers"] or "").split()]
    assert all(numbers), text
    return found["state"], found["text"], {each["label"]: float(each["value"]) for each in numbers if each is not None}


def markdown(text: str) -> Iterator[Token]:
    """Yield every token of GitHub's Markdown: CommonMark with tables."""
    for token in MarkdownIt("commonmark").enable("table").parse(text):
        yield token
        yield from token.children or ()
