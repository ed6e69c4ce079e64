"""The values that checks make and reporters read. Imports nothing of ours."""

from collections.abc import Mapping
from dataclasses import field
from datetime import date
from enum import Enum, IntEnum, StrEnum
from typing import TypeAlias

from preflight.lib.records import frozen

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


class Stage(StrEnum):
    """When a run asks: before a rollout (may this commit be rolled out?) or after it (did it arrive, will it stay?)."""

    BEFORE = "before"
    AFTER = "after"


class Area(IntEnum):
    """What a check judges. The order is that of cause and effect: reports name first what explains the rest."""

    SETUP = 0
    PIN = 1
    COMPOSE = 2
    GIT = 3
    REGISTRY = 4
    SIGNATURE = 5
    COOLIFY = 6
    HOST = 7
    RUNNING = 8


class Need(Enum):
    """Something outside that a check looks at; the value is the word shown by ``preflight list``."""

    PIN = "pin"
    COMPOSE = "compose"
    ENGINE = "engine"
    GIT = "git"
    NETWORK = "network"
    BRANCH = "branch"
    """The branch that is deployed. There is nothing to ask where a given commit is deployed, not a branch."""
    DEPLOYMENT = "deployment"
    """An earlier deployment. Before the first one there is nothing to look at."""


@frozen
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


@frozen
class Subject:
    """What a finding is about.

    Args:
        kind: E.g. ``release``, ``container``, ``service``, ``variable``, ``file``, ``image``.
        name: Its name, e.g. ``1.4.0``; never a value of a variable.
    """

    kind: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


@frozen
class Failure:
    """One thing that a check can find wrong, declared once: the code that raises it and every text about it read this.

    Args:
        code: Unique within the check, for ever: lower-case words joined by hyphens.
        says: One sentence: what is wrong.
        fix: One sentence: what to do.
        before: The status of a finding before a rollout; ``PASS`` where it is no fault at that time.
        after: The status of a finding after a rollout.
        waivable: Whether a waiver in the configuration, or ``--allow``, may let it through. An error never is.
        explains: What other checks cannot look at while this is wrong: their errors follow from it.
        follows: ``ID/CODE`` of failures that this one only follows from, where both are about the same digest.
        settles: Whether time alone can end it, as while a rollout is under way; ``--wait`` asks again.
        deploy_fixes: Whether a deployment is what fixes it. While anything else blocks, nobody is told to deploy.
    """

    code: str
    says: str
    fix: str
    before: Status = Status.FAIL
    after: Status = Status.FAIL
    waivable: bool = True
    explains: frozenset[Need] = frozenset()
    follows: frozenset[str] = frozenset()
    settles: bool = False
    deploy_fixes: bool = False

    def status(self, stage: Stage) -> Status:
        """Return the status that a finding has at a stage."""
        return self.before if stage is Stage.BEFORE else self.after


@frozen
class Waiver:
    """A failure the operator accepts until a day, with the reason why.

    Args:
        check: Id of the check.
        code: The code of the failure.
        until: The last day on which the waiver holds.
        reason: Why; shown with the waived finding.
        subject: Name of the subject; empty covers every subject.
        location: Where the waiver stands.
    """

    check: str
    code: str
    until: date
    reason: str
    subject: str = ""
    location: Location | None = None

    def covers(self, check: str, finding: "Finding") -> bool:
        """Whether this waiver names a finding of a check."""
        named = finding.subject.name if finding.subject is not None else ""
        return (self.check, self.code) == (check, finding.code) and self.subject in ("", named)


@frozen
class Finding:
    """One thing a check has to say.

    Args:
        status: The verdict at the stage of this run.
        message: One short line: what is so. No value of any variable but the pin's.
        hint: One line: what to do. Empty only for ``pass``.
        evidence: Plain data that backs the message, shown by ``-v`` and in JSON.
        location: Where in which file.
        failure: What was declared about it; ``None`` for a pass.
        subject: What it is about.
        need: For an error: the outside thing that could not be asked, where that is known.
        waived: The waiver that covers this finding, set by the engine only.
        allowed: ``--allow`` lets this finding through, set by the engine only.
        caused_by: ``ID/CODE`` of the finding this one only follows from, set by the engine only.
    """

    status: Status
    message: str
    hint: str = ""
    evidence: Mapping[str, Json] = field(default_factory=dict)
    location: Location | None = None
    failure: Failure | None = None
    subject: Subject | None = None
    need: Need | None = None
    waived: Waiver | None = None
    allowed: bool = False
    caused_by: str = ""

    @property
    def code(self) -> str:
        """The code of the declared failure; empty for a pass."""
        return self.failure.code if self.failure is not None else ""


@frozen
class About:
    """What a check says of itself.

    Args:
        id: Stable name, lower-case words joined by hyphens; never reused.
        title: The good case, as a short statement.
        tags: For ``--tag``.
        needs: What it looks at.
        asks: What the check asks, for ``preflight explain``.
        why: Why that matters.
        failures: What it can find wrong.
        area: What it judges; decides its place in the report.
        stages: When it runs at all.
    """

    id: str
    title: str
    tags: frozenset[str]
    needs: frozenset[Need]
    asks: str
    why: str
    failures: tuple[Failure, ...]
    area: Area = Area.HOST
    stages: frozenset[Stage] = frozenset(Stage)

    @property
    def codes(self) -> dict[str, Failure]:
        """The declared failures by code, in their order."""
        return {each.code: each for each in self.failures}


@frozen
class CheckResult:
    """All that one check had to say in one run, and how long it took in seconds."""

    about: About
    findings: tuple[Finding, ...]
    duration_s: float

    @property
    def status(self) -> Status:
        """The worst of the findings."""
        return min((finding.status for finding in self.findings), key=lambda status: status.rank)
