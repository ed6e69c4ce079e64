"""One whole run as values: all that a reporter sees, and what a reporter is."""

from collections.abc import Callable, Mapping
from dataclasses import field
from datetime import datetime
from typing import TypeAlias

from preflight.lib.records import frozen
from preflight.model import CheckResult, Stage, Status


@frozen
class PinState:
    """One pin, for the header of a report.

    Args:
        variable: The name of the variable.
        service: The Compose service that reads it.
        file: The pin file as an operator would type it.
        digest: ``sha256:<hex>``; empty where the file has none.
        release: The release that its commit names; empty where none does.
        status: The status of the findings about the pin file.
    """

    variable: str
    service: str
    file: str
    digest: str = ""
    release: str = ""
    status: Status = Status.SKIP


@frozen
class JudgedProject:
    """What a run judged, for the header of a report.

    Args:
        project: Folder of the compose project, as an operator would type it.
        commit: Full id of the checked-out commit; empty without git.
        dirty: Whether the work tree differs from it in a file that counts; ``None`` where nobody could tell.
        compose_files: As an operator would type them, in order.
        assumed: Whether they were found by looking: nobody named them.
        unread: Files that look like compose files of this project and that Compose does not load.
        pins: The pins.
        git: False where the configuration says ``git: false``.
        folder: The working folder, absolute: relative paths in the report start there.
        root: The root of the git work tree, absolute; empty without one.
    """

    project: str = ""
    commit: str = ""
    dirty: bool | None = None
    compose_files: tuple[str, ...] = ()
    assumed: bool = False
    unread: tuple[str, ...] = ()
    pins: tuple[PinState, ...] = ()
    git: bool = True
    folder: str = ""
    root: str = ""


@frozen
class PastCheck:
    """One check of an earlier run.

    Args:
        status: Its overall status, waivers applied.
        duration_s: Wall time in seconds.
    """

    status: Status
    duration_s: float


@frozen
class PastRun:
    """One recorded run.

    Args:
        number: Unique in one history, rising with time of recording.
        started: When, with time zone.
        duration_s: Wall time in seconds.
        exit_code: What the process answered with.
        checks: By id.
    """

    number: int
    started: datetime
    duration_s: float
    exit_code: int
    checks: Mapping[str, PastCheck] = field(default_factory=dict)


@frozen
class Change:
    """One change of state between two recorded runs: something got wrong, worse, better or well.

    Args:
        at: Start of the run that saw it first, with time zone.
        check: Id.
        code: The code of the failure; empty where the check has none for it.
        subject: What it is about, e.g. ``container web``; empty where it is about the project as a whole.
        before: The status until then; ``None`` where nothing was wrong.
        after: The status since then; ``None`` where nothing is wrong any more.
        lasted_s: Seconds for which ``before`` had lasted; ``None`` where the history does not go back so far.
    """

    at: datetime
    check: str
    code: str
    subject: str
    before: Status | None
    after: Status | None
    lasted_s: float | None = None


@frozen
class Past:
    """What the history knows of the same project, configuration, selection and stage.

    Args:
        runs: Oldest first, the present run left out.
        changes: Newest first, those that the present run made included.
    """

    runs: tuple[PastRun, ...] = ()
    changes: tuple[Change, ...] = ()


@frozen
class Report:
    """One whole run: all that a reporter sees.

    Args:
        version: The version of this tool.
        host: Name of the machine.
        started: When, with time zone.
        duration_s: Wall time in seconds.
        results: One a check, in the order of their ids.
        exit_code: What the process answers with.
        problem: Why nothing was checked (a usage or configuration error); empty otherwise.
        stage: Which of the two questions was asked.
        judged: What was judged.
        limits: What narrowed the run, one phrase each, e.g. ``14 checks left out by preflight.yaml:7``.
        strict: Warnings, and what was not looked at, failed too.
        past: Earlier runs, where a format that draws them was asked for and the run is recorded.
    """

    version: str
    host: str
    started: datetime
    duration_s: float
    results: tuple[CheckResult, ...]
    exit_code: int
    problem: str = ""
    stage: Stage = Stage.BEFORE
    judged: JudgedProject = JudgedProject()
    limits: tuple[str, ...] = ()
    strict: bool = False
    past: Past = Past()


@frozen
class Style:
    """How a report is to look where a person reads it.

    Args:
        width: Columns of the terminal.
        color: Whether ANSI colours may be used.
        verbose: Evidence and timings too.
        quiet: Only what is wrong.
    """

    width: int = 80
    color: bool = False
    verbose: bool = False
    quiet: bool = False


Reporter: TypeAlias = Callable[[Report, Style], str]
"""What makes a text of a report. It prints nothing and decides no exit code."""
