"""One host of a fleet: what its report says in one row, or why there is no report."""

from collections.abc import Iterator
from datetime import datetime

from preflight.errors import ExitCode
from preflight.lib.records import frozen
from preflight.lib.text import printable
from preflight.model import Area, Stage, Status
from preflight.report import Report
from preflight.run.reporters.running import running_digests
from preflight.run.verdict import blocks, overall

_SHOWN = 10
"""Troubles that are kept of one host: its own report has the rest."""


@frozen
class Trouble:
    """One thing that is wrong on a host.

    Args:
        status: How bad it is.
        name: ``ID/CODE`` of the failure; for a host without a report one or two words, e.g. ``unreachable``.
        message: What is wrong, one line.
        hint: What to do; may be empty.
    """

    status: Status
    name: str
    message: str
    hint: str = ""


@frozen
class HostPin:
    """One pin on one host.

    Args:
        variable: The name of the variable.
        service: The Compose service that reads it.
        release: The release that is pinned; empty where none is named.
        digest: The digest that is pinned; empty where the file has none.
        running: The digests that containers were seen to have, sorted; empty where nobody saw one.
    """

    variable: str
    service: str
    release: str = ""
    digest: str = ""
    running: tuple[str, ...] = ()


@frozen
class Host:
    """One row of the table.

    Args:
        name: As the report or the inventory names it.
        status: The verdict; an error where there is no report.
        exit_code: What the run on the host answered with; 3 where there is no report.
        stage: Which question was asked; ``None`` where there is no report.
        started: When; ``None`` where there is no report.
        version: The version of the preflight that ran there.
        project: Folder of the compose project.
        commit: The commit that is checked out there.
        pins: What is pinned and what runs.
        troubles: What is wrong, worst first, the first few only.
        more: How many troubles are left out.
        source: The file that the report was read from; empty where it came over the network.
    """

    name: str
    status: Status
    exit_code: int
    stage: Stage | None = None
    started: datetime | None = None
    version: str = ""
    project: str = ""
    commit: str = ""
    pins: tuple[HostPin, ...] = ()
    troubles: tuple[Trouble, ...] = ()
    more: int = 0
    source: str = ""

    @property
    def first(self) -> Trouble | None:
        """The first thing that is wrong."""
        return self.troubles[0] if self.troubles else None


def host_of(report: Report, name: str = "", source: str = "") -> Host:
    """Return the row of a report.

    Args:
        report: The report of one run.
        name: The name of the host; that in the report where it is empty.
        source: The file that it was read from.
    """
    troubles = sorted(_troubles(report), key=lambda trouble: trouble.status.rank)
    return Host(
        name=printable(name or report.host, 100) or "(no name)",
        status=overall(report.results, report.exit_code),
        exit_code=report.exit_code,
        stage=report.stage,
        started=report.started,
        version=report.version,
        project=report.judged.project,
        commit=report.judged.commit,
        pins=tuple(
            HostPin(pin.variable, pin.service, pin.release, pin.digest, tuple(sorted(running_digests(pin, report))))
            for pin in report.judged.pins
        ),
        troubles=tuple(troubles[:_SHOWN]),
        more=len(troubles[_SHOWN:]),
        source=source,
    )


def matters(area: Area, status: Status, *, strict: bool) -> bool:
    """Whether a row tells anything of a check: what is wrong, and what runs."""
    fine = (Status.PASS,) if strict else (Status.PASS, Status.SKIP)
    return area is Area.RUNNING or status not in fine


def without_report(name: str, kind: str, reason: str, hint: str = "", source: str = "") -> Host:
    """Return the row of a host of which there is no report: an error, never left out.

    Args:
        name: The name of the host, or of the file.
        kind: One or two words, e.g. ``unreachable``.
        reason: What happened, as somebody else may have worded it.
        hint: What to do.
        source: The file.
    """
    trouble = Trouble(Status.ERROR, kind, printable(reason, 500), hint)
    return Host(
        printable(name, 100) or "(no name)", Status.ERROR, ExitCode.COULD_NOT_LOOK, troubles=(trouble,), source=source
    )


def _troubles(report: Report) -> Iterator[Trouble]:
    """Yield what keeps the exit code from being 0, then warnings; what only follows from another finding comes last."""
    if report.problem:
        yield Trouble(Status.ERROR, "nothing checked", report.problem)
        return
    followers: list[Trouble] = []
    found = [(result.about.id, finding) for result in report.results for finding in result.findings]
    for check, finding in found:
        blocking = blocks(finding, strict=report.strict)
        if not blocking and finding.status is not Status.WARN:
            continue
        wrong = finding.status in (Status.FAIL, Status.ERROR) or not blocking
        status = finding.status if wrong else Status.FAIL  # --strict
        name = f"{check}/{finding.code}" if finding.code else check
        trouble = Trouble(status, name, finding.message, finding.hint)
        if finding.caused_by:
            followers.append(trouble)
        else:
            yield trouble
    yield from followers
    if report.exit_code != ExitCode.OK and not any(blocks(finding, strict=report.strict) for _, finding in found):
        yield Trouble(Status.ERROR, "nothing passed", f"the run ended with exit code {report.exit_code}")
