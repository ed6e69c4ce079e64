"""What earlier runs say about one check, or about the whole run: a strip, a line of durations, since when."""

from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import takewhile
from statistics import median

from preflight.lib.records import frozen
from preflight.model import Status
from preflight.report import PastCheck, PastRun, Report
from preflight.run.reporters.html.drawing import RUNS, Stretch, line, stretches
from preflight.run.verdict import overall


@frozen
class Run:
    """Bars next to each other that say the same.

    Args:
        stretch: The bars.
        count: How many runs.
        first: Start of the oldest.
        last: Start of the newest.
    """

    stretch: Stretch
    count: int
    first: datetime
    last: datetime


@frozen
class History:
    """All that is drawn and said about the past of one check.

    Args:
        bars: The last runs.
        counts: How many of them ended with each status, worst first.
        first: Start of the oldest run drawn.
        line: Data of an SVG path: the durations of the same runs.
        usual_s: The median of these durations.
        longest_s: The longest.
        since: Start of the first run that is known to have the present status.
        before_s: Seconds from then to the present run.
        runs: How many runs have had the present status, the present one included.
        whole: All runs that are known have the present status, so it may have begun earlier.
    """

    bars: tuple[Run, ...]
    counts: tuple[tuple[Status, int], ...]
    first: datetime
    line: str
    usual_s: float
    longest_s: float
    since: datetime
    before_s: float
    runs: int
    whole: bool

    @property
    def drawn(self) -> int:
        """How many runs the strip shows."""
        return sum(count for _, count in self.counts)


def of_check(report: Report, check: str, present: PastCheck) -> History | None:
    """Return the past of a check; ``None`` where no earlier run is known.

    Args:
        report: With earlier runs.
        check: The id of the check.
        present: What it says in the present run.
    """
    changed = [change.at for change in report.past.changes if change.check == check]
    return _history(report, lambda run: run.checks.get(check), present, changed)


def of_run(report: Report) -> History | None:
    """Return the past of the whole run; ``None`` where no earlier run is known."""
    present = PastCheck(overall(report.results, report.exit_code), report.duration_s)
    return _history(report, _as_check, present, [change.at for change in report.past.changes])


def _as_check(run: PastRun) -> PastCheck:
    return PastCheck(overall(run.checks.values(), run.exit_code), run.duration_s)


def _history(
    report: Report,
    seen: Callable[[PastRun], PastCheck | None],
    present: PastCheck,
    changed: Sequence[datetime],
) -> History | None:
    """Return a history.

    Args:
        report: With earlier runs.
        seen: What one of them says.
        present: What this run says.
        changed: When anything of it changed, newest first: nothing did since then, also before the runs that are known.
    """
    runs = report.past.runs
    if not runs:
        return None
    drawn = [*((run.started, seen(run)) for run in runs[1 - RUNS :]), (report.started, present)]
    statuses = [each.status if each else None for _, each in drawn]
    durations = [each.duration_s if each else None for _, each in drawn]
    took = [each for each in durations if each is not None]
    same = [*takewhile(lambda run: (each := seen(run)) and each.status is present.status, reversed(runs))]
    whole = len(same) == len(runs)
    since = same[-1].started if same else report.started
    since = min([since, *changed[:1]]) if whole else since
    return History(
        bars=tuple(
            Run(each, each.last - each.first + 1, drawn[each.first][0], drawn[each.last][0])
            for each in stretches(statuses)
        ),
        counts=tuple((status, statuses.count(status)) for status in Status if status in statuses),
        first=drawn[0][0],
        line=line(durations),
        usual_s=median(took),
        longest_s=max(took),
        since=since,
        before_s=(report.started - since).total_seconds(),
        runs=len(same) + 1,
        whole=whole,
    )
