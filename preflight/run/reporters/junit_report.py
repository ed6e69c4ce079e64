"""JUnit XML for CI servers: a suite with one test case a check, and in it one failure a code.

Source: junit-10.xsd of Jenkins' xunit plugin, the strictest schema in use; tests hold every report against it.
"""

from collections.abc import Iterable, Iterator

from junitparser import Error, Failure, JUnitXml, Skipped, TestCase, TestSuite

from preflight.lib.regex import regex
from preflight.lib.text import printable
from preflight.model import CheckResult, Status
from preflight.report import Report, Style
from preflight.run.reporters import WORDS
from preflight.run.reporters.rows import Row, is_blocking
from preflight.run.reporters.words import verdict

_NOT_XML = regex("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot hold, not even escaped (production 2, "Char")."""

_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>'
_LONGEST = 2000


def render(report: Report, _style: Style) -> str:
    """Return the document. What blocks is a failure or, where a check could not look, an error; warnings are output."""
    suite = TestSuite("preflight")
    suite.hostname = _text(report.host)
    suite.timestamp = f"{report.started.replace(tzinfo=None):%Y-%m-%dT%H:%M:%S}"
    for name, value in _properties(report):
        suite.add_property(name, _text(value))
    suite.add_testcases(list(_cases(report)))
    suite.update_statistics()
    suite.time = round(report.duration_s, 3)
    document = JUnitXml("preflight")
    document.add_testsuite(suite)
    # Not `update_statistics`: it adds an attribute that the schema does not know.
    document.tests, document.failures, document.errors = suite.tests, suite.failures, suite.errors
    document.time = suite.time
    xml: bytes = document.tostring()
    return f"{_DECLARATION}\n{xml.decode('utf-8')}\n"


def _properties(report: Report) -> Iterator[tuple[str, str]]:
    yield "version", report.version
    yield "stage", report.stage
    yield "exit_code", str(int(report.exit_code))
    yield "verdict", "nothing was checked" if report.problem else verdict(report)
    for name, value in (("project", report.judged.project), ("commit", report.judged.commit)):
        if value:
            yield name, value
    for pin in report.judged.pins:
        yield f"pin {_text(pin.variable)}", " ".join(filter(None, (pin.release, pin.digest or "no digest", pin.file)))


def _cases(report: Report) -> Iterator[TestCase]:
    if report.problem:
        case = TestCase("run", "preflight.setup", 0.0)
        case.result = [Error(_text(f"nothing was checked: {report.problem}"), "preflight")]
        yield case
    for result in report.results:
        area = result.about.area.name.lower()
        case = TestCase(_text(result.about.id), f"preflight.{area}", round(result.duration_s, 3))
        wrong, rest = _by_code(result, report)
        case.result = [_failure(rows) for rows in wrong.values()]
        if result.status is Status.SKIP and not wrong:
            case.result = [Skipped(_text("; ".join(row.finding.message for row in rest)))]
        elif rest:
            case.system_out = "\n".join(_lines(rest))
        yield case


def _by_code(result: CheckResult, report: Report) -> tuple[dict[str, list[Row]], list[Row]]:
    """Return what blocks, by code and status, and everything else."""
    wrong: dict[str, list[Row]] = {}
    rest = []
    for row in (Row(result, finding) for finding in result.findings):
        if is_blocking(row, report):
            wrong.setdefault(f"{row.name} {row.finding.status}", []).append(row)
        else:
            rest.append(row)
    return wrong, rest


def _failure(rows: list[Row]) -> Failure | Error:
    first = rows[0]
    more = f" (and {len(rows) - 1} more)" if len(rows) > 1 else ""
    kind = Error if first.finding.status is Status.ERROR else Failure
    made = kind(_text(f"{first.finding.message}{more}"), _text(first.name))
    made.text = "\n".join(_lines(rows))
    return made


def _lines(rows: Iterable[Row]) -> Iterator[str]:
    for row in rows:
        finding = row.finding
        place = f"{finding.location}: " if finding.location is not None else ""
        cause = f" (follows from {finding.caused_by})" if finding.caused_by else ""
        yield _text(f"{WORDS[finding.status]} {row.name}: {place}{finding.message}{cause}")
        if finding.hint:
            yield _text(f"-> {finding.hint}")


def _text(text: str) -> str:
    return _NOT_XML.sub(" ", printable(text, _LONGEST))
