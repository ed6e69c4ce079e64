"""A report with one of everything."""

from datetime import UTC, date, datetime

from preflight.check import could_not_look, skipped
from preflight.model import CheckResult, Failure, Finding, Location, Status, Waiver
from preflight.report import Report
from tests.fakes.checks import about

DIGEST = "sha256:" + "a" * 64


def report(*results: CheckResult, code: int = 1, problem: str = "") -> Report:
    """Return a report of the given results."""
    return Report("1.2.3", "host", datetime(2026, 11, 23, 12, 0, 0, 123456, UTC), 0.5, results, code, problem)


def result(check_id: str, *findings: Finding) -> CheckResult:
    """Return a result."""
    return CheckResult(about(check_id), findings, 0.25)


WEAK = Failure("weak", "It is weak.", "Fix it.")
WAIVER = Waiver("c-warn", "weak", date(2027, 1, 31), "later")

EVERYTHING = report(
    result("a-pass", Finding(Status.PASS, "all is well", evidence={"value": f"ghcr.io/acme/agent@{DIGEST}"})),
    result(
        "b-fail",
        Finding(
            Status.FAIL,
            "`environment:` overrides the pin: APP_IMAGE is set there for the service app, and would not follow a pin",
            "Remove APP_IMAGE from environment: of the service app in docker/compose.app.yaml.",
            {"count": 2},
            Location("docker/compose.app.yaml", 17),
        ),
        Finding(Status.PASS, "another is well"),
    ),
    result("c-warn", Finding(Status.WARN, "fragile", "Fix it.", failure=WEAK, waived=WAIVER)),
    result("d-skip", skipped("no Coolify here")),
    result("e-error", could_not_look("the daemon does not answer", hint="Start it.")),
)
