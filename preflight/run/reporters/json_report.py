"""The report as one JSON document, schema ``preflight/1`` (``preflight/run/reporters/schema.json``)."""

import json
from datetime import UTC

from preflight.model import CheckResult, Finding, Json
from preflight.report import JudgedProject, Report, Style
from preflight.run.verdict import allowed, overall, totals, waived

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
        "stage": report.stage,
        "strict": report.strict,
        **_judged(report.judged),
        "limits": [*report.limits],
        "started": report.started.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "duration_s": round(report.duration_s, 3),
        "status": overall(report.results, report.exit_code),
        "exit_code": int(report.exit_code),
        "summary": {
            **{status.value: count for status, count in totals(report.results).items()},
            "waived": waived(report.results),
            "allowed": [*allowed(report.results)],
        },
        "checks": [_check(result) for result in report.results],
    }
    if report.problem:
        data["problem"] = report.problem
    return data


def _judged(judged: JudgedProject) -> dict[str, Json]:
    return {
        "project": judged.project or None,
        "commit": judged.commit or None,
        "dirty": judged.dirty,
        "git": judged.git,
        "folder": judged.folder or None,
        "root": judged.root or None,
        "compose_files": [*judged.compose_files],
        "compose_files_assumed": judged.assumed,
        "compose_files_not_loaded": [*judged.unread],
        "pins": [
            {
                "variable": pin.variable,
                "service": pin.service,
                "file": pin.file,
                "digest": pin.digest or None,
                "release": pin.release or None,
                "status": pin.status,
            }
            for pin in judged.pins
        ],
    }


def _check(result: CheckResult) -> dict[str, Json]:
    return {
        "id": result.about.id,
        "title": result.about.title,
        "area": result.about.area.name.lower(),
        "tags": [*sorted(result.about.tags)],
        "status": result.status,
        "duration_s": round(result.duration_s, 3),
        "findings": [_finding(finding) for finding in result.findings],
    }


def _finding(finding: Finding) -> dict[str, Json]:
    at, waiver, subject = finding.location, finding.waived, finding.subject
    return {
        "status": finding.status,
        "code": finding.code or None,
        "subject": None if subject is None else {"kind": subject.kind, "name": subject.name},
        "message": finding.message,
        "hint": finding.hint,
        "evidence": dict(finding.evidence),
        "location": None if at is None else {"path": at.path, "line": at.line},
        "caused_by": finding.caused_by or None,
        "allowed": finding.allowed,
        "waived": None if waiver is None else {"until": waiver.until.isoformat(), "reason": waiver.reason},
    }
