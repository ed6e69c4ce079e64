"""Every step that the workflows of a repository can run: in jobs, reusable workflows and composite actions.

A job with a matrix counts once for each combination, a workflow with inputs once for each way in which it can start:
by hand or by a call (the inputs' defaults, or what the caller says), by itself (inputs are empty).
"""

from collections.abc import Iterable
from dataclasses import field, replace
from pathlib import Path

from preflight.lib.deadline import Deadline
from preflight.lib.records import mutable
from preflight.lib.yamlnodes import Mapping
from preflight.workflows import FOLDER
from preflight.workflows.expressions import Scope, evaluate
from preflight.workflows.job import environment, given_inputs, is_switched_off, set_for_later_steps, writes_packages
from preflight.workflows.language import Language, language_of_step
from preflight.workflows.matrix import combinations
from preflight.workflows.model import Job, Place, Script, Step, Unseen, UnseenKind
from preflight.workflows.repository import ThisRepository
from preflight.workflows.script_files import Caller, ScriptFiles
from preflight.workflows.source import (
    Source,
    WorkflowProblem,
    items_of,
    mapping_of,
    read_source,
    text_of,
    workflow_files,
)
from preflight.workflows.triggers import CALL, declared_inputs, input_defaults, trigger_scopes, triggers
from preflight.workflows.value import EMPTY, Value, unknown

MAX_STEPS = 20_000
"""Jobs and steps of one repository, each counted in every way in which it can run."""
MAX_CALLS = 10
"""GitHub's own limit for calls within calls."""
_REQUEST = "octokit/request-action@"
_ACTION_FILES = ("action.yml", "action.yaml")


@mutable
class Workflows:
    """What the workflows of a repository do.

    Args:
        steps: In every way in which they can run.
        unseen: What runs but cannot be seen from here.
        problems: Files that could not be judged.
        files: Those that were read, workflows and actions.
        scripts: Those that were read.
        cannot_run: Calls of workflows that GitHub refuses, with the reason.
    """

    steps: list[Step] = field(default_factory=list)
    unseen: list[Unseen] = field(default_factory=list)
    problems: list[WorkflowProblem] = field(default_factory=list)
    files: list[Path] = field(default_factory=list)
    scripts: dict[Path, None] = field(default_factory=dict)
    cannot_run: list[tuple[Place, str]] = field(default_factory=list)


def read_workflows(root: Path, deadline: Deadline, repository: ThisRepository | None = None) -> Workflows:
    """Read the workflows of the repository with the given root, and all they call in it.

    Args:
        root: The root of the work tree.
        deadline: For all of it.
        repository: The repository that runs them; None if nothing is known of it.

    Raises:
        WorkflowProblem: The folder of the workflows cannot be listed.
        DeadlineExceeded: There is no time left.
    """
    collector = _Collector(root, deadline, repository or ThisRepository())
    sources = [source for path in workflow_files(root) if (source := collector.read(path)) is not None]
    by_call_only = []
    for source in sources:
        if set(triggers(source.root)) == {CALL}:
            by_call_only.append(source)
        else:
            collector.workflow(source)
    for source in by_call_only:
        if source.path not in collector.called:
            collector.workflow(source)
    return collector.found


class _TooMany(Exception):
    """The repository has more steps than are looked at."""


class _Collector:
    """Walks from workflows to steps; reads each file once."""

    def __init__(self, root: Path, deadline: Deadline, repository: ThisRepository) -> None:
        self._root, self._deadline, self._repository = root, deadline, repository
        self._sources: dict[Path, Source | None] = {}
        self._scripts = ScriptFiles(root)
        self._unseen: set[tuple[Place, str]] = set()
        self._visited = 0
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
            for scope in trigger_scopes(source.root, self._scope()):
                self._jobs(source, scope)
        except _TooMany:
            words = f"more than {MAX_STEPS:,} steps, counted in every way in which they can run"
            self.found.problems.append(WorkflowProblem(words, "Look at the rest yourself.", source.path))

    def _scope(self, inputs: dict[str, Value] | None = None) -> Scope:
        return Scope(inputs=inputs or {}, github=self._repository.context())

    def _visit(self) -> None:
        """Count a job or step: workflows that call workflows, each in a matrix, have no end in sight."""
        self._deadline.remaining("reading the workflows")
        self._visited += 1
        if self._visited > MAX_STEPS:
            raise _TooMany

    def _jobs(self, source: Source, scope: Scope, caller: Job | None = None, via: tuple[Place, ...] = ()) -> None:
        scope = scope.with_env(environment(source.root, scope))
        jobs = mapping_of(source.root.get("jobs"))
        if jobs is None:
            words, hint = "no jobs: this is no workflow", "Correct the file; it was not judged."
            self._problem(WorkflowProblem(words, hint, source.path))
            return
        for name, item in jobs.items.items():
            body = mapping_of(item.value)
            if body is not None and not is_switched_off(body):
                writes = writes_packages(body, source.root)
                if writes is None and caller is not None:
                    writes = caller.writes_packages
                self._job(source, body, Job(name, writes, via), scope)

    def _job(self, source: Source, body: Mapping, job: Job, scope: Scope) -> None:
        found, complete = combinations(body.get("strategy"), scope)
        for combination in found:
            self._visit()
            here = replace(scope, matrix=combination, matrix_complete=complete)
            here = here.with_env(environment(body, here))
            if text_of(body.get("uses")):
                self._call(source, body, job, here)
            else:
                runner = evaluate(text_of(body.get("runs-on")), here).text
                shell = _default_shell(body) or _default_shell(source.root)
                self._steps(source, body, job, here, (shell, runner))

    def _call(self, source: Source, body: Mapping, job: Job, scope: Scope) -> None:
        """Follow a call of a reusable workflow."""
        uses, place = text_of(body.get("uses")), Place(source.path, body.items["uses"].line)
        path = self._own_workflow(uses)
        if not path:
            reason = "another repository's workflow"
            self._take([Unseen(place, uses, reason, job, UnseenKind.WORKFLOW)])
            return
        target = self._scripts.inside(path)
        if target is None or not target.is_file():
            self.found.cannot_run.append((place, f"there is no {uses}: GitHub refuses to run the workflow"))
            return
        if len(job.via) >= MAX_CALLS:
            self.found.cannot_run.append((place, f"more than {MAX_CALLS} calls within calls: GitHub refuses them"))
            return
        called = self.read(target)
        if called is None or any(place == each for each in job.via):
            return
        if CALL not in triggers(called.root):
            self.found.cannot_run.append((place, f"{uses} has no workflow_call: GitHub refuses to run the workflow"))
            return
        self.called.add(target)
        given = given_inputs(body, scope)
        declared = declared_inputs(called.root, CALL, self._scope(), EMPTY)
        self._jobs(called, self._scope({**declared, **given}), job, (*job.via, place))

    def _own_workflow(self, uses: str) -> str:
        """Return the path of a workflow of this repository that a call names; empty for another repository's."""
        if uses.startswith("./"):
            return uses
        inside = self._repository.path_of(uses)
        return inside if inside.startswith(FOLDER) and (self._root / inside).is_file() else ""

    def _steps(
        self, source: Source, body: Mapping, job: Job, scope: Scope, default_shell: tuple[str, str] = ("", "")
    ) -> None:
        for node in items_of(body.get("steps")):
            step = mapping_of(node)
            if step is not None and not is_switched_off(step):
                self._step(source, step, job, scope, default_shell)
                later = set_for_later_steps(text_of(step.get("run")))
                scope = scope.with_env({name: unknown(f"env.{name} (a step sets it)") for name in later})

    def _step(self, source: Source, body: Mapping, job: Job, scope: Scope, default_shell: tuple[str, str]) -> None:
        self._visit()
        scope = scope.with_env(environment(body, scope))
        name = text_of(body.get("name"))
        if text_of(body.get("run")):
            language = language_of_step(text_of(body.get("shell")) or default_shell[0], default_shell[1])
            script = self._script(source, body, "run", scope, language)
            self.found.steps.append(Step(script.place, job, script=script, name=name))
            working = evaluate(text_of(body.get("working-directory")), scope).known or ""
            self._take(
                self._scripts.run_by(script, self._caller(script, job, source.path.parent, self._root / working))
            )
            return
        uses = text_of(body.get("uses"))
        if not uses:
            return
        place, inputs = Place(source.path, body.items["uses"].line), given_inputs(body, scope)
        inside = self._repository.path_of(uses)
        is_own = bool(inside) and any((self._root / inside / name).is_file() for name in _ACTION_FILES)
        if uses.startswith("./") or is_own:
            self._action(inside or uses, place, replace(job, via=(*job.via, place)), inputs)
            return
        given = mapping_of(body.get("with"))
        inline = None
        if given is not None and text_of(given.get("script")):
            inline = self._script(source, given, "script", scope, _inline_language(uses))
            self._take(self._scripts.run_by(inline, self._caller(inline, job, source.path.parent)))
        elif uses.lower().startswith(_REQUEST):
            inline = self._request(source, place, inputs, scope)
        self.found.steps.append(Step(place, job, uses, source.comment(place.line or 0), inputs, inline, name))

    def _script(self, source: Source, body: Mapping, key: str, scope: Scope, language: Language) -> Script:
        text, place = text_of(body.get(key)), Place(source.path, body.items[key].line)
        env = {**self._repository.environment(), **scope.env}
        return Script(text, evaluate(text, scope), place, source.lines, env, language, self._repository)

    def _request(self, source: Source, place: Place, inputs: dict[str, Value], scope: Scope) -> Script:
        """Return what octokit/request-action runs, as a script: its inputs are those of octokit's ``request``."""
        texts = {key: value.text.replace("'", "") for key, value in inputs.items()}
        fields = ", ".join(f"{key}: '{text}'" for key, text in texts.items() if key != "route" and key.isidentifier())
        text = f"request('{' '.join(texts.get('route', '').split())}', {{ {fields} }})"
        env = {**self._repository.environment(), **scope.env}
        return Script(text, Value(text), place, source.lines, env, Language.JAVASCRIPT, self._repository)

    def _caller(self, script: Script, job: Job, *folders: Path) -> Caller:
        return Caller(job, script.env, folders, self._repository)

    def _action(self, uses: str, place: Place, job: Job, given: dict[str, Value]) -> None:
        """Follow a call of an action in this repository."""
        folder = self._scripts.inside(uses)
        candidates = [folder / name for name in _ACTION_FILES] if folder else []
        path = next((each for each in candidates if each.is_file()), None)
        if path is None or len(job.via) > MAX_CALLS:
            self._take([Unseen(place, uses, "not in this repository", job, UnseenKind.ACTION)])
            return
        source = self.read(path)
        if source is None:
            return
        runs = mapping_of(source.root.get("runs"))
        if runs is None:
            self._problem(WorkflowProblem("no runs: this is no action", "Correct the file.", path))
            return
        defaults = input_defaults(source.root.get("inputs"), self._scope(), EMPTY)
        scope = self._scope({**defaults, **given})
        if main := text_of(runs.get("main")):
            caller = Caller(job, self._repository.environment(), (path.parent,), self._repository)
            self._take(self._scripts.program(path.parent / main, Place(path), caller))
        elif text_of(runs.get("using")) == "docker":
            self._take([Unseen(place, uses, "an action that runs a container", job, UnseenKind.ACTION)])
        self._steps(source, runs, job, scope)

    def _take(self, found: Iterable[Step | Unseen]) -> None:
        """Keep what scripts and calls lead to, each unseen thing once a place."""
        for each in found:
            if isinstance(each, Step):
                self._visit()
                self.found.steps.append(each)
                self.found.scripts[each.place.path] = None
            elif (each.place, each.what) not in self._unseen:
                self._unseen.add((each.place, each.what))
                self.found.unseen.append(each)

    def _problem(self, problem: WorkflowProblem) -> None:
        if problem.path not in [each.path for each in self.found.problems]:
            self.found.problems.append(problem)


def _default_shell(body: Mapping) -> str:
    """Return ``defaults.run.shell`` of a workflow or job."""
    run = mapping_of(defaults.get("run")) if (defaults := mapping_of(body.get("defaults"))) else None
    return text_of(run.get("shell")) if run else ""


def _inline_language(uses: str) -> Language:
    """Return the language of the input ``script``: JavaScript for actions/github-script, else most likely shell."""
    return Language.JAVASCRIPT if "github-script" in uses.lower() else Language.SHELL
