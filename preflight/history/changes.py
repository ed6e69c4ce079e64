"""What changed from one run to the next."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from preflight.lib.records import frozen
from preflight.model import CheckResult, Finding, Status
from preflight.report import Change, Report
from preflight.run.setup import SETUP

WRONG = frozenset({Status.FAIL, Status.ERROR, Status.WARN})
"""What stands until it is well again; a pass and a skip do not."""


class Key(NamedTuple):
    """What a state is a state of."""

    check: str
    code: str
    subject: str


@frozen
class Standing:
    """What is wrong about one thing, and since when."""

    status: Status
    since: datetime


def key_of(check: str, finding: Finding) -> Key:
    """Return what a finding of a check is a state of."""
    return Key(check, finding.code, _subject(finding))


def wrong_in(results: Iterable[CheckResult]) -> dict[Key, Status]:
    """Return what is wrong after waivers and ``--allow``: the worst status of each check, code and subject."""
    found: dict[Key, Status] = {}
    for result in results:
        for finding in result.findings:
            if finding.status in WRONG:
                key = key_of(result.about.id, finding)
                found[key] = min(finding.status, found.get(key, finding.status), key=lambda status: status.rank)
    return found


def still_wrong(before: Mapping[Key, Status], report: Report) -> dict[Key, Status]:
    """Return what is wrong now: what the report found, and what was wrong before and nobody could look at again.

    An error recovers nothing: what its check found wrong earlier stands, except about a subject that it now found well.

    Args:
        before: What was wrong until this run.
        report: The report of this run.
    """
    now = wrong_in(report.results)
    by_id = {result.about.id: result for result in report.results}
    found_wrong = (key for key, status in before.items() if status is not Status.ERROR)
    return {**{key: before[key] for key in found_wrong if _unseen(key, by_id)}, **now}


def changes_of(report: Report, before: Mapping[Key, Standing]) -> tuple[Change, ...]:
    """Return what a run changed, the worst first.

    Args:
        report: The report of the run.
        before: What was wrong until then; empty for the first run, which is compared with all good.

    Returns:
        ``before`` is None for what is new, ``after`` is None for what is well again; ``kind`` names the difference.
        ``lasted_s`` is None for what is new, and where the clock was set back.
    """
    now = still_wrong({key: standing.status for key, standing in before.items()}, report)
    changed = [
        _change(key, report.started, before.get(key), now.get(key))
        for key in {**before, **now}
        if now.get(key) != (before[key].status if key in before else None)
    ]
    return tuple(sorted(changed, key=_order))


def kind(change: Change) -> str:
    """Return ``new``, ``recovered``, ``worse`` or ``better``."""
    if change.before is None:
        return "new"
    if change.after is None:
        return "recovered"
    return "worse" if change.after.rank < change.before.rank else "better"


def change_data(change: Change) -> dict[str, Any]:
    """Return a change as documents have it: of what, which kind, and the statuses; null for what there is not."""
    return {
        "check": change.check,
        "code": change.code or None,
        "subject": change.subject or None,
        "change": kind(change),
        "before": change.before,
        "after": change.after,
    }


def seconds_between(since: datetime, until: datetime) -> float | None:
    """Return how long something lasted; None where the clock was set back in between."""
    seconds = (until - since).total_seconds()
    return seconds if seconds >= 0 else None


def _change(key: Key, at: datetime, before: Standing | None, after: Status | None) -> Change:
    lasted = None if before is None else seconds_between(before.since, at)
    return Change(at, *key, None if before is None else before.status, after, lasted)


def _order(change: Change) -> tuple[int, str, str, str]:
    status = Status.PASS if change.after is None else change.after
    return (status.rank, change.check, change.code, change.subject)


def _subject(finding: Finding) -> str:
    return "" if finding.subject is None else str(finding.subject)


def _unseen(key: Key, results: Mapping[str, CheckResult]) -> bool:
    """Whether nobody could see if something is still wrong."""
    result = results.get(key.check)
    if result is None:  # a check that is no longer installed is well rid of; one that does not load is not
        return SETUP.id in results and results[SETUP.id].status is Status.ERROR
    if all(finding.status is not Status.ERROR for finding in result.findings):
        return False
    well = {_subject(finding) for finding in result.findings if finding.status is Status.PASS} - {""}
    return key.subject not in well
