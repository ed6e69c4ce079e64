"""``preflight history``: what earlier runs found, and when it changed."""

import os
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from preflight.cli.completion import complete_failure
from preflight.cli.memory import history_option
from preflight.cli.options import Duration, config_option, option
from preflight.errors import ConfigurationError, ExitCode

if TYPE_CHECKING:
    from preflight.cli.history_text import Chart, Told
    from preflight.history.queries import Summary
    from preflight.history.store import Connection
    from preflight.run.config import Configuration

_COLUMNS = 60
"""The width of a sparkline: together with the text beside it, it fits a terminal of 80."""

LAYOUTS = ("table", "json", "csv")

_EPILOG = """\
\b
Exit codes:
  0  it was printed, whatever it says
  2  the command line or the configuration is wrong
  3  there is no history, none of this project, or it cannot be read
"""


def moment(_ctx: click.Context, _parameter: click.Parameter, value: str) -> datetime | None:
    """Read a day, a time, or how long ago."""
    from preflight.history.when import point_in_time

    if not value:
        return None
    try:
        return point_in_time(value, datetime.now(UTC))
    except ValueError as error:
        raise click.BadParameter(f"{value[:40]!r}: {error}") from error


@click.group("history", invoke_without_command=True, epilog=_EPILOG)
@config_option
@history_option
@option("--check", default="", metavar="ID[/CODE]", shell_complete=complete_failure,
        help="Show one check, or one of its codes, over time.")  # fmt: skip
@option("--since", default="", callback=moment, metavar="7d|DATE", help="Leave out what changed before this time.")
@option("-n", "--limit", type=click.IntRange(1, 1_000_000), default=20, show_default=True, metavar="N",
        help="Show at most so many changes of each series.")  # fmt: skip
@option("--all", "everything", is_flag=True, help="Show the runs of every project.")
@option("--format", "layout", type=click.Choice(LAYOUTS), default="table", show_default=True,
        envvar="PREFLIGHT_HISTORY_FORMAT", help="Format on stdout.")  # fmt: skip
@click.pass_context
def history(ctx: click.Context, /, **options: Any) -> int:
    """Show what recorded runs found, and what changed.

    What is wrong stands first, then what changed, the newest first.

    Runs are compared with runs of the same project, configuration, selection and stage only: a series. By default the
    series of this folder's project are shown.
    """
    if ctx.invoked_subcommand is not None:
        return ExitCode.OK
    from preflight.cli.history_text import as_csv, as_json, as_table
    from preflight.history.errors import HistoryError

    path = _path(options)
    try:
        told = _told(path, options)
    except HistoryError as error:
        click.echo(f"preflight: {error.message}\n  {error.hint}", err=True)
        return ExitCode.COULD_NOT_LOOK
    as_text = {"table": as_table, "json": as_json, "csv": as_csv}[options["layout"]]
    click.echo(as_text(told), nl=False)
    return ExitCode.OK


@history.command()
@config_option
@history_option
@option("--keep", type=Duration(longest_s=100 * 366 * 86400.0), required=True, metavar="DURATION",
        help="Forget runs that are older than this, e.g. 90d.")  # fmt: skip
def prune(keep: float, **options: Any) -> int:
    """Forget old runs, and give their room back to the disk.

    Recording makes room by itself when the history has 256 MiB.
    """
    from preflight.history.errors import HistoryError
    from preflight.history.prune import prune as forget
    from preflight.lib.text import plural

    path = _path(options)
    try:
        done = forget(path, datetime.now(UTC) - timedelta(seconds=keep))
    except HistoryError as error:
        click.echo(f"preflight: {error.message}\n  {error.hint}", err=True)
        return ExitCode.COULD_NOT_LOOK
    size = f"{done.size_before / 2**20:.1f} MiB before, {done.size_after / 2**20:.1f} MiB now"
    click.echo(f"{plural(done.runs, 'run')} forgotten, {done.left} kept ({size})")
    return ExitCode.OK


def _path(options: dict[str, Any]) -> Path:
    from preflight.history.place import history_path

    return history_path(options["history"], os.environ)


def find_series(connection: "Connection", configuration: "Configuration | None") -> "tuple[Summary, ...]":
    """Return the series of the project of a configuration, that with the newest run first; of all projects without one.

    Raises:
        HistoryError: There are none.
    """
    from preflight.git.checkout import judged_folder
    from preflight.history.errors import HistoryError
    from preflight.history.queries import summaries
    from preflight.history.series import real_name
    from preflight.lib.text import printable
    from preflight.project import ComposeProject

    every = summaries(connection)
    if not every:
        raise HistoryError("nothing is recorded", "Record a run: preflight run --record")
    if configuration is None:
        return every
    folder = judged_folder(configuration.project or ComposeProject(configuration.base), configuration.pins)
    named = real_name(configuration.path) if configuration.path else None
    of_project = tuple(each for each in every if each.series.project == real_name(folder))
    if found := of_project or tuple(each for each in every if each.series.configuration == named):
        return found
    names = ", ".join(sorted({printable(each.series.project) for each in every})[:5])
    what = f"no run of {printable(real_name(folder))} is recorded"
    raise HistoryError(what, f"There are runs of: {names}. Show all of them: preflight history --all")


def _told(path: Path, options: dict[str, Any]) -> "list[Told]":
    from preflight.cli.history_text import Told
    from preflight.history.queries import changes
    from preflight.history.store import reading_recorded

    check, _, code = options["check"].partition("/")
    since, limit = options["since"], options["limit"]
    with reading_recorded(path) as connection:
        found = find_series(connection, None if options["everything"] else options["configuration"])
        if check:
            _refuse_unknown(connection, found, check, code)
        return [
            Told(
                summary,
                tuple(changes(connection, summary.id, limit, since=since, check=check, code=code)),
                _chart(connection, summary, options) if check else None,
            )
            for summary in found
        ]


def _refuse_unknown(connection: "Connection", found: Sequence["Summary"], check: str, code: str) -> None:
    """Refuse a check that was never run, and a code that it has not: nothing would be found, which looks like all well.

    Raises:
        ConfigurationError: Names the nearest.
    """
    from preflight.failures import COMMON
    from preflight.history.queries import recorded_checks, recorded_codes
    from preflight.lib.nearest import nearest
    from preflight.run.discovery import discover

    checks = {each for summary in found for each in recorded_checks(connection, summary.id)}
    if check not in checks:
        hint = f"Recorded are: {', '.join(sorted(checks))}."
        raise ConfigurationError(f"--check: no run of the check {check} is recorded{nearest(check, checks)}", hint)
    codes = {each for summary in found for each in recorded_codes(connection, summary.id, check)}
    if not code or code in codes:
        return
    codes |= {failure.code for failure in COMMON}
    codes |= {each for known in discover([], lambda id_: id_ == check).checks for each in known.about.codes}
    if code not in codes:
        what = f"--check: the check {check} has no failure {code}{nearest(code, codes)}"
        raise ConfigurationError(what, f"Failures: {', '.join(sorted(codes))}.")


def _chart(connection: "Connection", summary: "Summary", options: dict[str, Any]) -> "Chart":
    from preflight.cli.history_text import Chart
    from preflight.history.queries import changes, runs_in
    from preflight.history.timeline import sparkline, stretches

    check, _, code = options["check"].partition("/")
    every = [each.change for each in changes(connection, summary.id, check=check, code=code)]
    standing = {key: state.status for key, state in summary.standing if key.check == check and code in ("", key.code)}
    parts = stretches(every[::-1], standing, summary.first)
    begin = max(summary.first, options["since"] or summary.first)
    columns = min(_COLUMNS, summary.runs)
    width = max(timedelta(seconds=1), (summary.last - begin) / columns + timedelta(milliseconds=1))
    runs = runs_in(connection, summary.id, begin, width // timedelta(milliseconds=1))
    return Chart(sparkline(parts, begin, width, runs, columns), begin, width, parts)
