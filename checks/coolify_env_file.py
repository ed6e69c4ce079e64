"""The running containers carry what the pin file says."""

import shlex
from collections import defaultdict
from collections.abc import Iterable, Iterator

from preflight import (
    About,
    Area,
    Check,
    Context,
    CouldNotLook,
    Failure,
    Finding,
    Json,
    Need,
    NoSettings,
    Pin,
    Status,
    Subject,
    could_not_look,
    passed,
)
from preflight.coolify.judge.cause import CauseKind
from preflight.coolify.judge.running_cause import cause_of
from preflight.engine.container import Container
from preflight.lib.reference import is_plain_reference
from preflight.lib.text import plural
from preflight.running.judge import Judgement, Running, RunningVerdict, analyse_running
from preflight.running.ownership import made_by_coolify, project_of

_LONG = 40
_MANY = 3

_STOPPED = {
    "created": "was created but never started",
    "exited": "has stopped",
    "dead": "is dead: the engine could not remove it",
    "removing": "is being removed",
}


STALE = Failure(
    "stale",
    "A container carries an earlier pin: it was made before the pin changed.",
    "Deploy the service.",
    before=Status.PASS,
    settles=True,
    deploy_fixes=True,
)
NOT_RUNNING = Failure(
    "not-running",
    "No container of the service runs.",
    "Deploy the service, or find out why its container stopped: docker logs NAME",
    before=Status.SKIP,
    settles=True,
    deploy_fixes=True,
)
FOREIGN_VALUE = Failure(
    "foreign-value",
    "A container has a value that no commit of the pin file had: something overrides the pin.",
    "Find what overrides the file: preflight run --only env-shadowing",
)
UNKNOWN_VALUE = Failure(
    "unknown-value",
    "A container has a value that the history here does not have; the history is cut off.",
    "Fetch the whole history (git fetch --unshallow), then run preflight again.",
    before=Status.WARN,
)
EMPTY = Failure(
    "empty",
    "The variable is empty in a container: something overrides the pin.",
    "Find what overrides the file: preflight run --only env-shadowing",
)
DROPPED = Failure(
    "dropped",
    "The variable is missing in a container: its env file was dropped.",
    "Find out what became of `env_file:`: preflight run --only env-shadowing --only env-file-syntax",
)
REPLACED = Failure(
    "replaced-by-coolify",
    "Coolify replaced `env_file:` by its own .env, as its default mode does.",
    "Switch on Raw Compose Deployment and Preserve Repository, or set the variable in the UI (pin_in: ui).",
)
NOT_FOUND = Failure(
    "file-not-found",
    "The pin file does not exist where Coolify looks for it.",
    "Correct Base Directory and Preserve Repository in Coolify.",
)
OVERRIDDEN_BY_UI = Failure(
    "overridden-by-ui",
    "Coolify overrides the pin, with a variable of its UI or in the file it deployed.",
    "Delete the variable there.",
)
OLD_COPY = Failure(
    "old-copy",
    "The copy of the pin file that Coolify reads is older than the pin.",
    "Deploy in Coolify, with Preserve Repository on.",
    before=Status.WARN,
    settles=True,
    deploy_fixes=True,
)
PREVIEW = Failure(
    "overwritten-by-preview",
    "A preview deployment of a pull request put its own pin in the place of production's.",
    "Redeploy production in Coolify. Set Preview deployments to Disabled, or use a second application for them.",
    before=Status.WARN,
    deploy_fixes=True,
)
ENTRYPOINT = Failure(
    "entrypoint",
    "Process 1 has another value than its container: the entrypoint or command changes it.",
    "Take the assignment out of the entrypoint and the command.",
)
NO_SENTINEL = Failure(
    "no-sentinel",
    "The pin file is armed, and a container does not carry its sentinel.",
    "Deploy. If the failure stays, another file feeds the container: preflight run --only env-shadowing",
    before=Status.WARN,
    settles=True,
    deploy_fixes=True,
)
PAUSED = Failure(
    "paused",
    "A container is paused, so nothing can be run in it.",
    "Run docker unpause NAME, then run preflight again.",
    Status.ERROR,
    Status.ERROR,
    waivable=False,
)
RESTARTING = Failure(
    "restarting",
    "A container restarts again and again, so nothing can be run in it.",
    "See docker logs NAME for why it ends, then run preflight again.",
    Status.ERROR,
    Status.ERROR,
    waivable=False,
)

_BY_CAUSE = {
    CauseKind.REPLACED: REPLACED,
    CauseKind.NOT_FOUND: NOT_FOUND,
    CauseKind.SHADOWED: OVERRIDDEN_BY_UI,
    CauseKind.STALE: OLD_COPY,
    CauseKind.PREVIEW: PREVIEW,
}


class CoolifyEnvFile(Check[NoSettings]):
    """The proof by exec: whatever the files say, this is what the service runs with."""

    about = About(
        id="coolify-env-file",
        title="The running containers carry the pin",
        area=Area.RUNNING,
        tags=frozenset({"runtime", "coolify", "pin"}),
        needs=frozenset({Need.PIN, Need.ENGINE, Need.GIT, Need.DEPLOYMENT}),
        asks=(
            "Does `env`, run in every running container of the service, give the pin file's value, and does process 1 "
            "have it too? If the file is armed (`preflight sentinel arm`): does the container carry the sentinel?"
        ),
        why=(
            "Coolify may rewrite `env_file:`, an entrypoint may export something else, and a container keeps the "
            "environment it was made with: only the container itself tells what the next rollout step will use."
        ),
        failures=(
            STALE,
            NOT_RUNNING,
            FOREIGN_VALUE,
            UNKNOWN_VALUE,
            EMPTY,
            DROPPED,
            *_BY_CAUSE.values(),
            ENTRYPOINT,
            NO_SENTINEL,
            PAUSED,
            RESTARTING,
        ),
    )

    def run(self, ctx: Context) -> Iterable[Finding]:
        """Judge each pin."""
        for pin in ctx.pins:
            try:
                yield from _RunningFindings(ctx, analyse_running(ctx, pin)).findings()
            except CouldNotLook as error:
                subject = Subject("service", pin.service)
                yield could_not_look(f"{pin.service}: {error.message}", subject, error.need, hint=error.hint)


class _RunningFindings:
    """Puts what was found about one pin into words."""

    def __init__(self, ctx: Context, found: Running) -> None:
        self._ctx, self._found = ctx, found
        self._pin: Pin = found.pin
        self._file = ctx.show(found.pin.file)

    def findings(self) -> Iterator[Finding]:
        if not self._found.judged:
            yield self._nobody_runs()
        right: dict[str, list[Judgement]] = defaultdict(list)
        for judgement in self._found.judged:
            if judgement.verdict is RunningVerdict.EQUAL:
                right[project_of(judgement.container)].append(judgement)
            else:
                yield self._wrong(judgement)
        for project, judgements in right.items():
            yield self._right(project, judgements)

    def _right(self, project: str, judgements: list[Judgement]) -> Finding:
        names = ", ".join(each.container.name for each in judgements)
        many = names if len(names) <= _LONG else plural(len(judgements), "container") + f" of project {project}"
        if not self._found.choice.certain:  # whether it is ours, the reader must judge
            many = f"{names} (project {project or 'without name'})" if many == names else many
        proof = ", and the sentinel" if self._found.armed else ""
        carry = "carries" if len(judgements) == 1 else "carry"
        return passed(
            f"{self._pin.service}: {many} {carry} {self._pin.variable} as in {self._file}{proof}{self._not_judged()}",
            Subject("service", self._pin.service),
            containers={each.container.name: self._seen(each) for each in judgements},
            project=project,
            at=None,
            **self._evidence(),
        )

    def _not_judged(self) -> str:
        projects = sorted({project_of(each) or "(no name)" for each in self._found.choice.elsewhere})
        if not projects:
            return ""
        return f"; not judged: project {', '.join(projects[:_MANY])}{', …' if len(projects) > _MANY else ''}"

    def _evidence(self) -> dict[str, Json]:
        choice = self._found.choice
        others: dict[str, tuple[Container, ...]] = {
            "not_judged": choice.elsewhere,
            "previews_not_judged": choice.previews,
            "stopped_not_judged": self._found.stopped,
        }
        evidence: dict[str, Json] = {
            key: [each.name for each in containers] for key, containers in others.items() if containers
        }
        if is_plain_reference(self._found.expected):
            evidence["expected"] = self._found.expected
        return evidence

    def _seen(self, judgement: Judgement) -> Json:
        process = "/proc/1/environ too" if judgement.first_process else "/proc/1/environ not readable"
        return f"{judgement.source}; {process}"

    def _wrong(self, judgement: Judgement) -> Finding:
        subject = Subject("container", judgement.container.name)
        if judgement.problem is not None:
            message = f"{self._who(judgement.container)}: {judgement.problem.message}"
            return could_not_look(message, subject, judgement.problem.need, hint=judgement.problem.hint)
        if judgement.verdict is RunningVerdict.NOT_ASKED:
            return self._not_asked(judgement)
        evidence = self._evidence()
        evidence |= {"container": judgement.container.name, "state": judgement.state, "seen": self._seen(judgement)}
        evidence |= {"verdict": judgement.verdict.value, "project": project_of(judgement.container)}
        if judgement.value and is_plain_reference(judgement.value):
            evidence["found"] = judgement.value
        failure, message, hint = self._because(judgement) or self._by_verdict(judgement)
        paused = "" if judgement.state == "running" else f" (it is {judgement.state})"
        return self._ctx.found(
            failure,
            f"{self._who(judgement.container)} {message}{paused}",
            subject,
            hint=hint + self._doubt(judgement.container),
            at=self._ctx.at(self._pin.file),
            **evidence,
        )

    def _because(self, judgement: Judgement) -> tuple[Failure, str, str] | None:
        """Say what became of the pin in Coolify, where that can be seen."""
        if judgement.verdict is RunningVerdict.ENTRYPOINT or (self._ctx.before and judgement.commit is not None):
            return None
        cause = cause_of(self._ctx, self._found, judgement)
        if cause is None or (judgement.commit is not None and cause.redeploy_mends):
            return None
        return _BY_CAUSE[cause.kind], f"{self._difference(judgement)}: {cause.words}", cause.remedy

    def _by_verdict(self, judgement: Judgement) -> tuple[Failure, str, str]:
        match judgement.verdict:
            case RunningVerdict.STALE:
                return self._stale(judgement)
            case RunningVerdict.ENTRYPOINT:
                return self._entrypoint(judgement)
            case RunningVerdict.SENTINEL:
                return self._no_sentinel(judgement)
            case RunningVerdict.EMPTY:
                return EMPTY, f"has an empty {self._pin.variable}: overridden", self._lost(judgement.container)
            case RunningVerdict.ABSENT:
                message = f"has no {self._pin.variable}: {self._file} was dropped, or the variable removed"
                return DROPPED, message, self._lost(judgement.container)
            case _:
                return self._foreign(judgement)

    def _difference(self, judgement: Judgement) -> str:
        variable, commit = self._pin.variable, judgement.commit
        if judgement.verdict is RunningVerdict.SENTINEL:
            return "lacks the sentinel"
        if commit is not None:
            return f"has the {variable} of commit {commit.hash[:9]} ({commit.when:%Y-%m-%d})"
        return {None: f"has no {variable}", "": f"has an empty {variable}"}.get(
            judgement.value, f"has another {variable}"
        )

    def _who(self, container: Container) -> str:
        project = "" if self._found.choice.certain else f" (project {project_of(container) or 'without name'})"
        return f"{self._pin.service}: {container.name}{project}"

    def _doubt(self, container: Container) -> str:
        if self._found.choice.certain or made_by_coolify(container):
            return ""
        return " If that project is not yours, name yours: `compose: {project_name: …}` in preflight.yaml."

    def _not_asked(self, judgement: Judgement) -> Finding:
        name = judgement.container.name
        paused = judgement.state == "paused"
        what = "is paused" if paused else "restarts again and again"
        hint = f"Run `docker unpause {name}`" if paused else f"See `docker logs {name}` for why it ends"
        return self._ctx.found(
            PAUSED if paused else RESTARTING,
            f"{self._who(judgement.container)} {what}, so nothing can be run in it",
            Subject("container", name),
            hint=f"{hint}, then run preflight again.",
        )

    def _stale(self, judgement: Judgement) -> tuple[Failure, str, str]:
        variable, redeploy = self._pin.variable, self._redeploy(judgement.container)
        commit = judgement.commit
        if commit is None and judgement.value is not None and self._ctx.before:
            return self._foreign(judgement)
        if commit is None:
            message = f"is stale: older than {self._file}, it {self._difference(judgement)}"
            return STALE, message, f"{redeploy} If that does not help: {self._shadowing()}"
        when = f"commit {commit.hash[:9]} ({commit.when:%Y-%m-%d})"
        if self._ctx.before:
            return STALE, f"runs the {variable} of {when}; this rollout replaces it", ""
        message = f"is stale: its {variable} is that of {when}"
        return STALE, message, f"{redeploy} If the failure stays, something holds the old value: {self._shadowing()}"

    def _foreign(self, judgement: Judgement) -> tuple[Failure, str, str]:
        variable, hint = self._pin.variable, self._lost(judgement.container)
        if self._ctx.doors.git.is_shallow(self._ctx.deadline):
            message = f"has a {variable} that the history here, which is cut off, does not have"
            return UNKNOWN_VALUE, message, UNKNOWN_VALUE.fix
        return FOREIGN_VALUE, f"has another {variable} than any commit of {self._file}: overridden", hint

    def _entrypoint(self, judgement: Judgement) -> tuple[Failure, str, str]:
        name, variable = judgement.container.name, self._pin.variable
        return (
            ENTRYPOINT,
            f"was given the right {variable}, but its process 1 has another: the entrypoint changes it",
            f"Look at the entrypoint and command of {name} (`docker inspect {name}`); take {variable} out of them.",
        )

    def _no_sentinel(self, judgement: Judgement) -> tuple[Failure, str, str]:
        redeploy = self._redeploy(judgement.container)
        message = f"lacks the sentinel: it does not read {self._file}, or was not deployed since arming"
        return NO_SENTINEL, message, f"{redeploy} If the failure stays, look elsewhere: {self._shadowing()}"

    def _lost(self, container: Container) -> str:
        if made_by_coolify(container):
            return "Find out what Coolify makes of the file: `preflight run --tag coolify`."
        return f"Find what overrides or drops the file: {self._shadowing()}"

    def _shadowing(self) -> str:
        return "`preflight run --only env-shadowing --only env-file-syntax`."

    def _redeploy(self, container: Container) -> str:
        if made_by_coolify(container):
            return f"Deploy {self._pin.service} in Coolify."
        project = self._ctx.project
        words = ["docker", "compose", "-p", project_of(container)] if project_of(container) else ["docker", "compose"]
        for path in project.files:
            words += ["-f", self._ctx.show(path)]
        for path in project.env_files:
            words += ["--env-file", self._ctx.show(path)]
        if project.project_directory is not None:
            words += ["--project-directory", self._ctx.show(project.project_directory)]
        return f"Deploy: `{shlex.join([*words, 'up', '-d', self._pin.service])}`."

    def _nobody_runs(self) -> Finding:
        stopped = self._found.stopped
        if stopped:
            first = stopped[0]
            more = f" (and {len(stopped) - 1} more)" if len(stopped) > 1 else ""
            what = f"no running container: {first.name}{more} {_STOPPED.get(first.state, f'is {first.state}')}"
            hint = f"See `docker logs {first.name}`; start it, or deploy {self._pin.service}."
        else:
            what = f"no container yet{self._not_judged()}"
            hint = f"Deploy {self._pin.service}, then run preflight again."
        return self._ctx.found(
            NOT_RUNNING,
            f"{self._pin.service}: {what}",
            Subject("service", self._pin.service),
            hint=hint,
            at=self._ctx.at(self._pin.file),
            **self._evidence(),
        )
