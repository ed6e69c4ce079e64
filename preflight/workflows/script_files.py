"""The scripts of this repository that a step runs, and those that such scripts run in turn."""

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import islice
from pathlib import Path

from preflight.lib.records import frozen
from preflight.workflows.language import Language, language_of_file
from preflight.workflows.model import Job, Place, Script, Step, Unseen, UnseenKind
from preflight.workflows.repository import ThisRepository
from preflight.workflows.scripts.invocations import invocations
from preflight.workflows.scripts.modules import modules
from preflight.workflows.source import WorkflowProblem, read_script
from preflight.workflows.value import Value

MAX_INVOCATIONS = 500
"""What one script runs, as far as it is looked at."""
MAX_FILES = 100
"""Scripts that one step runs, directly and by others."""
_TASK = "it runs tasks of this repository, in which only calls of GitHub's API were looked for"
_DOWNLOADED = "it runs what it downloads"
_ABSENT = "it runs a script that is not in this repository"


@frozen
class Caller:
    """What runs a script.

    Args:
        job: The job it is part of.
        env: Variables that scripts see.
        folders: In which a relative path may begin, beside the root of the repository.
        repository: The repository that runs it.
    """

    job: Job
    env: Mapping[str, Value]
    folders: tuple[Path, ...]
    repository: ThisRepository


class ScriptFiles:
    """Finds and reads scripts, each file once.

    Args:
        root: The root of the repository.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._texts: dict[Path, str | None] = {}

    def inside(self, path: str) -> Path | None:
        """Return where a path from the root leads, or None if it leads out of the repository."""
        try:
            found = (self._root / path).resolve()
            return found if found.is_relative_to(self._root.resolve()) else None
        except (OSError, RuntimeError, ValueError):
            return None

    def run_by(self, script: Script, caller: Caller) -> Iterator[Step | Unseen]:
        """Yield a step for each file that a script runs, at whatever depth, and what it runs that is not in view."""
        waiting: deque[tuple[Script, Caller, bool]] = deque([(script, caller, True)])
        read: set[Path] = set()
        while waiting and len(read) < MAX_FILES:
            at, here, names_unseen = waiting.popleft()
            for found in self._invoked(at, here):
                if isinstance(found, Unseen):
                    if names_unseen:
                        yield found
                    continue
                path, place, is_tasks = found
                if path in read:
                    continue
                read.add(path)
                step = self._step(path, place, here)
                yield step
                if isinstance(step, Step) and step.script is not None:
                    within = replace(here, folders=(path.parent, *here.folders))
                    # What looks like a path in a Makefile often is a target.
                    waiting.append((step.script, within, names_unseen and not is_tasks))

    def program(self, path: Path, called: Place, caller: Caller) -> Iterator[Step | Unseen]:
        """Yield the step of a program that is known to run, such as the ``main`` of an action, and what it runs."""
        step = self._step(path, called, caller)
        yield step
        if isinstance(step, Step) and step.script is not None:
            yield from self.run_by(step.script, caller)

    def _invoked(self, script: Script, caller: Caller) -> Iterator[tuple[Path, Place, bool] | Unseen]:
        """Yield the files that a script runs, with the place and whether they define tasks, and what is not in view."""
        looks = {Language.SHELL: invocations, Language.JAVASCRIPT: modules}.get(script.language)
        if looks is None:
            return
        written = script.text.split("\n")
        for invocation in islice(dict.fromkeys(looks(script.value.text)), MAX_INVOCATIONS):
            place = script.place_of(written[invocation.row] if invocation.row < len(written) else "")
            if not invocation.path:
                for name in invocation.defined_in:
                    if (path := self._find(name, caller)) is not None:
                        yield path, place, True
                kind, reason = (UnseenKind.SCRIPT, _DOWNLOADED) if invocation.downloads else (UnseenKind.TASK, _TASK)
                yield Unseen(place, invocation.what, reason, caller.job, kind)
            elif (path := self._find(invocation.path, caller)) is not None:
                yield path, place, False
            elif invocation.certain:
                yield Unseen(place, invocation.what, _ABSENT, caller.job, UnseenKind.SCRIPT)

    def _find(self, name: str, caller: Caller) -> Path | None:
        """Return the file that a path means, from the root of the repository or from one of the folders."""
        candidates = [self.inside(str(folder / name)) for folder in (self._root, *caller.folders)]
        return next((each for each in candidates if each is not None and each.is_file()), None)

    def _step(self, path: Path, called: Place, caller: Caller) -> Step | Unseen:
        text = self._read(path)
        if text is None:
            reason = "a program that is too long or no text"
            return Unseen(called, path.name, reason, caller.job, UnseenKind.ACTION)
        language = language_of_file(path.name, text)
        lines = tuple(text.split("\n"))
        script = Script(text, Value(text), Place(path), lines, dict(caller.env), language, caller.repository)
        return Step(Place(path), caller.job, script=script)

    def _read(self, path: Path) -> str | None:
        if path not in self._texts:
            try:
                self._texts[path] = read_script(path)
            except WorkflowProblem:
                self._texts[path] = None
        return self._texts[path]
