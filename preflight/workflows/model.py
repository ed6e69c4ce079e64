"""What is found in workflows. Imports only values."""

from collections.abc import Mapping
from dataclasses import field
from enum import Enum, auto
from pathlib import Path

from preflight.lib.records import frozen
from preflight.workflows.language import Language
from preflight.workflows.repository import ThisRepository
from preflight.workflows.value import Value


@frozen
class Place:
    """A line of a file; the line counts from 1, None means all of it."""

    path: Path
    line: int | None = None


@frozen
class Job:
    """Where a step stands.

    Args:
        name: Id of the job; empty in an action that was looked at by itself.
        writes_packages: Its token may write packages; None if nothing says so.
        via: The calls that lead here, outermost first: reusable workflows and composite actions.
    """

    name: str
    writes_packages: bool | None = None
    via: tuple[Place, ...] = ()


@frozen
class Script:
    """Shell, JavaScript or another language.

    Args:
        text: As written.
        value: The same with its expressions resolved.
        place: Where it begins; None for the line where the whole file is the script.
        lines: The lines of the file it stands in.
        env: Variables it sees; names in lower case.
        language: The language it is written in.
        repository: The repository that runs it.
    """

    text: str
    value: Value
    place: Place
    lines: tuple[str, ...] = ()
    env: Mapping[str, Value] = field(default_factory=dict)
    language: Language = Language.SHELL
    repository: ThisRepository = field(default_factory=ThisRepository)

    def place_of(self, snippet: str) -> Place:
        """Return the first line of the file, from the script's beginning, that contains a snippet."""
        first, wanted = self.place.line or 1, snippet.strip()
        found = (at + 1 for at in range(first - 1, len(self.lines)) if wanted and wanted in self.lines[at])
        return Place(self.place.path, next(found, first))


@frozen
class Step:
    """One step, in one of the ways in which it can run.

    Args:
        place: The place of ``uses:`` or ``run:``.
        job: Where it stands.
        uses: The action as written, empty for a script.
        comment: What stands behind it in its line.
        inputs: What is under ``with:``, names in lower case.
        script: The script of ``run:``, or of ``script:`` in actions/github-script.
        name: As written.
    """

    place: Place
    job: Job
    uses: str = ""
    comment: str = ""
    inputs: Mapping[str, Value] = field(default_factory=dict)
    script: Script | None = None
    name: str = ""


class UnseenKind(Enum):
    """What it is that cannot be seen."""

    WORKFLOW = auto()
    """A reusable workflow of another repository."""
    ACTION = auto()
    """An action that is called by a path and is not here, or runs a container or program that is not read."""
    TASK = auto()
    """A task that `make`, `npm run` and the like look up in the repository."""
    SCRIPT = auto()
    """A script that is not in the repository."""


@frozen
class Unseen:
    """Something that runs but cannot be seen from here.

    Args:
        place: Where it is called.
        what: The call as written.
        reason: Why it cannot be seen.
        job: The job that calls it.
        kind: What it is.
    """

    place: Place
    what: str
    reason: str
    job: Job
    kind: UnseenKind
