"""The words of this tool: frozen values that checks make and reporters read. Imports nothing of ours."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum, StrEnum
from typing import TypeAlias

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
"""Plain data as ``json`` reads and writes it."""


class Status(StrEnum):
    """What a check has to say, worst first."""

    FAIL = "fail"
    ERROR = "error"
    WARN = "warn"
    SKIP = "skip"
    PASS = "pass"  # noqa: S105 -- a verdict, no password

    @property
    def rank(self) -> int:
        """The place in the order from worst (0) to best (4)."""
        return _ORDER[self]


_ORDER = {status: place for place, status in enumerate(Status)}


class Need(Enum):
    """Something outside that a check looks at; the value is the word shown by ``preflight list``."""

    PIN = "pin"
    COMPOSE = "compose"
    ENGINE = "engine"
    GIT = "git"
    NETWORK = "network"


@dataclass(frozen=True)
class Location:
    """A place in a file, shown as ``path:line``.

    Args:
        path: As an operator would type it, relative to the working folder where that is shorter.
        line: From 1; ``None`` when the whole file is meant.
    """

    path: str
    line: int | None = None

    def __str__(self) -> str:
        return self.path if self.line is None else f"{self.path}:{self.line}"


@dataclass(frozen=True)
class Waiver:
    """A failure the operator accepts until a day, with the reason why.

    Args:
        check: Id of the check.
        until: The last day on which the waiver holds.
        reason: Why; shown with the waived finding.
        location: Where the waiver stands.
    """

    check: str
    until: date
    reason: str
    location: Location | None = None


@dataclass(frozen=True)
class Finding:
    """One thing a check has to say.

    Args:
        status: The verdict.
        message: One short line: what is so. No value of any variable but the pin's.
        hint: One line: what to do. Empty only for ``pass``.
        evidence: Plain data that backs the message, shown by ``-v`` and in JSON.
        location: Where in which file.
        waived: The waiver that covers this finding, set by the engine only.
    """

    status: Status
    message: str
    hint: str = ""
    evidence: Mapping[str, Json] = field(default_factory=dict)
    location: Location | None = None
    waived: Waiver | None = None


@dataclass(frozen=True)
class About:
    """What a check says of itself.

    Args:
        id: Stable name, lower-case words joined by hyphens; never reused.
        title: The good case, as a short statement.
        tags: For ``--tag``.
        needs: What it looks at.
        asks: What the check asks, for ``preflight explain``.
        why: Why that matters.
        failures: Pairs of (how it can fail, how to mend that), one a failure.
    """

    id: str
    title: str
    tags: frozenset[str]
    needs: frozenset[Need]
    asks: str
    why: str
    failures: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class CheckResult:
    """All that one check had to say in one run, and how long it took in seconds."""

    about: About
    findings: tuple[Finding, ...]
    duration_s: float

    @property
    def status(self) -> Status:
        """The worst of the findings."""
        return min((finding.status for finding in self.findings), key=lambda status: status.rank)


@dataclass(frozen=True)
class Report:
    """One whole run: all that a reporter sees.

    Args:
        version: Of this tool.
        host: Name of the machine.
        started: When, with time zone.
        duration_s: Wall time in seconds.
        results: One a check, in the order of their ids.
        exit_code: What the process answers with.
        problem: Why nothing was checked (a usage or configuration error); empty otherwise.
    """

    version: str
    host: str
    started: datetime
    duration_s: float
    results: tuple[CheckResult, ...]
    exit_code: int
    problem: str = ""
