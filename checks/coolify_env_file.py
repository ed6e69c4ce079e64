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
    Finding,
    Json,
    Need,
    NoSettings,
    Pin,
    could_not_look,
    failed,
    passed,
    skipped,
)
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
            ("A container is stale: made before the pin changed.", "Redeploy the service."),
            (
                "The variable has another value, or is empty: it is shadowed.",
                "Run `preflight run --only env-shadowing`.",
            ),
            (
                "The variable is not there: the env file was dropped.",
                "Look at what became of `env_file:` in `docker compose config`.",
            ),
            (
                "Coolify replaced env_file: by its own .env, as its default mode does.",
                "Switch Raw Compose Deployment and Preserve Repository on, or set the variable in the UI (pin_in: ui).",
            ),
            (
                "The file is not where Coolify looks for it.",
                "Correct Base Directory and Preserve Repository in Coolify.",
            ),
            ("Coolify's UI shadows the pin.", "Delete the variable there."),
            ("Coolify's copy of the file is stale, or the container older than it.", "Redeploy in Coolify."),
            ("Process 1 has another value than its container.", "Take the assignment out of the entrypoint."),
            ("The sentinel is not there or another.", "Redeploy; if it stays so, another file feeds the container."),
            ("A container is paused or restarts again and again.", "Look at `docker logs`, then run preflight again."),
            ("No container runs (with --require-running).", "Deploy the service."),
            ("The engine cannot be asked.", "Start it, or run preflight as root or in the group docker."),
        ),
    )

    def run(self, ctx: Context) -> Iterable[Finding]:
        """Judge each pin."""
        for pin in ctx.pins:
            try:
                yield from _RunningFindings(ctx, analyse_running(ctx, pin)).findings()
            except CouldNotLook as error:
                yield could_not_look(f"{pin.service}: {error.message}", hint=error.hint)


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
        if judgement.problem is not None:
            return could_not_look(
                f"{self._who(judgement.container)}: {judgement.problem.message}", hint=judgement.problem.hint
            )
        if judgement.verdict is RunningVerdict.NOT_ASKED:
            return self._not_asked(judgement)
        evidence = self._evidence()
        evidence |= {"container": judgement.container.name, "state": judgement.state, "seen": self._seen(judgement)}
        evidence |= {"verdict": judgement.verdict.value, "project": project_of(judgement.container)}
        if judgement.value and is_plain_reference(judgement.value):
            evidence["found"] = judgement.value
        message, hint = self._because(judgement) or getattr(self, "_" + judgement.verdict.value)(judgement)
        paused = "" if judgement.state == "running" else f" (it is {judgement.state})"
        return failed(
            f"{self._who(judgement.container)} {message}{paused}",
            hint=hint + self._doubt(judgement.container),
            at=self._ctx.at(self._pin.file),
            **evidence,
        )

    def _because(self, judgement: Judgement) -> tuple[str, str] | None:
        """Say what became of the pin in Coolify, where that can be seen."""
        if judgement.verdict is RunningVerdict.ENTRYPOINT:
            return None
        cause = cause_of(self._ctx, self._found, judgement)
        if cause is None or (judgement.commit is not None and cause.redeploy_mends):
            return None
        return f"{self._difference(judgement)}: {cause.words}", cause.remedy

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
        if judgement.state == "paused":
            return could_not_look(
                f"{self._who(judgement.container)} is paused, so nothing can be run in it",
                hint=f"`docker unpause {name}`, then run preflight again.",
            )
        return could_not_look(
            f"{self._who(judgement.container)} restarts again and again, so nothing can be run in it",
            hint=f"It is configured with the pin; see `docker logs {name}` for why it ends, then run preflight again.",
        )

    def _stale(self, judgement: Judgement) -> tuple[str, str]:
        variable, redeploy = self._pin.variable, self._redeploy(judgement.container)
        commit = judgement.commit
        if commit is not None:
            message = f"is stale: its {variable} is that of commit {commit.hash[:9]} ({commit.when:%Y-%m-%d})"
            return message, f"{redeploy} If it comes back so, something holds the old value: {self._shadowing()}"
        what = self._difference(judgement)
        return f"is stale: older than {self._file}, it {what}", f"{redeploy} If that does not help: {self._shadowing()}"

    def _other(self, judgement: Judgement) -> tuple[str, str]:
        return f"has another {self._pin.variable} than {self._file}: shadowed", self._lost(judgement.container)

    def _empty(self, judgement: Judgement) -> tuple[str, str]:
        return f"has an empty {self._pin.variable}: shadowed", self._lost(judgement.container)

    def _absent(self, judgement: Judgement) -> tuple[str, str]:
        message = f"has no {self._pin.variable}: {self._file} was dropped, or the variable removed"
        return message, self._lost(judgement.container)

    def _entrypoint(self, judgement: Judgement) -> tuple[str, str]:
        name, variable = judgement.container.name, self._pin.variable
        return (
            f"was given the right {variable}, but its process 1 has another: the entrypoint changes it",
            f"Look at the entrypoint and command of {name} (`docker inspect {name}`); take {variable} out of them.",
        )

    def _sentinel(self, judgement: Judgement) -> tuple[str, str]:
        redeploy = self._redeploy(judgement.container)
        return (
            f"lacks the sentinel: it does not get its variables from {self._file}, or was not redeployed since arming",
            f"{redeploy} If it stays so, the value comes from elsewhere: {self._shadowing()}",
        )

    def _lost(self, container: Container) -> str:
        if made_by_coolify(container):
            return "Find what Coolify makes of the file: `preflight run --tag coolify`. Correct that, then redeploy."
        return f"Find what beats or drops the file: {self._shadowing()} Correct that, then redeploy."

    def _shadowing(self) -> str:
        return "`preflight run --only env-shadowing --only env-file-syntax`."

    def _redeploy(self, container: Container) -> str:
        if made_by_coolify(container):
            return f"Redeploy {self._pin.service} in Coolify."
        project = self._ctx.project
        words = ["docker", "compose", "-p", project_of(container)] if project_of(container) else ["docker", "compose"]
        for path in project.files:
            words += ["-f", self._ctx.show(path)]
        for path in project.env_files:
            words += ["--env-file", self._ctx.show(path)]
        if project.project_directory is not None:
            words += ["--project-directory", self._ctx.show(project.project_directory)]
        return f"Redeploy: `{shlex.join([*words, 'up', '-d', self._pin.service])}`."

    def _nobody_runs(self) -> Finding:
        stopped = self._found.stopped
        if stopped:
            first = stopped[0]
            more = f" (and {len(stopped) - 1} more)" if len(stopped) > 1 else ""
            what = f"no running container: {first.name}{more} {_STOPPED.get(first.state, f'is {first.state}')}"
            hint = f"See `docker logs {first.name}`; start it, or redeploy {self._pin.service}."
        else:
            what = f"no container yet{self._not_judged()}"
            hint = f"Deploy {self._pin.service}, then run preflight again."
        say = skipped if self._ctx.before else failed
        at = self._ctx.at(self._pin.file)
        return say(f"{self._pin.service}: {what}", hint=hint, at=at, **self._evidence())
