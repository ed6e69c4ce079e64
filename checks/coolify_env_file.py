"""The running containers carry what the pin file says."""

from collections.abc import Iterable, Iterator

from preflight import (
    About,
    Area,
    Check,
    Context,
    CouldNotLook,
    Failure,
    Finding,
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
from preflight.running.account import give_account
from preflight.running.judge import Judgement, Running, analyse_running
from preflight.running.outcome import Account, Known, Outcome

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
FIXED = Failure(
    "fixed-by-rollout",
    "A container does not carry the pin, for a reason that was removed since: the next deployment brings the pin.",
    "Roll out, then see whether it arrived: preflight run --stage after",
    before=Status.WARN,
    settles=True,
    deploy_fixes=True,
)
FOREIGN_VALUE = Failure(
    "foreign-value",
    "A container has a value that no commit of the pin file had: something overrides the pin.",
    "Find what overrides the file: preflight run --only env-shadowing",
)
IMAGE_DEFAULT = Failure(
    "image-default",
    "A container has the value that its image sets by itself: nothing else fed the variable.",
    "Find what drops the file: preflight run --only env-shadowing --only env-file-syntax",
)
UNKNOWN_VALUE = Failure(
    "unknown-value",
    "The history here, which is cut off or missing, does not tell where the value of a container comes from.",
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
LEFTOVER_COPY = Failure(
    "leftover-copy",
    "The copy of the pin file that Coolify reads is older than the pin, and no deployment replaces it.",
    "Correct Base Directory and Preserve Repository in Coolify, or replace the file by hand.",
)
PREVIEW = Failure(
    "overwritten-by-preview",
    "A preview deployment of a pull request put its own pin over production's.",
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
OTHER_FILES = Failure(
    "other-files",
    "A container was made from other compose files than those that are judged here.",
    "Name the files it is deployed with in preflight.yaml: compose: {files: […]}",
    before=Status.WARN,
)
OTHER_FOLDER = Failure(
    "other-folder",
    "A container was made in another project directory than the one that is judged here.",
    "Name the directory it is deployed in in preflight.yaml: compose: {project_directory: …}",
    before=Status.WARN,
)
SWARM_TASK = Failure(
    "swarm-task",
    "The service runs as a task of Docker Swarm, whose `docker stack deploy` refuses the long form of `env_file:`.",
    "Deploy with docker compose up, or give Swarm the pin another way: docker service update --env-add",
    before=Status.WARN,
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

_BY_OUTCOME = {
    Outcome.STALE: STALE,
    Outcome.NOT_RUNNING: NOT_RUNNING,
    Outcome.FIXED: FIXED,
    Outcome.FOREIGN: FOREIGN_VALUE,
    Outcome.DEFAULT: IMAGE_DEFAULT,
    Outcome.UNKNOWN: UNKNOWN_VALUE,
    Outcome.EMPTY: EMPTY,
    Outcome.DROPPED: DROPPED,
    Outcome.ENTRYPOINT: ENTRYPOINT,
    Outcome.NO_SENTINEL: NO_SENTINEL,
    Outcome.OTHER_FILES: OTHER_FILES,
    Outcome.OTHER_FOLDER: OTHER_FOLDER,
    Outcome.SWARM: SWARM_TASK,
    Outcome.PAUSED: PAUSED,
    Outcome.RESTARTING: RESTARTING,
}
_BY_CAUSE = {
    CauseKind.REPLACED: REPLACED,
    CauseKind.NOT_FOUND: NOT_FOUND,
    CauseKind.SHADOWED: OVERRIDDEN_BY_UI,
    CauseKind.STALE: OLD_COPY,
    CauseKind.LEFTOVER: LEFTOVER_COPY,
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
        failures=(*_BY_OUTCOME.values(), *_BY_CAUSE.values()),
    )

    def run(self, ctx: Context) -> Iterable[Finding]:
        """Judge each pin; what holds for several pins of one service is said once."""
        said: list[Finding] = []
        for pin in ctx.pins:
            for finding in self._about_pin(ctx, pin):
                if finding not in said:
                    said.append(finding)
                    yield finding

    @staticmethod
    def _about_pin(ctx: Context, pin: Pin) -> Iterator[Finding]:
        try:
            found = analyse_running(ctx, pin)
            for account in give_account(ctx, found, lambda judgement: _what_coolify_did(ctx, found, judgement)):
                yield _finding(ctx, pin, account)
        except CouldNotLook as error:
            subject = Subject("service", pin.service)
            yield could_not_look(f"{pin.service}: {error.message}", subject, error.need, hint=error.hint)


def _what_coolify_did(ctx: Context, found: Running, judgement: Judgement) -> Known | None:
    cause = cause_of(ctx, found, judgement)
    if cause is None:
        return None
    return Known(cause.kind, cause.words, cause.remedy, cause.removed, cause.redeploy_fixes)


def _finding(ctx: Context, pin: Pin, account: Account) -> Finding:
    subject = Subject("service", pin.service)
    if account.outcome is Outcome.CARRIES:
        return passed(account.message, subject, at=None, **account.evidence)
    if account.container is not None and account.outcome is not Outcome.SWARM:
        subject = Subject("container", account.container.name)
    if account.problem is not None:
        return could_not_look(account.message, subject, account.problem.need, hint=account.hint)
    by_cause = account.outcome is Outcome.BY_CAUSE and account.cause is not None
    failure = _BY_CAUSE[CauseKind(account.cause.kind)] if by_cause and account.cause else _BY_OUTCOME[account.outcome]
    return ctx.found(failure, account.message, subject, hint=account.hint, at=ctx.at(pin.file), **account.evidence)
