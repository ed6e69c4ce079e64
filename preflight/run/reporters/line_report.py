"""One finding a line, for grep, journald and mail filters: the same findings give the same text."""

from preflight.model import Status
from preflight.report import Report, Style
from preflight.run.reporters import WORDS
from preflight.run.reporters.rows import Row, rows


def render(report: Report, style: Style) -> str:
    """Return ``STATUS ID/CODE PLACE MESSAGE`` for each finding; what is missing of these is left out."""
    if report.problem:
        return f"{WORDS[Status.ERROR]} preflight {report.problem}\n"
    lines = [
        _line(row) for row in rows(report) if not (style.quiet and row.finding.status in (Status.PASS, Status.SKIP))
    ]
    return "".join(f"{line}\n" for line in lines)


def _line(row: Row) -> str:
    finding = row.finding
    place = str(finding.location) if finding.location is not None else ""
    return " ".join(word for word in (WORDS[finding.status], row.name, place, finding.message) if word)
