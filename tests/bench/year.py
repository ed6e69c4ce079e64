"""A year of runs every five minutes, recorded by the history's own code, in one transaction."""

from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from preflight.history.record import record_in
from preflight.history.series import Series
from preflight.history.store import writing
from preflight.model import CheckResult, Failure, Finding, Stage, Status, Subject
from preflight.report import Report
from tests.fakes.checks import about

RUNS = 105_120
_CHECKS = 20
_BEGIN = datetime(2025, 11, 23, 12, 0, tzinfo=UTC)
_GONE = Failure("gone", "It is gone.", "Bring it back.")


def year(path: Path, project: Path, runs: int = RUNS) -> None:
    """Record a year of runs of one project, with a failure of an hour each day.

    Args:
        path: The history.
        project: Its folder.
        runs: How many.
    """
    series = Series(str(project.resolve()), "", "{}", Stage.AFTER)
    with writing(path) as connection:
        for place in range(runs):
            record_in(connection, series, _report(place))


def _report(place: int) -> Report:
    hour, day = place // 12 % 24, place // 288
    failing = day % _CHECKS if hour == day % 24 else None
    started = _BEGIN + timedelta(minutes=5 * place)
    duration, code = 0.4 + place % 7 / 100, int(failing is not None)
    return Report("1.0.0", "host", started, duration, _results(failing), code, stage=Stage.AFTER)


@cache
def _results(failing: int | None) -> tuple[CheckResult, ...]:
    return tuple(_result(number, wrong=number == failing) for number in range(_CHECKS))


def _result(number: int, *, wrong: bool) -> CheckResult:
    subject = Subject("container", f"web-{number}")
    said = "the container runs the pinned digest, as the pin file and the registry have it"
    found = Finding(Status.PASS, said, evidence={"digest": f"sha256:{number:064x}"}, subject=subject)
    if wrong:
        found = Finding(Status.FAIL, "it is gone", "Bring it back.", failure=_GONE, subject=subject)
    return CheckResult(about(f"check-{number}"), (found,), 0.01 + number / 1000)
