"""One finding a line, for grep, journald and mail filters: the same findings give the same text."""

from preflight.model import CheckResult, Finding, Status
from preflight.report import Report, Style
from preflight.run.reporters import WORDS


def render(report: Report, style: Style) -> str:
    """Return ``STATUS ID/CODE PLACE MESSAGE`` for each finding; what is missing of these is left out."""
    if report.problem:
        return f"{WORDS[Status.ERROR]} preflight {report.problem}\n"
    lines = [
        _line(result, finding)
        for result in report.results
        for finding in result.findings
        if not (style.quiet and finding.status in (Status.PASS, Status.SKIP))
    ]
    return "".join(f"{line}\n" for line in lines)


def _line(result: CheckResult, finding: Finding) -> str:
    name = f"{result.about.id}/{finding.code}" if finding.code else result.about.id
    place = str(finding.location) if finding.location is not None else ""
    return " ".join(word for word in (WORDS[finding.status], name, place, finding.message) if word)
