"""Reports of hosts that deploy the same project."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from preflight.fleet.fleet import Fleet, fleet_of
from preflight.fleet.host import host_of, without_report
from preflight.model import About, Area, CheckResult, Failure, Finding, Stage, Status
from preflight.report import JudgedProject, PinState, Report

NOW = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)
DIGESTS = {"1.4.1": "sha256:" + "1" * 64, "1.4.2": "sha256:" + "2" * 64}
STALE = Failure("stale", "A container carries an earlier pin.", "Deploy the service.")
ABOUT = About("runs", "The pin runs", frozenset(), frozenset(), "", "", (STALE,), Area.RUNNING)
PIN = PinState("APP_IMAGE", "app", "pin.env", DIGESTS["1.4.2"], "1.4.2", Status.PASS)


LONG_NAME = "ip-10-0-{0:03d}-17.eu-central-1.compute.internal.deploy.example.com"
"""What clouds call hosts."""


def reference(release: str) -> str:
    """Return the reference of a release."""
    return f"ghcr.io/acme/agent@{DIGESTS[release]}"


def host_report(host: str, runs: str = "1.4.2", pinned: str = "1.4.2", *, minutes_ago: float = 5) -> Report:
    """Return the report of a host that runs one release and pins another, or the same; nothing runs where it is ""."""
    if not runs:
        finding = Finding(Status.SKIP, "no engine here")
    elif runs == pinned:
        finding = Finding(Status.PASS, "it runs", evidence={"expected": reference(pinned), "containers": {"app-1": ""}})
    else:
        evidence = {"expected": reference(pinned), "found": reference(runs), "release": runs}
        finding = Finding(Status.FAIL, "app-1 carries an earlier pin", "Deploy app.", dict(evidence), failure=STALE)
    code = {Status.SKIP: 3, Status.PASS: 0, Status.FAIL: 1}[finding.status]
    return Report(
        "1.2.3",
        host,
        NOW - timedelta(minutes=minutes_ago),
        0.5,
        (CheckResult(ABOUT, (finding,), 0.25),),
        code,
        stage=Stage.AFTER,
        judged=JudgedProject(
            "docker", "c" * 40, pins=(replace(PIN, digest=DIGESTS[pinned], release=pinned),), folder="/srv"
        ),
    )


def large_fleet() -> Fleet:
    """Return three hundred hosts with long names: most well, some with another pin, some old, some without report."""
    hosts = [host_of(host_report(LONG_NAME.format(number))) for number in range(20, 300)]
    hosts += [host_of(host_report(LONG_NAME.format(number), "1.4.1")) for number in range(8)]
    hosts += [host_of(host_report(LONG_NAME.format(number), "1.4.1", "1.4.1")) for number in range(8, 12)]
    hosts += [host_of(host_report(LONG_NAME.format(number), minutes_ago=3000)) for number in range(12, 18)]
    hosts += [without_report("web-4", "unreachable", "no route to host", "See whether ssh reaches it.")]
    hosts += [without_report(f"{LONG_NAME.format(19)}.json", "no report", "line 1: expected JSON", "Collect it.")]
    return fleet_of(hosts, NOW, 3600)
