"""SARIF 2.1.0 for code scanning: a rule a declared failure, a result a finding.

Source: OASIS Standard SARIF 2.1.0 with Errata 01; docs.github.com, "SARIF support for code scanning". Made by hand,
since it is plain JSON; tests hold every report against the schema of OASIS.
"""

import hashlib
import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import PurePath
from urllib.parse import quote

from preflight.errors import ExitCode
from preflight.failures import NOT_LOOKED_AT
from preflight.lib.text import printable
from preflight.model import About, Failure, Finding, Json, Stage, Status
from preflight.report import JudgedProject, Report, Style
from preflight.run.explanation import acceptance, manual_page, severity
from preflight.run.reporters.rows import Row, is_blocking, path_in_repository, problems, rows
from preflight.run.reporters.words import verdict

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_ROOT = "SRCROOT"
_FINGERPRINT = "preflightFinding/v1"
_LONGEST = 2000

_LEVELS = {
    Status.FAIL: "error",
    Status.ERROR: "error",
    Status.WARN: "warning",
    Status.SKIP: "note",
    Status.PASS: "none",
}
_Data = dict[str, Json]


def render(report: Report, style: Style) -> str:
    """Return the document; indented for a person who asked for more (``-v``)."""
    data = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [_run(report)]}
    return json.dumps(data, indent=2 if style.verbose else None, ensure_ascii=True) + "\n"


def _run(report: Report) -> _Data:
    rules = _rules(report)
    places = {name: place for place, name in enumerate(rules)}
    driver: _Data = {
        "name": "preflight",
        "version": _text(report.version),
        "rules": [_rule(name, about, failure, report.stage) for name, (about, failure) in rules.items()],
    }
    return {
        "tool": {"driver": driver},
        "automationDetails": {"id": f"preflight/{report.stage}/"},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {_ROOT: {"description": {"text": "The root of the repository."}}},
        "invocations": [_invocation(report, places)],
        "results": _results(report, places),
        "properties": {
            "stage": report.stage.value,
            "project": _text(report.judged.project),
            "commit": _text(report.judged.commit),
            "pins": [f"{_text(pin.variable)} {_text(pin.digest) or 'no digest'}" for pin in report.judged.pins],
        },
    }


def _rules(report: Report) -> dict[str, tuple[About, Failure]]:
    """Return what the checks of the run declare, and whatever else was found, by ``ID/CODE``."""
    declared = {
        f"{result.about.id}/{failure.code}": (result.about, failure)
        for result in report.results
        for failure in result.about.failures
    }
    return {**declared, **{row.name: (row.result.about, _failure(row.finding)) for row in _noted(report)}}


def _noted(report: Report) -> list[Row]:
    """Return what becomes a result or a notification."""
    return [*problems(report), *_not_looked_at(report)]


def _not_looked_at(report: Report) -> list[Row]:
    return [row for row in rows(report) if row.finding.failure is NOT_LOOKED_AT and not is_blocking(row, report)]


def _failure(finding: Finding) -> Failure:
    return finding.failure or Failure("", "", "", finding.status, finding.status)


def _rule(name: str, about: About, failure: Failure, stage: Stage) -> _Data:
    says = _text(failure.says) or _text(about.title) or name
    tells = [
        says,
        f"What to do: {_text(failure.fix)}" if failure.fix else "",
        f"Why it matters: {_text(about.why)}" if about.why else "",
        f"{name} {severity(failure)}. {_text(acceptance(about.id, failure))}",
        f"More: preflight explain {name}, or {manual_page(about.id, failure.code)}",
    ]
    return {
        "id": name,
        "shortDescription": {"text": says},
        "fullDescription": {"text": says},
        "help": {"text": "\n\n".join(part for part in tells if part)},
        "defaultConfiguration": {"level": _LEVELS[failure.status(stage)]},
        "properties": {"tags": [about.area.name.lower(), *sorted(map(_text, about.tags))]},
    }


def _invocation(report: Report, places: dict[str, int]) -> _Data:
    could_not_look = [row for row in problems(report) if row.finding.status is Status.ERROR]
    answered = report.exit_code in (ExitCode.OK, ExitCode.FAILED)
    notes = [_notification(row, report, places) for row in (*could_not_look, *_not_looked_at(report))]
    problem: list[Json] = [{"level": "error", "message": {"text": _text(report.problem)}}] if report.problem else []
    return {
        "executionSuccessful": answered and not could_not_look and not report.problem,
        "exitCode": int(report.exit_code),
        "exitCodeDescription": "nothing was checked" if report.problem else _text(verdict(report)),
        "startTimeUtc": _instant(report.started),
        "endTimeUtc": _instant(report.started + timedelta(seconds=report.duration_s)),
        "machine": _text(report.host),
        "toolExecutionNotifications": [*notes],
        "toolConfigurationNotifications": problem,
    }


def _notification(row: Row, report: Report, places: dict[str, int]) -> _Data:
    return {
        "level": _LEVELS[row.finding.status],
        "message": {"text": _message(row.finding)},
        "associatedRule": {"id": row.name, "index": places[row.name]},
        "locations": _locations(row.finding, report.judged),
    }


def _results(report: Report, places: dict[str, int]) -> list[Json]:
    seen: Counter[str] = Counter()
    found: list[Json] = []
    for row in problems(report):
        print_ = _fingerprint(row, report.judged)
        seen[print_] += 1
        found.append(
            {
                "ruleId": row.name,
                "ruleIndex": places[row.name],
                "level": "error" if is_blocking(row, report) else "warning",
                "message": {"text": _message(row.finding)},
                "locations": _locations(row.finding, report.judged),
                "partialFingerprints": {_FINGERPRINT: f"{print_}:{seen[print_]}"},
                "suppressions": _suppressions(row),
                "properties": {
                    "status": row.finding.status.value,
                    "subject": _text(str(row.finding.subject or "")),
                    "causedBy": _text(row.finding.caused_by),
                },
            }
        )
    return found


def _fingerprint(row: Row, judged: JudgedProject) -> str:
    """Return what stays the same while the same thing is wrong: neither a line nor a message."""
    at = row.finding.location
    path = (path_in_repository(at.path, judged) or at.path) if at is not None else ""
    what = "\0".join((row.name, str(row.finding.subject or ""), path))
    return hashlib.sha256(what.encode("utf-8", "replace")).hexdigest()[:32]


def _suppressions(row: Row) -> list[Json]:
    """Return who accepted the finding; an empty list says of each other result that nobody did (3.27.23)."""
    waiver = row.finding.waived
    if waiver is not None:
        why = f"waived until {waiver.until}: {waiver.reason}"
    elif row.finding.allowed:
        why = f"--allow {row.name}"
    else:
        return []
    return [{"kind": "external", "status": "accepted", "justification": _text(why)}]


def _locations(finding: Finding, judged: JudgedProject) -> list[Json]:
    """Return where it is; what has no place is shown at the pin, since code scanning refuses a result without one."""
    at = finding.location
    fallback = [*(pin.file for pin in judged.pins), *judged.compose_files][:1]
    place: _Data = {}
    if at is not None:
        place = {"artifactLocation": _artifact(at.path, judged)}
        if at.line is not None:
            place["region"] = {"startLine": at.line}
    elif fallback:
        place = {"artifactLocation": _artifact(fallback[0], judged)}
    return [{"physicalLocation": place}] if place else []


def _artifact(path: str, judged: JudgedProject) -> _Data:
    inside = path_in_repository(path, judged)
    if inside is not None:
        return {"uri": quote(inside, errors="replace"), "uriBaseId": _ROOT}
    whole = PurePath(judged.folder, path)
    return {"uri": ("file://" if whole.is_absolute() else "") + quote(whole.as_posix(), errors="replace")}


def _message(finding: Finding) -> str:
    cause = f"Follows from {finding.caused_by}." if finding.caused_by else ""
    parts = [_text(part) for part in (finding.message, cause, finding.hint) if part]
    # "[text](target)" would be a link (3.11.6).
    return "\n".join(parts).replace("](", "] (") or finding.status.value


def _instant(when: datetime) -> str:
    return f"{when.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.{when.microsecond // 1000:03d}Z"


def _text(text: str) -> str:
    return printable(text, _LONGEST)
