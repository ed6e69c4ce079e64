"""Runs, and messages that tell of them."""

from datetime import UTC, datetime, timedelta

from preflight.errors import ExitCode
from preflight.failures import NO_PIN
from preflight.model import About, CheckResult, Finding, Status, Subject
from preflight.notify.message import Event, Message, of_run
from preflight.report import Change, Report

NOW = datetime(2026, 11, 29, 10, 0, tzinfo=UTC)
ABOUT = About("pin-file", "Title", frozenset(), frozenset(), "What?", "Because.", (NO_PIN,))


def report(status: Status = Status.FAIL, minutes: int = 0, message: str = "the digest is wrong") -> Report:
    """Return a run with one check."""
    finding = Finding(status, message, "Correct it.", subject=Subject("service", "app"), failure=NO_PIN)
    code = {Status.FAIL: ExitCode.FAILED, Status.ERROR: ExitCode.COULD_NOT_LOOK}.get(status, ExitCode.OK)
    result = CheckResult(ABOUT, (finding,), 0.1)
    return Report("0", "web1", NOW + timedelta(minutes=minutes), 0.2, (result,), code)


def change(after: Status | None = Status.FAIL) -> Change:
    """Return what such a run changed."""
    before = None if after else Status.FAIL
    return Change(NOW, "pin-file", NO_PIN.code, "service app", before, after, 60.0)


def message(event: Event = Event.CHANGE, status: Status = Status.FAIL) -> Message:
    """Return what tells of it."""
    return of_run(event, report(status), (change(status if status is not Status.PASS else None),), with_report=True)
