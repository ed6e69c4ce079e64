"""The page of a host with a long history: ``python -m tests.bench.page HISTORY`` writes it to standard output."""

import sys
from dataclasses import replace
from pathlib import Path

from preflight.history.past import past
from preflight.history.record import record_in
from preflight.history.series import Series
from preflight.history.store import writing
from preflight.model import CheckResult, Finding, Stage, Status
from preflight.report import PastRun, Report, Style
from preflight.run.reporters.html_report import render
from tests.fakes.health import FAILING, STALE

SERIES = Series("/srv/hephaestus", "", "{}", Stage.AFTER)


def fill(history: Path) -> None:
    """Record the thousand earlier runs of a made-up host, and the present one."""
    with writing(history) as connection:
        for run in FAILING.past.runs:
            record_in(connection, SERIES, _as_report(run))
        record_in(connection, SERIES, FAILING)


def _as_report(run: PastRun) -> Report:
    results = []
    for result in FAILING.results:
        seen = run.checks[result.about.id]
        failure = None if seen.status is Status.PASS else STALE
        findings = (Finding(seen.status, f"it was {seen.status}", "Look.", failure=failure),)
        results.append(CheckResult(result.about, findings, seen.duration_s))
    return replace(
        FAILING, started=run.started, duration_s=run.duration_s, exit_code=run.exit_code, results=tuple(results)
    )


if __name__ == "__main__":
    known = past(Path(sys.argv[1]), SERIES)
    sys.stdout.write(render(replace(FAILING, past=known), Style(verbose=True)))
