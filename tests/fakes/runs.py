"""Reports of one project over time, for the history."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from preflight.history.series import Series
from preflight.model import CheckResult, Failure, Finding, Stage, Status, Subject
from preflight.report import Report
from tests.fakes.checks import about

START = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
SERIES = Series("/srv/app", "", "{}", Stage.AFTER)


def at(minutes: float) -> datetime:
    """Return the time so many minutes after the first run."""
    return START + timedelta(minutes=minutes)


def wrong(code: str = "moved", name: str = "web", status: Status = Status.FAIL) -> Finding:
    """Return a finding about a container."""
    return Finding(status, f"{name} is {code}", "Fix it.", failure=Failure(code, "It is.", "Fix it."),
                   subject=Subject("container", name))  # fmt: skip


def well(name: str = "web") -> Finding:
    """Return a pass about a container."""
    return Finding(Status.PASS, "as pinned", subject=Subject("container", name))


def check(id_: str, *findings: Finding) -> CheckResult:
    """Return what a check said; without findings, that all is well."""
    return CheckResult(about(id_), findings or (well(),), 0.25)


def run(minutes: float, *results: CheckResult, code: int | None = None) -> Report:
    """Return a report; its exit code is 1 for a failure, 3 for an error, else 0."""
    statuses = {finding.status for result in results for finding in result.findings}
    found = 1 if Status.FAIL in statuses else 3 if Status.ERROR in statuses else 0
    return Report("1.2.3", "host", at(minutes), 0.5, results, found if code is None else code, stage=Stage.AFTER)


def history(tmp_path: Path) -> Path:
    """Return the file of a history."""
    return tmp_path / "state" / "history.db"
