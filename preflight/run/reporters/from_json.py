"""A saved JSON report as a report again: read strictly, so that no half of one is taken for the whole."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime

from preflight.errors import ExitCode
from preflight.failures import COMMON
from preflight.lib.jsonshape import Shape, WrongShapeError
from preflight.lib.regex import regex
from preflight.model import (
    About,
    Area,
    CheckResult,
    Failure,
    Finding,
    Json,
    Location,
    Stage,
    Status,
    Subject,
    Waiver,
)
from preflight.report import JudgedProject, PinState, Report
from preflight.run.cleaning import clean
from preflight.run.reporters.json_report import SCHEMA
from preflight.run.setup import SETUP
from preflight.run.verdict import overall

_SCHEMA = regex(r"preflight/(\d{1,4})")
_ID = regex(r"[a-z][a-z0-9.-]*")
_COMMON = {each.code: each for each in COMMON}
_YEARS = range(1970, 9000)
_LONGEST_S = 1e9
"""The longest run that is read: formats add its length to the time at which the run began, and a calendar ends."""
_AREAS = {area.name.lower(): area for area in Area}


def check_ids(document: Json) -> tuple[str, ...]:
    """Return the ids of the checks in a report, to know which installed checks ``read_report`` can use.

    Raises:
        WrongShapeError: It is no report.
    """
    top = _top(document)
    return tuple(item["id"].text() for item in top["checks"].items())


def read_report(document: Json, abouts: Mapping[str, About]) -> Report:
    """Return the report that a document of ``json_report`` says; keys it does not know are left.

    Args:
        document: As ``json`` reads it.
        abouts: What installed checks declare, by id: a document has the codes of failures, not what they mean.

    Raises:
        WrongShapeError: It is no report of this schema, or contradicts itself; with the place and what was expected.
    """
    top, known = _top(document), {**abouts, SETUP.id: SETUP}
    report = Report(
        version=top["version"].text(),
        host=top["host"].text(),
        started=top["started"].parsed(_instant, "a time in UTC, e.g. 2026-11-29T10:00:00Z"),
        duration_s=_duration(top["duration_s"]),
        results=tuple(_check(item, known) for item in top["checks"].items()),
        exit_code=top["exit_code"].one_of(ExitCode),
        problem=top.get("problem", "").text(),
        stage=top["stage"].one_of(Stage),
        judged=_judged(top),
        limits=top["limits"].texts(),
        strict=top.get("strict", default=False).boolean(),
    )
    _refuse_contradiction(top["status"], overall(report.results, report.exit_code))
    return report


def _top(document: Json) -> Shape:
    top = Shape(document)
    written = top["schema"].text()
    if written == SCHEMA:
        return top
    number = _SCHEMA.fullmatch(written)
    if number is None:
        raise top["schema"].wrong(f"a report of preflight, schema {SCHEMA}")
    older = int(number[1]) < int(SCHEMA.rpartition("/")[2])
    raise WrongShapeError(
        f"schema: expected {SCHEMA}, found {written}: the report was written by "
        + ("an older preflight, which counted and named things otherwise" if older else "a newer preflight")
    )


def _instant(text: str) -> datetime:
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None or instant.year not in _YEARS:
        raise ValueError
    return instant


def _duration(shape: Shape) -> float:
    seconds = shape.number()
    if seconds > _LONGEST_S:
        raise shape.wrong(f"a number from 0 to {_LONGEST_S:.0f}")
    return seconds


def _refuse_contradiction(status: Shape, truth: Status) -> None:
    if status.one_of(Status) is not truth:
        raise WrongShapeError(f"{status.path}: expected {truth}, as the rest of the report says")


def _judged(top: Shape) -> JudgedProject:
    return JudgedProject(
        project=top["project"].optional(Shape.text, ""),
        commit=top["commit"].optional(Shape.text, ""),
        dirty=top["dirty"].optional(lambda shape: shape.boolean(), None),
        compose_files=top["compose_files"].texts(),
        assumed=top.get("compose_files_assumed", default=False).boolean(),
        unread=top.get("compose_files_not_loaded", []).texts(),
        pins=tuple(_pin(item) for item in top["pins"].items()),
        git=top["git"].boolean(),
        folder=top.get("folder", None).optional(Shape.text, ""),
        root=top.get("root", None).optional(Shape.text, ""),
    )


def _pin(item: Shape) -> PinState:
    return PinState(
        variable=item["variable"].text(),
        service=item["service"].text(),
        file=item["file"].text(),
        digest=item["digest"].optional(Shape.text, ""),
        release=item["release"].optional(Shape.text, ""),
        status=item["status"].one_of(Status),
    )


def _check(item: Shape, abouts: Mapping[str, About]) -> CheckResult:
    check_id = item["id"].text()
    if not _ID.fullmatch(check_id):
        raise item["id"].wrong("the id of a check")
    area = item["area"].text()
    if area not in _AREAS:
        raise WrongShapeError(f"{item['area'].path}: expected one of {', '.join(_AREAS)}")
    title, tags = item["title"].text(), frozenset(item["tags"].texts())
    if check_id in abouts:
        about = replace(abouts[check_id], title=title, tags=tags, area=_AREAS[area])
    else:
        about = About(check_id, title, tags, frozenset(), "", "", (), _AREAS[area], frozenset(Stage))
    codes = {**_COMMON, **about.codes}
    findings = tuple(_finding(each, check_id, codes) for each in item["findings"].items())
    if not findings:
        raise WrongShapeError(f"{item['findings'].path}: expected one finding or more")
    result = CheckResult(about, findings, _duration(item["duration_s"]))
    _refuse_contradiction(item["status"], result.status)
    return result


def _finding(item: Shape, check: str, codes: Mapping[str, Failure]) -> Finding:
    status = item["status"].one_of(Status)
    code = item["code"].optional(Shape.text, "")
    subject = item["subject"].optional(lambda each: Subject(each["kind"].text(), each["name"].text()), None)
    name, evidence = subject.name if subject is not None else "", item["evidence"].data()
    return Finding(
        status=status,
        message=item["message"].text(),
        hint=item["hint"].text(),
        evidence=clean(Finding(status, "", evidence=evidence)).evidence if evidence else {},
        location=item["location"].optional(_location, None),
        failure=codes.get(code) or Failure(code, "", "", status, status) if code else None,
        subject=subject,
        waived=item["waived"].optional(lambda each: _waiver(each, check, code, name), None),
        allowed=item["allowed"].boolean(),
        caused_by=item["caused_by"].optional(Shape.text, ""),
    )


def _waiver(item: Shape, check: str, code: str, subject: str) -> Waiver:
    until = item["until"].parsed(date.fromisoformat, "a day, e.g. 2027-01-31")
    return Waiver(check, code, until, item["reason"].text(), subject)


def _location(item: Shape) -> Location:
    return Location(item["path"].text(), item["line"].optional(lambda line: line.whole(1), None))
