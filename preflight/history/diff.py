"""What differs between two recorded runs."""

from collections.abc import Iterator, Mapping
from typing import Any

from preflight.history.changes import Key
from preflight.history.queries import RecordedRun
from preflight.lib.records import frozen
from preflight.model import Status, Subject
from preflight.report import Change

_FACTS = ("version", "host", "commit", "dirty", "compose_files", "limits", "exit_code")
_PIN = ("file", "service", "release", "digest")
_WRONG = {Status.FAIL.value, Status.ERROR.value, Status.WARN.value}


@frozen
class Fact:
    """One thing about the runs that differs; None where a run has it not."""

    name: str
    before: str | None
    after: str | None


@frozen
class Difference:
    """What differs.

    Args:
        facts: What was judged, and with what.
        checks: The statuses of whole checks.
        changes: What is wrong, the worst first.
        messages: What the second run says of each change that is not well again.
    """

    facts: tuple[Fact, ...]
    checks: tuple[Fact, ...]
    changes: tuple[Change, ...]
    messages: Mapping[Key, str]

    def __bool__(self) -> bool:
        return bool(self.facts or self.checks or self.changes)


def difference(before: RecordedRun, after: RecordedRun) -> Difference:
    """Return what differs between two runs."""
    wrong_before, wrong_after = _wrong(before.report), _wrong(after.report)
    lasted = max(0.0, (after.started - before.started).total_seconds())
    changes = [
        Change(after.started, *key, _status(wrong_before, key), _status(wrong_after, key), lasted)
        for key in {**wrong_before, **wrong_after}
        if _status(wrong_before, key) is not _status(wrong_after, key)
    ]
    changes.sort(key=lambda change: (Status.PASS if change.after is None else change.after).rank)
    return Difference(
        tuple(_differing(_facts(before.report), _facts(after.report))),
        tuple(_differing(_checks(before.report), _checks(after.report))),
        tuple(changes),
        {key: finding["message"] for key, finding in wrong_after.items()},
    )


def _facts(report: Mapping[str, Any]) -> dict[str, str]:
    facts = {name: _words(report[name]) for name in _FACTS if report.get(name) not in (None, [])}
    for pin in report["pins"]:
        facts[f"pin {pin['variable']}"] = " ".join(str(pin[name]) for name in _PIN if pin[name])
    return facts


def _words(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _checks(report: Mapping[str, Any]) -> dict[str, str]:
    return {check["id"]: check["status"] for check in report["checks"]}


def _differing(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[Fact]:
    for name in {**before, **after}:
        if before.get(name) != after.get(name):
            yield Fact(name, before.get(name), after.get(name))


def _wrong(report: Mapping[str, Any]) -> dict[Key, Mapping[str, Any]]:
    """Return the worst finding of each check, code and subject that is wrong."""
    found: dict[Key, Mapping[str, Any]] = {}
    for check in report["checks"]:
        for finding in check["findings"]:
            if finding["status"] not in _WRONG:
                continue
            subject = finding["subject"]
            key = Key(check["id"], finding["code"] or "", "" if subject is None else str(Subject(**subject)))
            known = found.get(key)
            if known is None or Status(finding["status"]).rank < Status(known["status"]).rank:
                found[key] = finding
    return found


def _status(found: Mapping[Key, Mapping[str, Any]], key: Key) -> Status | None:
    return Status(found[key]["status"]) if key in found else None
