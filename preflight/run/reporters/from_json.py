"""A saved JSON report as a report again: read strictly, so that no half of one is taken for the whole."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from operator import attrgetter
from typing import Any, Protocol

from preflight.errors import ExitCode
from preflight.failures import COMMON
from preflight.lib.jsonshape import (
    Reader,
    WrongShapeError,
    at_least,
    boolean,
    each,
    key,
    key_or,
    keys,
    mapping,
    number,
    one_of,
    optional,
    parsed,
    text,
    whole,
    wrong,
)
from preflight.lib.records import frozen
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
from preflight.run.cleaning import clean_evidence
from preflight.run.reporters.json_report import SCHEMA
from preflight.run.setup import SETUP
from preflight.run.verdict import overall

_SCHEMA = regex(r"preflight/(\d{1,4})")
_ID = regex(r"[a-z][a-z0-9.-]*")
_STAGES = frozenset(Stage)
_RANK = attrgetter("rank")
_COMMON = {each.code: each for each in COMMON}
_YEARS = range(1970, 9000)
_LONGEST_S = 1e9
"""The longest run that is read: formats add its length to the time at which the run began, and a calendar ends."""


class OtherSchemaError(WrongShapeError):
    """The report of another version of preflight."""


def check_ids(document: Json) -> tuple[str, ...]:
    """Return the ids of the checks in a report, to know which installed checks ``read_report`` can use.

    Raises:
        WrongShapeError: It is no report.
    """
    return whole(document, lambda value: key(_top(value), "checks", each(_check_id)))


def _check_id(value: Any) -> str:
    return key(mapping(value), "id", text)


class Wanted(Protocol):
    """Says which checks somebody who reads a report wants to have in it."""

    def __call__(self, area: Area, status: Status, *, strict: bool) -> bool:
        """Whether a check is wanted, by its area and status and by whether the run was strict."""


def _every_check(area: Area, status: Status, *, strict: bool) -> bool:
    del area, status, strict
    return True


def read_report(document: Json, abouts: Mapping[str, About], wanted: Wanted = _every_check) -> Report:
    """Return the report that a document of ``json_report`` says; keys it does not know are left.

    Args:
        document: As ``json`` reads it.
        abouts: What installed checks declare, by id: a document has the codes of failures, not what they mean.
        wanted: Which checks the report is to have; the others are read just as strictly and left out, which is faster.
            One with a warning may not be left out: the status of the report depends on it.

    Raises:
        WrongShapeError: It is no report, or contradicts itself; with the place and what was expected.
        OtherSchemaError: It has another schema.
    """
    known = {**abouts, SETUP.id: SETUP}
    return whole(document, lambda value: _report(_top(value), known, wanted))


def _report(top: dict[str, Any], known: Mapping[str, About], wanted: Wanted) -> Report:
    checks, strict = key(top, "checks", _CHECKS), key_or(top, "strict", boolean, default=False)
    report = Report(
        version=key(top, "version", text),
        host=key(top, "host", text),
        started=key(top, "started", _STARTED),
        duration_s=key(top, "duration_s", _duration),
        results=tuple([_result(check, known) for check in checks if wanted(check.area, check.status, strict=strict)]),
        exit_code=key(top, "exit_code", _EXIT_CODE),
        problem=key_or(top, "problem", text, ""),
        stage=key(top, "stage", _STAGE),
        judged=_judged(top),
        limits=key(top, "limits", _TEXTS),
        strict=strict,
    )
    _refuse_contradiction(key(top, "status", _STATUS), overall(report.results, report.exit_code))
    return report


def _top(document: Any) -> dict[str, Any]:
    top = mapping(document)
    key(top, "schema", _this_schema)
    return top


def _this_schema(value: Any) -> None:
    written = text(value)
    if written == SCHEMA:
        return
    number_of = _SCHEMA.fullmatch(written)
    if number_of is None:
        raise wrong(f"a report of preflight, schema {SCHEMA}", value)
    older = int(number_of[1]) < int(SCHEMA.rpartition("/")[2])
    raise OtherSchemaError(
        f"expected {SCHEMA}, found {written}: the report was written by "
        + ("an older preflight, which counted and named things otherwise" if older else "a newer preflight")
    )


def _instant(written: str) -> datetime:
    instant = datetime.fromisoformat(written)
    if instant.tzinfo is None or instant.year not in _YEARS:
        raise ValueError
    return instant


def _duration(value: Any) -> float:
    seconds = number(value)
    if seconds > _LONGEST_S:
        raise wrong(f"a number from 0 to {_LONGEST_S:.0f}", value)
    return seconds


def _refuse_contradiction(written: Status, truth: Status) -> None:
    if written is not truth:
        raise WrongShapeError(f"expected {truth}, as the rest of the report says", "status")


_STATUS = one_of({status.value: status for status in Status})
_STAGE = one_of({stage.value: stage for stage in Stage})
_EXIT_CODE = one_of({code.value: code for code in ExitCode})
_AREA = one_of({area.name.lower(): area for area in Area})
_TEXTS = each(text)
_TEXT_OR_NULL = optional(text, "")
_STARTED = parsed(_instant, "a time in UTC, e.g. 2026-11-29T10:00:00Z")
_UNTIL = parsed(date.fromisoformat, "a day, e.g. 2027-01-31")
_DIRTY: Reader[bool | None] = optional(boolean, None)


def _judged(top: dict[str, Any]) -> JudgedProject:
    return JudgedProject(
        project=key(top, "project", _TEXT_OR_NULL),
        commit=key(top, "commit", _TEXT_OR_NULL),
        dirty=key(top, "dirty", _DIRTY),
        compose_files=key(top, "compose_files", _TEXTS),
        assumed=key_or(top, "compose_files_assumed", boolean, default=False),
        unread=key_or(top, "compose_files_not_loaded", _TEXTS, ()),
        pins=key(top, "pins", _PINS),
        git=key(top, "git", boolean),
        folder=key_or(top, "folder", _TEXT_OR_NULL, ""),
        root=key_or(top, "root", _TEXT_OR_NULL, ""),
    )


def _pin(value: Any) -> PinState:
    return PinState(*_PIN(value))


@frozen
class _Check:
    """One check as it is written, of which a result can be made."""

    id: str
    area: Area
    title: str
    tags: tuple[str, ...]
    findings: tuple[list[Any], ...]
    duration_s: float
    status: Status


def _check(value: Any) -> _Check:
    check = _Check(*_CHECK(value))
    if not check.findings:
        raise WrongShapeError("expected one finding or more", "findings")
    _refuse_contradiction(check.status, min((values[0] for values in check.findings), key=_RANK))
    return check


def _result(check: _Check, known: Mapping[str, About]) -> CheckResult:
    codes = _COMMON
    if check.id in known:
        about = replace(known[check.id], title=check.title, tags=frozenset(check.tags), area=check.area)
        codes = {**_COMMON, **about.codes}
    else:
        about = About(check.id, check.title, frozenset(check.tags), frozenset(), "", "", (), check.area, _STAGES)
    findings = tuple([_finding(values, check.id, codes) for values in check.findings])
    return CheckResult(about, findings, check.duration_s)


def _id(value: Any) -> str:
    written = text(value)
    if not _ID.fullmatch(written):
        raise wrong("the id of a check", value)
    return written


def _finding(values: list[Any], check: str, codes: Mapping[str, Failure]) -> Finding:
    status, message, hint, evidence, location, code, subject, waived, allowed, caused_by = values
    if evidence:
        evidence = clean_evidence(evidence)
    failure = codes.get(code) or Failure(code, "", "", status, status) if code else None
    if waived is not None:
        until, reason = waived
        waived = Waiver(check, code, until, reason, subject.name if subject is not None else "")
    return Finding(status, message, hint, evidence, location, failure, subject, None, waived, allowed, caused_by)


_PIN = keys(variable=text, service=text, file=text, digest=_TEXT_OR_NULL, release=_TEXT_OR_NULL, status=_STATUS)
_PINS = each(_pin)
_SUBJECT = keys(kind=text, name=text)
_LOCATION = keys(path=text, line=optional(at_least(1), None))
_FINDING = keys(
    status=_STATUS,
    message=text,
    hint=text,
    evidence=mapping,
    location=optional(lambda value: Location(*_LOCATION(value)), None),
    code=_TEXT_OR_NULL,
    subject=optional(lambda value: Subject(*_SUBJECT(value)), None),
    waived=optional(keys(until=_UNTIL, reason=text), None),
    allowed=boolean,
    caused_by=_TEXT_OR_NULL,
)
_CHECK = keys(
    id=_id, area=_AREA, title=text, tags=_TEXTS, findings=each(_FINDING), duration_s=_duration, status=_STATUS
)
_CHECKS = each(_check)
