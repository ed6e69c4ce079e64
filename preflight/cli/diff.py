"""``preflight diff``: what changed between two recorded runs."""

import json
import os
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from preflight.cli.history import find_series
from preflight.cli.memory import history_option
from preflight.cli.options import config_option, option
from preflight.errors import ConfigurationError, ExitCode

if TYPE_CHECKING:
    from preflight.history.diff import Difference
    from preflight.history.queries import RecordedRun
    from preflight.history.store import Connection

SCHEMA = "preflight-diff/1"

_EPILOG = """\
\b
Exit codes, as of diff(1):
  0  nothing differs
  1  something differs
  2  the command line or the configuration is wrong
  3  there are no such runs, or the history cannot be read
"""


@click.command(epilog=_EPILOG)
@click.argument("first", required=False, metavar="[RUN")
@click.argument("second", required=False, metavar="[RUN]]")
@config_option
@history_option
@option("--format", "layout", type=click.Choice(("table", "json")), default="table", show_default=True,
        envvar="PREFLIGHT_DIFF_FORMAT", help="Format on stdout.")  # fmt: skip
def diff(first: str | None, second: str | None, **options: Any) -> int:
    """Show what changed between two recorded runs.

    By default between the last two of this folder's project, in the series with the newest run. RUN is the number of a
    run, a time (the last run that had begun then), or how long ago, e.g. 7d. One RUN is compared with the newest of its
    series.
    """
    from preflight.history.diff import difference
    from preflight.history.errors import HistoryError
    from preflight.history.place import history_path
    from preflight.history.store import reading_recorded

    path = history_path(options["history"], os.environ)
    try:
        with reading_recorded(path) as connection:
            summary = find_series(connection, options["configuration"])[0]
            before, after = _pair(connection, summary.id, first, second)
    except HistoryError as error:
        click.echo(f"preflight: {error.message}\n  {error.hint}", err=True)
        return ExitCode.COULD_NOT_LOOK
    if before.series != after.series:
        click.echo(
            "preflight: these runs differ in project, configuration, selection or stage, so their findings do too.",
            err=True,
        )
    found = difference(before, after)
    as_text = _as_json if options["layout"] == "json" else _as_table
    click.echo(as_text(before, after, found))
    return ExitCode.FAILED if found else ExitCode.OK


def _pair(
    connection: "Connection", series: int, first: str | None, second: str | None
) -> tuple["RecordedRun", "RecordedRun"]:
    """Return the two runs, as they are named.

    Raises:
        HistoryError: There are no such runs.
        ConfigurationError: That names no run.
    """
    from preflight.history.errors import HistoryError
    from preflight.history.queries import newest_runs

    if first is None:
        newest = newest_runs(connection, series, 2)
        if len(newest) == 1:
            raise HistoryError("only one run is recorded", "Record another one: preflight run --record")
        return newest[1], newest[0]
    before = _run(connection, series, first)
    if second is not None:
        return before, _run(connection, before.series, second)
    return before, newest_runs(connection, before.series, 1)[0]


def _run(connection: "Connection", series: int, name: str) -> "RecordedRun":
    from preflight.history.errors import HistoryError
    from preflight.history.queries import run_at, run_of_number
    from preflight.history.when import point_in_time

    if name.isascii() and name.isdigit():
        found = run_of_number(connection, int(name[:18]))
    else:
        try:
            found = run_at(connection, series, point_in_time(name, datetime.now(UTC)))
        except ValueError as error:
            raise ConfigurationError(f"{name[:40]!r} names no run: {error}; or the number of a run") from error
    if found is None:
        raise HistoryError(f"there is no run {name[:40]}", "See which changed something: preflight history")
    return found


def _as_table(before: "RecordedRun", after: "RecordedRun", found: "Difference") -> str:
    from preflight.cli.history_text import local
    from preflight.history.changes import Key
    from preflight.history.words import change_line
    from preflight.lib.text import printable

    lines = [f"run {before.number} at {local(before.started)} > run {after.number} at {local(after.started)}"]
    lines += [f"  {fact.name}: {printable(fact.before or 'none')} > {printable(fact.after or 'none')}"
              for fact in (*found.facts, *found.checks)]  # fmt: skip
    for change in found.changes:
        lines.append(f"  {change_line(replace(change, lasted_s=None))}")
        message = found.messages.get(Key(change.check, change.code, change.subject))
        lines += [f"             {printable(message)}"] if message else []
    return "\n".join(lines if found else [*lines, "  nothing differs"])


def _as_json(before: "RecordedRun", after: "RecordedRun", found: "Difference") -> str:
    from preflight.cli.history_text import utc
    from preflight.history.changes import Key, change_data

    document = {
        "schema": SCHEMA,
        "before": {"run": before.number, "started": utc(before.started), "exit_code": before.exit_code},
        "after": {"run": after.number, "started": utc(after.started), "exit_code": after.exit_code},
        "facts": [{"name": each.name, "before": each.before, "after": each.after} for each in found.facts],
        "checks": [{"check": each.name, "before": each.before, "after": each.after} for each in found.checks],
        "findings": [
            {**change_data(each), "message": found.messages.get(Key(each.check, each.code, each.subject))}
            for each in found.changes
        ],
    }
    return json.dumps(document, indent=2)
