"""What is told: written when a run is recorded, perhaps sent by a later run."""

import json
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from preflight.errors import ExitCode
from preflight.history.outbox import LARGEST
from preflight.history.words import change_lines, name_of
from preflight.lib.records import frozen
from preflight.lib.text import plural, printable
from preflight.model import Json
from preflight.report import Change, Report, Style

_TEXT = 16 * 1024
_TITLE = 180
_FEW = 2
_WIDTH = 100


class Event(StrEnum):
    """Why something is told."""

    CHANGE = "change"
    RUN = "run"
    HEARTBEAT = "heartbeat"
    TEST = "test"


@frozen
class Message:
    """One message, whoever gets it. It holds no secret.

    Args:
        id: The same each time it is sent: a receiver that gets it twice can tell.
        event: Why it is told.
        at: Start of the run, with time zone.
        exit_code: The exit code of the run.
        checked: Something was checked; else the command line or the configuration is wrong.
        title: One line.
        text: For a person.
        data: For a program: changes and report.
    """

    id: str
    event: Event
    at: datetime
    exit_code: int
    checked: bool
    title: str
    text: str
    data: dict[str, Json]

    def to_text(self) -> str:
        """Return it as the outbox keeps it: what is too large goes without its report."""
        fields = {
            "id": self.id,
            "event": self.event,
            "at": self.at.isoformat(),
            "exit_code": self.exit_code,
            "checked": self.checked,
            "title": self.title,
            "text": self.text,
            "data": self.data,
        }
        text = json.dumps(fields, ensure_ascii=True)
        if len(text) <= LARGEST:
            return text
        data = {**self.data, "report": None, "changes": [], "truncated": True}
        return json.dumps({**fields, "data": data}, ensure_ascii=True)

    @classmethod
    def from_text(cls, text: str) -> "Message":
        """Return what ``to_text`` wrote.

        Raises:
            ValueError: It is something else.
        """
        try:
            fields: dict[str, Any] = json.loads(text)
            times = {"event": Event(fields["event"]), "at": datetime.fromisoformat(fields["at"])}
            return cls(**{**fields, **times})
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError("no message of this preflight") from error


def of_run(event: Event, report: Report, changes: Sequence[Change], *, with_report: bool) -> Message:
    """Return what tells of a run.

    Args:
        event: Why.
        report: The report of the run.
        changes: What it changed, the worst first.
        with_report: The receiver is a program that reads the whole report.
    """
    from preflight.run.reporters.json_report import as_data
    from preflight.run.reporters.table_report import render

    title = printable(f"preflight on {report.host}: {_state(report)}{_what(changes)}", _TITLE)
    parts = [] if event is Event.HEARTBEAT else [*change_lines(changes), *([""] if changes else [])]
    body = "" if event is Event.HEARTBEAT else render(report, Style(width=_WIDTH))
    data: dict[str, Json] = {"changes": [_change(change) for change in changes]}
    if with_report and event is not Event.HEARTBEAT:
        data["report"] = as_data(report)
    text = _cut("\n".join([title, "", *parts, body]).rstrip() + "\n", _TEXT)
    return Message(
        uuid.uuid4().hex, event, report.started, int(report.exit_code), not report.problem, title, text, data
    )


def of_test(host: str, now: datetime) -> Message:
    """Return what tells that somebody tries whether messages arrive."""
    title = printable(f"preflight on {host}: a test of notify", _TITLE)
    text = f"{title}\n\nNothing was checked. `preflight notify test` sent this.\n"
    return Message(uuid.uuid4().hex, Event.TEST, now, int(ExitCode.OK), checked=True, title=title, text=text, data={})


def _state(report: Report) -> str:
    if report.problem:
        return "nothing was checked"
    counts = {ExitCode.OK: "all is well", ExitCode.FAILED: "failed", ExitCode.COULD_NOT_LOOK: "could not look"}
    return counts.get(ExitCode(report.exit_code), "not all could be done")


def _what(changes: Sequence[Change]) -> str:
    if not changes:
        return ""
    named = [f"{name_of(each)}{' recovered' if each.after is None else ''}" for each in changes[:_FEW]]
    more = [f"{plural(len(changes) - _FEW, 'more change')}"] if len(changes) > _FEW else []
    return f": {'; '.join([*named, *more])}"


def _change(change: Change) -> dict[str, Json]:
    return {
        "at": change.at.astimezone(UTC).isoformat(timespec="milliseconds"),
        "check": change.check,
        "code": change.code or None,
        "subject": change.subject or None,
        "before": change.before,
        "after": change.after,
        "lasted_s": change.lasted_s,
    }


def _cut(text: str, limit: int) -> str:
    """Return text of at most so many bytes, cut at a character."""
    data = text.encode()
    return text if len(data) <= limit else data[: limit - 4].decode("utf-8", "ignore") + "…\n"
