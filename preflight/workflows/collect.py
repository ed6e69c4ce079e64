"""Every step that the workflows of a repository can run: in jobs, reusable workflows and composite actions.

A job with a matrix counts once for each combination, a workflow with inputs once for each way in which it can start:
by hand or by a call (the inputs' defaults, or what the caller says), by itself (inputs are empty).
"""

import re
from dataclasses import field, replace
from pathlib import Path

from preflight.lib.deadline import Deadline
from preflight.lib.records import mutable
from preflight.lib.yamlfile import Mapping
from preflight.workflows.expressions import Scope, evaluate
from preflight.workflows.matrix import combinations
from preflight.workflows.model import Job, Place, Script, Step, Unseen
from preflight.workflows.source import (
    Source,
    WorkflowProblem,
    items_of,
    mapping_of,
    read_script,
    read_source,
    text_of,
    workflow_files,
)
from preflight.workflows.starts import CALLED, declared_inputs, defaults, starts, triggers, value_of
from preflight.workflows.value import EMPTY, Value

MAX_STEPS = 20_000
"""Steps of one repository, each counted in every way in which it can run."""
MAX_CALLS = 10
"""GitHub's own limit for calls within calls."""
_FILE = re.compile(
    r"(?:^|[\s;&|(\"'/}])((?:[\w.-]{1,80}/){0,10}[\w.-]{1,80}\.(?:sh|bash|py|js|mjs|cjs|ts|ps1))(?=$|[\s;&|)\"'])",
    re.MULTILINE,
)


@mutable
class Workflows:
    """What the workflows of a repository do.

    Args:
        steps: In every way in which they can run.
        unseen: What runs but cannot be seen from here.
        problems: Files that could not be judged.
        files: Those that were read, workflows and actions.
    """

    steps: list[Step] = field(default_factory=list)
    unseen: list[Unseen] = field(default_factory=list)
    problems: list[WorkflowProblem] = field(default_factory=list)
    files: list[Path] = field(default_factory=list)


def read_workflows(root: Path, deadline: Deadline) -> Workflows:
    """Read the workflows of the repository with the given root, and all they call in it.

    Raises:
        WorkflowProblem: The folder of the workflows cannot be listed.
        DeadlineExceeded: There is no time left.
    """
    collector = _Collector(root, deadline)
    sources = [source for path in workflow_files(root) if (source := collector.read(path)) is not None]
    by_call_only = []
    for source in sources:
        kinds = triggers(source.root)
        if set(kinds) == {CALLED}:
            by_call_only.append(source)
        else:
            collector.workflow(source)
    for source in by_call_only:
        if source.path not in collector.called:
            collector.workflow(source)
    return collector.found


class _TooMany(Exception):  # noqa: N818 -- ends the walk; never seen outside
    """The repository has more steps than are looked at."""


class _Collector:
    """Walks from workflows to steps; reads each file once."""

    def __init__(self, root: Path, deadline: Deadline) -> None:
        self._root, self._deadline = root, deadline
        self._sources: dict[Path, Source | None] = {}
        self._scripts: dict[Path, str | None] = {}
        self._unseen_places: set[Place] = set()
        self.called: set[Path] = set()
        self.found = Workflows()

    def read(self, path: Path) -> Source | None:
        """Return a file, or None when it cannot be judged, which is then noted once."""
        if path not in self._sources:
            self.found.files.append(path)
            try:
                self._sources[path] = read_source(path)
            except WorkflowProblem as problem:
                self._sources[path] = None
                self.found.problems.append(problem)
        return self._sources[path]

    def workflow(self, source: Source) -> None:
        """Take all steps of a workflow, in each way in which it can start."""
        try:
            for scope in starts(source.root):
                self._jobs(source, scope, ())
        except _TooMany:
            words = f"more than {MAX_STEPS:,} steps, counted in every way in which they can run"
            self.found.problems.append(WorkflowProblem(words, "Look at the rest yourself.", source.path))

    def _jobs(self, source: Source, scope: Scope, via: tuple[Place, ...]) -> None:
        scope = scope.with_env(_env(source.root, scope))
        jobs = mapping_of(source.root.get("jobs"))
        if jobs is None:
            words, hint = "no jobs: this is no workflow", "Correct the file; it was not judged."
            self._problem(WorkflowProblem(words, hint, source.path))
            return
        for name, item in jobs.items.items():
            body = mapping_of(item.value)
            if body is not None and not _switched_off(body):
                job = Job(name, _writes_packages(body, source.root), via)
                self._job(source, body, job, scope)

    def _job(self, source: Source, body: Mapping, job: Job, scope: Scope) -> None:
        found, complete = combinations(body.get("strategy"), scope)
        for combination in found:
            here = replace(scope, matrix=combination, matrix_complete=complete)
            here = here.with_env(_env(body, here))
            if text_of(body.get("uses")):
                self._call(source, body, job, here)
            else:
                self._steps(source, body, job, here)

    def _call(self, source: Source, body: Mapping, job: Job, scope: Scope) -> None:
        """Follow a call of a reusable workflow."""
        uses, place = text_of(body.get("uses")), Place(source.path, body.items["uses"].line)
        if not uses.startswith("./"):
            self._unseen(Unseen(place, uses, "another repository's workflow", job))
            return
        target = self._inside(uses)
        if target is None or len(job.via) >= MAX_CALLS:
            self._unseen(Unseen(place, uses, "not in this repository", job))
            return
        self.called.add(target)
        called = self.read(target)
        if called is None or any(place == each for each in job.via):
            return
        declared, given = declared_inputs(called.root, CALLED, EMPTY), _with(body, scope)
        self._jobs(called, Scope(inputs={**declared, **given}), (*job.via, place))

    def _steps(self, source: Source, body: Mapping, job: Job, scope: Scope) -> None:
        for node in items_of(body.get("steps")):
            step = mapping_of(node)
            if step is not None and not _switched_off(step):
                self._step(source, step, job, scope)

    def _step(self, source: Source, body: Mapping, job: Job, scope: Scope) -> None:
        if len(self.found.steps) >= MAX_STEPS:
            raise _TooMany
        self._deadline.remaining("reading the workflows")
        scope = scope.with_env(_env(body, scope))
        name = text_of(body.get("name"))
        if run := text_of(body.get("run")):
            place = Place(source.path, body.items["run"].line)
            script = Script(run, evaluate(run, scope), place, source.lines, dict(scope.env))
            self.found.steps.append(Step(place, job, script=script, name=name))
            working = evaluate(text_of(body.get("working-directory")), scope).known or ""
            self._named_files(script, (source.path.parent, self._root / working), job, scope)
            return
        uses = text_of(body.get("uses"))
        if not uses:
            return
        place, inputs = Place(source.path, body.items["uses"].line), _with(body, scope)
        if uses.startswith("./"):
            self._action(uses, place, replace(job, via=(*job.via, place)), inputs)
            return
        inline = _inline_script(source, body, scope)
        if inline is not None:
            self._named_files(inline, (source.path.parent,), job, scope)
        comment = source.comment(place.line or 0)
        self.found.steps.append(Step(place, job, uses, comment, inputs, inline, name))

    def _action(self, uses: str, place: Place, job: Job, given: dict[str, Value]) -> None:
        """Follow a call of an action in this repository."""
        folder = self._inside(uses)
        candidates = [folder / name for name in ("action.yml", "action.yaml")] if folder else []
        path = next((each for each in candidates if each.is_file()), None)
        if path is None or len(job.via) > MAX_CALLS:
            self._unseen(Unseen(place, uses, "not in this repository", job))
            return
        source = self.read(path)
        if source is None:
            return
        runs = mapping_of(source.root.get("runs"))
        if runs is None:
            self._problem(WorkflowProblem("no runs: this is no action", "Correct the file.", path))
            return
        scope = Scope(inputs={**defaults(source.root.get("inputs"), EMPTY), **given})
        if main := text_of(runs.get("main")):
            self._file(path.parent / main, Place(path), job, scope)
        elif text_of(runs.get("using")) == "docker":
            self._unseen(Unseen(place, uses, "an action that runs a container", job))
        self._steps(source, runs, job, scope)

    def _named_files(self, script: Script, folders: tuple[Path, ...], job: Job, scope: Scope) -> None:
        """Take the files of this repository that a script names: from its root, or from one of the folders."""
        for name in dict.fromkeys(match[1] for match in _FILE.finditer(script.text)):
            candidates = [self._inside(str(folder / name)) for folder in (self._root, *folders)]
            path = next((each for each in candidates if each is not None and each.is_file()), None)
            if path is not None:
                self._file(path, Place(path), job, scope)

    def _file(self, path: Path, called: Place, job: Job, scope: Scope) -> None:
        """Take a script, or the program of an action, that lies in this repository."""
        if path not in self._scripts:
            try:
                self._scripts[path] = read_script(path)
            except WorkflowProblem:
                self._scripts[path] = None
        text = self._scripts[path]
        if text is None:
            self._unseen(Unseen(called, path.name, "a program that is too long or no text", job))
            return
        script = Script(text, Value(text), Place(path), tuple(text.split("\n")), dict(scope.env))
        self.found.steps.append(Step(Place(path), job, script=script))

    def _inside(self, uses: str) -> Path | None:
        """Return where a call into this repository leads, or None if it leads out of it."""
        try:
            path = (self._root / uses).resolve()
            return path if path.is_relative_to(self._root.resolve()) else None
        except (OSError, RuntimeError, ValueError):
            return None

    def _unseen(self, unseen: Unseen) -> None:
        if unseen.place not in self._unseen_places:
            self._unseen_places.add(unseen.place)
            self.found.unseen.append(unseen)

    def _problem(self, problem: WorkflowProblem) -> None:
        if problem.path not in [each.path for each in self.found.problems]:
            self.found.problems.append(problem)


def _with(body: Mapping, scope: Scope) -> dict[str, Value]:
    given = mapping_of(body.get("with"))
    return {name.lower(): value_of(item.value, scope) for name, item in given.items.items()} if given else {}


def _env(body: Mapping, scope: Scope) -> dict[str, Value]:
    given = mapping_of(body.get("env"))
    return {name.lower(): value_of(item.value, scope) for name, item in given.items.items()} if given else {}


def _inline_script(source: Source, body: Mapping, scope: Scope) -> Script | None:
    """Return the script of actions/github-script."""
    given = mapping_of(body.get("with"))
    text = text_of(given.get("script")) if given else ""
    if given is None or not text:
        return None
    place = Place(source.path, given.items["script"].line)
    return Script(text, evaluate(text, scope), place, source.lines, dict(scope.env))


def _switched_off(body: Mapping) -> bool:
    """Whether a job or step has a condition that is never met."""
    words = text_of(body.get("if")).strip()
    return words.removeprefix("${{").removesuffix("}}").strip().lower() == "false"


def _writes_packages(job: Mapping, workflow: Mapping) -> bool | None:
    """Whether the token of a job may write packages; None if neither job nor workflow says so."""
    node = job.get("permissions") or workflow.get("permissions")
    if isinstance(node, Mapping):
        return text_of(node.get("packages")) == "write"
    words = text_of(node)
    return words == "write-all" if words else None
