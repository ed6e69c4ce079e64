"""preflight/fleet/host.py"""

from dataclasses import replace

import pytest

from preflight.errors import ExitCode
from preflight.fleet.host import host_of, matters, without_report
from preflight.model import CheckResult, Finding, Stage, Status
from preflight.report import Report
from tests.fakes.fleet import ABOUT, DIGESTS, STALE, host_report
from tests.fakes.health import FAILING, HEALTHY
from tests.fakes.reports import EVERYTHING, report


def test_a_host_that_runs_what_is_pinned() -> None:
    """Its row has verdict, stage, release, both digests, and nothing wrong."""
    host = host_of(host_report("web-1"), source="web-1.json")

    assert (host.name, host.status, host.stage, host.exit_code) == ("web-1", Status.PASS, Stage.AFTER, 0)
    pin = host.pins[0]
    assert (pin.release, pin.digest, pin.running) == ("1.4.2", DIGESTS["1.4.2"], (DIGESTS["1.4.2"],))
    assert (host.first, host.source) == (None, "web-1.json")


def test_a_host_that_runs_something_else() -> None:
    """The digest that runs comes from the evidence; the failure has its name and remedy."""
    host = host_of(host_report("web-3", runs="1.4.1"), name="web-3.example")

    assert (host.name, host.status) == ("web-3.example", Status.FAIL)
    assert host.pins[0].running == (DIGESTS["1.4.1"],)
    assert host.first is not None
    assert (host.first.name, host.first.hint) == ("runs/stale", "Deploy app.")


def test_the_worst_comes_first_and_what_follows_last() -> None:
    """A failure before an error before a warning; what only follows from another finding after its like."""
    follower = Finding(Status.FAIL, "because of that", "Fix that.", failure=STALE, caused_by="runs/stale")
    found = CheckResult(ABOUT, (follower, Finding(Status.FAIL, "that", "Fix it.", failure=STALE)), 0)
    host = host_of(replace(EVERYTHING, results=(*EVERYTHING.results, found)))

    assert [trouble.status for trouble in host.troubles] == [Status.FAIL] * 3 + [Status.ERROR, Status.WARN]
    assert host.troubles[2].message == "because of that"


def test_only_some_troubles_are_kept() -> None:
    """A host with a hundred failures does not fill the page, and the number of the rest is told."""
    findings = tuple(Finding(Status.FAIL, f"no. {number}", "Fix it.", failure=STALE) for number in range(100))
    host = host_of(report(CheckResult(ABOUT, findings, 0)))

    assert (len(host.troubles), host.more) == (10, 90)


@pytest.mark.parametrize(
    ("what", "name"),
    [
        (report(code=2, problem="preflight.yaml:1: bad"), "nothing checked"),
        (report(code=3), "nothing passed"),
        (host_report("web-1", runs=""), "nothing passed"),
    ],
    ids=["problem", "no-check", "only-skips"],
)
def test_a_run_that_tells_nothing_says_so(what: Report, name: str) -> None:
    """No host is red without a reason."""
    host = host_of(what)

    assert host.status is Status.ERROR
    assert host.first is not None
    assert host.first.name == name


def test_a_strict_warning_fails() -> None:
    """As the exit code of the host has it."""
    warned = CheckResult(ABOUT, (Finding(Status.WARN, "soon", "Fix it.", failure=STALE),), 0)
    strict = host_of(replace(report(warned), strict=True))

    assert strict.first is not None
    assert strict.first.status is Status.FAIL


@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize("what", [EVERYTHING, host_report("web-1"), host_report("web-1", "1.4.1"), FAILING, HEALTHY])
def test_checks_that_do_not_matter_change_no_row(what: Report, *, strict: bool) -> None:
    """A row is the same without them."""
    what = replace(what, strict=strict)
    kept = [each for each in what.results if matters(each.about.area, each.status, strict=strict)]

    assert host_of(replace(what, results=tuple(kept))) == host_of(what)


def test_a_host_without_report_is_an_error() -> None:
    """With its name and the reason, both made fit to show."""
    host = without_report("web\x1b[2J-4", "unreachable", "no route\n to host")

    assert (host.status, host.exit_code) == (Status.ERROR, ExitCode.COULD_NOT_LOOK)
    assert host.first is not None
    assert (host.name, host.first.message) == ("web [2J-4", "no route to host")
