"""What ``run`` has to do with ``notify:``: who is told, and what is said about it on standard error."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from preflight.lib import interrupts
from preflight.lib.records import frozen
from preflight.report import Report

if TYPE_CHECKING:
    from preflight.cli.memory import Remembered
    from preflight.history.outbox import Expired, Letter
    from preflight.history.record import Recorded
    from preflight.notify.deliver import Outcome
    from preflight.notify.target import Target
    from preflight.run.config import Configuration


@frozen
class Telling:
    """Whom a run is told to.

    Args:
        targets: The targets of the configuration; empty where nobody is told.
        sender: The configuration.
        environ: The environment of the process.
        sparing: Say only what is new about targets that cannot be reached (for cron).
    """

    targets: "tuple[Target, ...]"
    sender: str
    environ: Mapping[str, str]
    sparing: bool

    @classmethod
    def from_options(cls, options: Mapping[str, Any], environ: Mapping[str, str], *, records: bool) -> "Telling":
        """Understand ``notify:`` before anything runs.

        Args:
            options: The options of ``run``.
            environ: The environment of the process.
            records: This run is recorded. Nobody is told of others: what a person tries at a terminal is no news.

        Raises:
            ConfigurationError: The configuration has mistakes there.
        """
        from preflight.history.series import real_name

        targets = targets_of(options["configuration"])
        sparing = bool(options["quiet"] or options["on_change"])
        path = options["configuration"].path
        sender = "" if path is None else real_name(path)  # one history may keep the letters of several folders
        return cls(targets if records else (), sender, environ, sparing)

    @contextmanager
    def run(self, stage: str) -> Iterator[None]:
        """Tell monitors that a run begins, and where it cannot be done, that it checked nothing.

        Args:
            stage: Which of the two questions is asked.
        """
        if not self.targets:
            yield
            return
        from preflight.cli.problem import problem_report
        from preflight.errors import ExitCode, PreflightError
        from preflight.notify.deliver import begin

        wait = begin(self.targets, self.environ)
        try:
            yield
        except PreflightError as error:
            wait()
            self._deliver_at_once(problem_report(error.message, ExitCode.USAGE, stage))
            raise
        wait()

    def letters(self, report: Report, recorded: "Recorded") -> "Sequence[Letter]":
        """Return what tells of a recorded run."""
        if not self.targets:
            return ()
        from preflight.history.notice import Why
        from preflight.notify.deliver import letters

        notice = recorded.notice
        changed = bool(recorded.changes) or report.exit_code != recorded.last_exit_code
        news = changed if notice is None else notice.why is not Why.NOTHING
        return letters(self.targets, self.sender, report, recorded, news=news)

    def end(self, history: Path | None, remembered: "Remembered", exit_code: int) -> None:
        """Send what waits. No signal and no failure here changes the exit code of the run: it has been printed.

        Args:
            history: Holds what waits.
            remembered: What became of the run.
            exit_code: The exit code of the run.
        """
        for expired in remembered.recorded.expired if remembered.recorded else ():
            click.echo(_expired_line(expired), err=True)
        if not self.targets or history is None:
            return
        from preflight.errors import PreflightError
        from preflight.notify.deliver import deliver

        interrupts.settled(exit_code)
        if remembered.recorded is None:
            if remembered.problem:
                self._deliver_at_once(remembered.report)
            return
        try:
            outcomes = deliver(history, self.targets, self.sender, self.environ, datetime.now(UTC))
        except PreflightError as error:
            click.echo(f"preflight: nobody was told: {error.message}", err=True)
            return
        for outcome in outcomes:
            self._say(outcome)

    def _deliver_at_once(self, report: Report) -> None:
        """Tell those who want to know of each run, without the history."""
        from preflight.notify.deliver import deliver_at_once

        for outcome in deliver_at_once(self.targets, report, self.environ):
            self._say(outcome)

    def _say(self, outcome: "Outcome") -> None:
        from preflight.notify.words import outcome_lines

        for line in outcome_lines(outcome, sparing=self.sparing):
            click.echo(line, err=True)


def _expired_line(expired: "Expired") -> str:
    from preflight.history.outbox import KEPT_S
    from preflight.lib.durations import words
    from preflight.lib.text import plural, printable

    count = plural(expired.count, "message")
    whose = printable(f"{expired.target} of {expired.sender}")
    return f"preflight: notify {whose}: {count} dropped, not delivered in {words(KEPT_S)}"


def targets_of(configuration: "Configuration") -> "tuple[Target, ...]":
    """Return the targets that a configuration names.

    Raises:
        ConfigurationError: It has mistakes there.
    """
    if not configuration.notify:
        return ()
    from preflight.notify.settings import read_targets

    return read_targets(configuration.notify)
