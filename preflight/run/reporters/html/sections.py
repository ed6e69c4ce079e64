"""The checks of a report in the order in which somebody who was woken up needs them."""

from collections.abc import Iterator, Sequence

from preflight.lib.records import frozen
from preflight.model import CheckResult, Finding, Status, Waiver
from preflight.report import PastCheck, Report
from preflight.run.reporters.html.history import History, of_check
from preflight.run.verdict import blocks


@frozen
class CheckView:
    """One check as the page shows it.

    Args:
        result: The check.
        findings: What it has to say, worst first, passes left out unless there is nothing else.
        passes: What is well all the same.
        past: What earlier runs say; ``None`` where none is known.
        status: The status of the check, worked out once for all its findings.
    """

    result: CheckResult
    findings: tuple[Finding, ...]
    passes: tuple[Finding, ...]
    past: History | None
    status: Status


@frozen
class Sections:
    """The checks of a report, each in one section, in the report's order: that of cause and effect.

    Args:
        wrong: What keeps the exit code from being 0, failures before errors.
        followers: What blocks only because of another check's finding.
        warnings: What does not block, yet.
        passed: What is well.
        skipped: What does not apply, and what nobody told to look.
    """

    wrong: tuple[CheckView, ...]
    followers: tuple[CheckView, ...]
    warnings: tuple[CheckView, ...]
    passed: tuple[CheckView, ...]
    skipped: tuple[CheckView, ...]

    def named(self) -> Iterator[tuple[str, tuple[CheckView, ...]]]:
        """Yield name and checks of each section."""
        yield from ((name, getattr(self, name)) for name in _NAMES)


_NAMES = ("wrong", "followers", "warnings", "passed", "skipped")


def sections(report: Report, *, quiet: bool = False) -> Sections:
    """Sort the checks of a report into sections.

    Args:
        report: With its earlier runs.
        quiet: Leave out what is well and what was skipped.
    """
    places: dict[str, list[CheckView]] = {name: [] for name in _NAMES}
    for result in report.results:
        places[_section(result, strict=report.strict)].append(_view(result, report))
    if not places["wrong"]:  # the cause is let through: what follows from it is all that blocks
        places["wrong"], places["followers"] = places["followers"], []
    places["wrong"].sort(key=lambda view: view.result.status.rank)
    if quiet:
        places |= {"passed": [], "skipped": []}
    return Sections(**{name: tuple(views) for name, views in places.items()})


def waivers(report: Report) -> Iterator[tuple[str, Waiver]]:
    """Yield each waiver that covers a finding, with the id of the check, soonest end first."""
    used = {
        (result.about.id, finding.waived)
        for result in report.results
        for finding in result.findings
        if finding.waived is not None
    }
    yield from sorted(used, key=lambda pair: (pair[1].until, pair[0], pair[1].code, pair[1].subject))


def _section(result: CheckResult, *, strict: bool) -> str:
    blocking = [finding for finding in result.findings if blocks(finding, strict=strict)]
    if blocking:
        return "followers" if all(finding.caused_by for finding in blocking) else "wrong"
    return {Status.WARN: "warnings", Status.SKIP: "skipped"}.get(result.status, "passed")


def _view(result: CheckResult, report: Report) -> CheckView:
    passes = _with(result.findings, passing=True)
    others = _with(result.findings, passing=False)
    past = of_check(report, result.about.id, PastCheck(result.status, result.duration_s))
    return CheckView(result, others or passes, passes if others else (), past, result.status)


def _with(findings: Sequence[Finding], *, passing: bool) -> tuple[Finding, ...]:
    chosen = [finding for finding in findings if (finding.status is Status.PASS) is passing]
    return tuple(sorted(chosen, key=lambda finding: finding.status.rank))
