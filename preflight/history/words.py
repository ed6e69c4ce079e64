"""What the history has to say, in lines that a person reads: in a terminal, in the mail of cron, in a notification."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from preflight.history.changes import Key, key_of, kind
from preflight.history.notice import Flapping, Why
from preflight.lib.durations import words
from preflight.lib.text import plural, printable
from preflight.model import Status
from preflight.report import Change, Report
from preflight.run.reporters import WORDS

if TYPE_CHECKING:  # to read the history needs nothing that writes it
    from preflight.history.record import Recorded
    from preflight.history.series import Series

_MOST, _FEW = 20, 3


def name_of(key: Key | Change) -> str:
    """Return ``check/code, subject``, as far as there are any."""
    name = f"{key.check}/{key.code}" if key.code else key.check
    return printable(f"{name}, {key.subject}" if key.subject else name)


def change_line(change: Change) -> str:
    """Return one line: what happened, the status (of what recovered: the one it had), what, and after how long."""
    status = change.after or change.before or Status.FAIL
    lasted = ""
    if change.lasted_s is not None:
        lasted = f" (after {words(change.lasted_s)}{' without it' if change.before is None else ''})"
    return f"{kind(change):<9}  {WORDS[status]:<5}  {name_of(change)}{lasted}"


def change_lines(changes: Sequence[Change]) -> Iterator[str]:
    """Yield a line for each change, the first twenty, and how many more there are."""
    for change in changes[:_MOST]:
        yield change_line(change)
    if len(changes) > _MOST:
        yield f"and {plural(len(changes) - _MOST, 'change')} more"


def flapping_line(flapping: Flapping) -> str:
    """Return one line that calls it flapping."""
    return f"flapping   {name_of(flapping.key)} changed {flapping.changes} times in {flapping.runs} runs"


def recovery_line(series: "Series", report: Report, recorded: "Recorded") -> str:
    """Return the one line that says that all is well again."""
    ended = [name_of(change) for change in recorded.changes if change.after is None]
    more = f" and {len(ended) - _FEW} more" if len(ended) > _FEW else ""
    what = f": {', '.join(ended[:_FEW])}{more}" if ended else ""
    left = sum(result.status is Status.WARN for result in report.results)
    warned = f"; {plural(left, 'check')} with warnings" if left else ""
    return f"{_where(series, report)}: recovered{_after(recorded.bad_since, report.started)}{what}{warned}"


def lead(series: "Series", report: Report, recorded: "Recorded") -> str:
    """Return what stands before a report that is printed because of ``--on-change``; empty where nothing is to say."""
    notice = recorded.notice
    if notice is None:
        return ""
    if notice.why is Why.REMINDER:
        still = f"still wrong{_after(recorded.bad_since, report.started)} (a reminder; no change since the last one)"
        return f"{_where(series, report)}: {still}\n\n"
    following = _following(report)
    changes = [change for change in recorded.changes if Key(change.check, change.code, change.subject) not in following]
    lines = [*change_lines(changes), *map(flapping_line, notice.flapping)]
    return "".join(f"{line}\n" for line in lines) + "\n" if lines else ""


def _following(report: Report) -> set[Key]:
    """Return what only follows from something else: the report says so."""
    return {
        key_of(result.about.id, finding)
        for result in report.results
        for finding in result.findings
        if finding.caused_by
    }


def _where(series: "Series", report: Report) -> str:
    return f"preflight on {report.host}, {printable(series.project)}, stage {series.stage}"


def _after(since: datetime | None, now: datetime) -> str:
    return "" if since is None or since > now else f" after {words((now - since).total_seconds())}"
