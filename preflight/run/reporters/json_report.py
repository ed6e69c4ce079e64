"""The report as one JSON document, schema ``preflight/1`` (``preflight/run/reporters/schema.json``)."""

import json
from datetime import UTC

from preflight.model import CheckResult, Finding, Json
from preflight.report import Report
from preflight.run.reporters import Style
from preflight.run.verdict import overall, totals, waived

SCHEMA = "preflight/1"


def render(report: Report, style: Style) -> str:
    """Return the report; indented for a person who asked for more (``-v``), one line otherwise."""
    return json.dumps(as_data(report), indent=2 if style.verbose else None, ensure_ascii=True) + "\n"


def as_data(report: Report) -> dict[str, Json]:
    """Return the report as plain data."""
    data: dict[str, Json] = {
        "schema": SCHEMA,
        "version": report.version,
        "host": report.host,
        "started": report.started.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "duration_s": round(report.duration_s, 3),
        "status": overall(report.results, report.exit_code),
        "exit_code": int(report.exit_code),
        "summary": {
            **{status.value: count for status, count in totals(report.results).items()},
            "waived": waived(report.results),
        },
        "checks": [_check(result) for result in report.results],
    }
    if report.problem:
        data["problem"] = report.problem
    return data


def _check(result: CheckResult) -> dict[str, Json]:
    return {
        "id": result.about.id,
        "title": result.about.title,
        "tags": [*sorted(result.about.tags)],
        "status": result.status,
        "duration_s": round(result.duration_s, 3),
        "findings": [_finding(finding) for finding in result.findings],
    }


def _finding(finding: Finding) -> dict[str, Json]:
    at, waiver = finding.location, finding.waived
    return {
        "status": finding.status,
        "message": finding.message,
        "hint": finding.hint,
        "evidence": dict(finding.evidence),
        "location": None if at is None else {"path": at.path, "line": at.line},
        "waived": None if waiver is None else {"until": waiver.until.isoformat(), "reason": waiver.reason},
    }
