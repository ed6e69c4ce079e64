"""The options of ``run`` that have to do with earlier runs, and what they do to a report."""

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from preflight.cli.options import YEAR_S, Duration, F, option
from preflight.cli.output import Remarks
from preflight.errors import ExitCode
from preflight.lib.records import frozen
from preflight.model import Stage
from preflight.report import Report

if TYPE_CHECKING:
    from preflight.history.record import Recorded, Writer
    from preflight.history.series import Series
    from preflight.run.config import Configuration

DRAW_PAST = frozenset({"html"})
"""Formats that draw earlier runs."""

ANSWERING = ("only", "skip", "tag", "allow", "checks_dir", "offline", "deep", "strict")
"""Options that change what a run answers: only runs with the same ones are compared."""

history_option = option(
    "--history",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="File that keeps the runs. [default: history.db in ~/.local/state/preflight]",
)


def memory_options(command: F) -> F:
    """Add the options to ``run``."""
    record = option("--record", is_flag=True, help="Keep this run in the history (--history does so as well).")
    on_change = option(
        "--on-change", is_flag=True, help="Record, and print only what changed since the last recorded run (for cron)."
    )
    remind = option(
        "--remind",
        type=Duration(longest_s=YEAR_S),
        default="24h",
        show_default=True,
        metavar="DURATION",
        help="With --on-change: print again after this time what is still wrong; 0 never does.",
    )
    return record(history_option(on_change(remind(command))))


@frozen
class Remembered:
    """A report with what the history adds to it.

    Args:
        report: With earlier runs, where a format draws them.
        recorded: What recording told; None where the run was not recorded.
        problem: Why it could not be recorded or read; empty otherwise.
        remarks: What ``--on-change`` changes in what is printed.
    """

    report: Report
    recorded: "Recorded | None" = None
    problem: str = ""
    remarks: Remarks = Remarks()


@frozen
class Memory:
    """What a run has to do with earlier ones.

    Args:
        path: The file that keeps the runs; None where this run needs none.
        series: What this run is compared with; None if the run is not recorded.
        records: The run is to be kept.
        draws: A format that is asked for draws earlier runs.
        remind_s: With ``--on-change``, how long something stays wrong before it is printed again; else None.
    """

    path: Path | None = None
    series: "Series | None" = None
    records: bool = False
    draws: bool = False
    remind_s: float | None = None

    @classmethod
    def from_options(cls, options: Mapping[str, Any], environ: Mapping[str, str], formats: frozenset[str]) -> "Memory":
        """Understand the options before anything runs.

        Args:
            options: The options of ``run``.
            environ: The environment of the process.
            formats: The formats of all documents that will be made.

        Raises:
            ConfigurationError: The run is to be kept, and it is not clear where.
        """
        records = bool(options["record"] or options["history"] or options["on_change"])
        draws = bool(formats & DRAW_PAST)
        if not (records or draws):
            return cls()
        from preflight.history.place import history_path

        path = history_path(options["history"], environ)
        remind_s: float | None = options["remind"] if options["on_change"] else None
        return cls(path, series_of_options(options["configuration"], options), records, draws, remind_s)

    def turn(self) -> AbstractContextManager[None]:
        """Return what keeps other runs of this series out while this one is recorded.

        Raises:
            Busy: When entered, where another process runs the same series.
        """
        if not self.records or self.path is None or self.series is None:
            return nullcontext()
        from preflight.history.turn import turn

        return turn(self.path, self.series)

    def remember(self, report: Report, letters: "Writer | None" = None) -> Remembered:
        """Record a run if that is asked for, and add earlier runs if a format draws them.

        What goes wrong here never hides what the checks found: it changes exit 0 to 2, as a report that cannot be
        written does, and nothing else.

        Args:
            report: The report of the run.
            letters: Writes what tells of the run; put into the outbox where the run is recorded, else not asked.
        """
        if self.path is None or self.series is None:
            return Remembered(report)
        from preflight.history.errors import HistoryError
        from preflight.history.record import can_be_recorded, record

        recorded: Recorded | None = None
        try:
            if self.records and can_be_recorded(report):
                recorded = record(self.path, self.series, report, letters, self.remind_s)
            if self.draws:
                from preflight.history.past import past

                present = None if recorded is None else recorded.number
                report = replace(report, past=past(self.path, self.series, present))
        except HistoryError as error:
            exit_code = report.exit_code or (ExitCode.USAGE if self.records else ExitCode.OK)
            problem = f"{error.message}\n  {error.hint}" if error.hint else error.message
            return Remembered(replace(report, exit_code=exit_code), recorded, problem)
        return Remembered(report, recorded, remarks=_remarks(self.series, report, recorded))


def _remarks(series: "Series", report: Report, recorded: "Recorded | None") -> Remarks:
    if recorded is None or recorded.notice is None:
        return Remarks()
    from preflight.history import words
    from preflight.history.notice import Why

    if recorded.notice.why is Why.NOTHING:
        return Remarks(silent=True)
    if recorded.notice.why is Why.RECOVERED:
        return Remarks(instead=f"{words.recovery_line(series, report, recorded)}\n")
    return Remarks(lead=words.lead(series, report, recorded))


def series_of_options(configuration: "Configuration", options: Mapping[str, Any]) -> "Series":
    """Return the series that a run with these options belongs to."""
    from preflight.git.checkout import judged_folder, named_folder
    from preflight.history.series import series_of
    from preflight.project import ComposeProject

    answering = {name: options[name] for name in ANSWERING}
    project, pins = configuration.project or ComposeProject(configuration.base), configuration.pins
    named = named_folder(project, pins)
    former = () if named is None else (configuration.base, named, *named.parents)
    return series_of(judged_folder(project, pins), configuration.path, Stage(options["stage"]), answering, former)
