"""The history as text: a table for a person, JSON and CSV for programs."""

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from preflight.cli.terminal import width
from preflight.history.changes import change_data, kind
from preflight.history.queries import RecordedChange, Summary
from preflight.history.timeline import Stretch
from preflight.history.words import name_of
from preflight.lib.clock import local_time
from preflight.lib.durations import words
from preflight.lib.records import frozen
from preflight.lib.text import plural, printable
from preflight.model import Json, Status
from preflight.run.reporters import WORDS
from preflight.run.reporters.columns import columns

SCHEMA = "preflight-history/1"
_CSV = ("project", "configuration", "selection", "stage", "run", "at", "check", "code", "subject", "change", "before",
        "after", "lasted_s")  # fmt: skip
_STILL = 20


@frozen
class Chart:
    """One check over time.

    Args:
        line: The sparkline.
        since: Where it begins.
        width: Time of one character.
        parts: How the check was, oldest first.
    """

    line: str
    since: datetime
    width: timedelta
    parts: tuple[Stretch, ...]


@frozen
class Told:
    """What is shown of one series.

    Args:
        summary: The newest run of the series.
        changes: Newest first.
        chart: The chart of one check, where one is asked for.
    """

    summary: Summary
    changes: tuple[RecordedChange, ...]
    chart: Chart | None = None


def as_table(told: Sequence[Told]) -> str:
    """Return it for a person."""
    return "\n".join("".join(f"{line}\n" for line in _series(each)) for each in told)


def _series(told: Told) -> Iterator[str]:
    summary = told.summary
    yield printable(str(summary.series), 500)
    answer = f"exit {summary.exit_code}"
    if summary.bad_since is not None:
        answer += f", bad for {words((summary.last - summary.bad_since).total_seconds())}"
    yield f"  {plural(summary.runs, 'run')} since {local(summary.first)}, the last at {local(summary.last)}"
    yield f"  {answer}"
    if told.chart is not None:
        yield from _chart(told.chart)
    else:
        yield from _still(summary)
    yield ""
    if not told.changes:
        yield "  nothing changed"
        return
    heads = ("WHEN", "CHANGE", "STATUS", "WHAT", "AFTER")
    yield from (
        f"  {line}"
        for line in columns(heads, [_row(each) for each in told.changes], width() - 2, flexible=(3,)).splitlines()
    )


def _still(summary: Summary) -> Iterator[str]:
    for key, state in summary.standing[:_STILL]:
        lasted = words((summary.last - state.since).total_seconds())
        yield f"  still {WORDS[state.status]}: {name_of(key)}, for {lasted}"
    if len(summary.standing) > _STILL:
        yield f"  and {len(summary.standing) - _STILL} more"


def _chart(chart: Chart) -> Iterator[str]:
    yield f"  [{chart.line}]"
    width_ = words(chart.width.total_seconds())
    yield f"  since {local(chart.since)}; one character is the worst of {width_}, a blank no run"
    yield "  ▁ ok  ▄ warn  ▆ ERROR  █ FAIL"
    totals = {status: sum(part.seconds or 0 for part in chart.parts if part.status is status) for status in Status}
    spent = [f"{WORDS[status]} {words(seconds)}" for status, seconds in totals.items() if seconds]
    if spent:
        yield f"  until its last change: {', '.join(spent)}"


def _row(recorded: RecordedChange) -> tuple[str, ...]:
    change = recorded.change
    statuses = [WORDS[status] for status in (change.before, change.after) if status is not None]
    lasted = "" if change.lasted_s is None else words(change.lasted_s)
    return local(change.at), kind(change), " > ".join(statuses), name_of(change), lasted


def local(at: datetime) -> str:
    """Return a time as the clock on the wall shows it, with its distance from UTC: in autumn an hour comes twice."""
    return local_time(at).strftime("%Y-%m-%d %H:%M %z")


def utc(at: datetime) -> str:
    """Return a time for programs."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def as_json(told: Sequence[Told]) -> str:
    """Return it as one JSON document."""
    return json.dumps({"schema": SCHEMA, "series": [_data(each) for each in told]}, indent=2) + "\n"


def _data(told: Told) -> dict[str, Json]:
    summary = told.summary
    data: dict[str, Json] = {
        "project": summary.series.project,
        "configuration": summary.series.configuration or None,
        "selection": json.loads(summary.series.selection),
        "stage": summary.series.stage,
        "runs": summary.runs,
        "first": utc(summary.first),
        "last": utc(summary.last),
        "exit_code": summary.exit_code,
        "bad_since": None if summary.bad_since is None else utc(summary.bad_since),
        "standing": [
            {
                "check": key.check,
                "code": key.code or None,
                "subject": key.subject or None,
                "status": state.status,
                "since": utc(state.since),
            }
            for key, state in summary.standing
        ],
        "changes": [_change(each) for each in told.changes],
    }
    if told.chart is not None:
        data["timeline"] = [
            {"since": utc(part.since), "until": None if part.until is None else utc(part.until), "status": part.status}
            for part in told.chart.parts
        ]
    return data


def _change(recorded: RecordedChange) -> dict[str, Any]:
    change = recorded.change
    return {"run": recorded.run, "at": utc(change.at), **change_data(change), "lasted_s": change.lasted_s}


def as_csv(told: Sequence[Told]) -> str:
    """Return the changes as CSV (RFC 4180), with a head."""
    import csv
    import io

    stream = io.StringIO()
    writer = csv.DictWriter(stream, _CSV)
    writer.writeheader()
    for each in told:
        series = each.summary.series
        names = {
            "project": series.project,
            "configuration": series.configuration,
            "selection": series.selection,
            "stage": series.stage.value,
        }
        writer.writerows({**names, **_change(recorded)} for recorded in each.changes)
    return stream.getvalue()
