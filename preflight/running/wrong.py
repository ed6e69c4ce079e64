"""Puts into words what is wrong with one container."""

from preflight.context import Context
from preflight.engine.container import Container
from preflight.lib.reference import is_plain_reference
from preflight.lib.text import plural
from preflight.model import Json
from preflight.running.judge import Judgement, Running, RunningVerdict
from preflight.running.made_from import command_line, compose_command, find_why
from preflight.running.outcome import Account, Explain, Known, Outcome
from preflight.running.ownership import made_by_coolify, project_of

_SHORT = 7
_SHADOWING = "preflight run --only env-shadowing --only env-file-syntax"


class WrongContainer:
    """Says what is wrong with a container of a service, and what to do.

    Args:
        ctx: For the stage, and to show paths.
        found: What was found for one pin.
        explain: Returns what became of the pin in Coolify, where Coolify made the container.
    """

    def __init__(self, ctx: Context, found: Running, explain: Explain) -> None:
        self._ctx, self._found, self._explain = ctx, found, explain
        self._pin, self._name = found.pin, found.pin.variable
        self._file = ctx.show(found.pin.file)

    def account(self, judgement: Judgement) -> Account:
        """Return what there is to say of one container that does not carry the pin."""
        container, who = judgement.container, f"{self._pin.service}: {judgement.container.name}"
        if judgement.problem is not None:
            message, hint = f"{who}: {judgement.problem.message}", judgement.problem.hint
            return Account(Outcome.UNSEEN, message, hint, container, {}, problem=judgement.problem)
        if judgement.verdict is RunningVerdict.NOT_ASKED:
            paused = judgement.state == "paused"
            what = "is paused" if paused else "restarts again and again"
            hint = f"docker unpause {container.name}" if paused else f"See why it ends: docker logs {container.name}"
            outcome = Outcome.PAUSED if paused else Outcome.RESTARTING
            hint = f"{hint}; then run preflight again."
            return Account(outcome, f"{who} {what}, so nothing can be run in it", hint, container, {})
        known = self._known(judgement)
        if known is not None and not (known.removed and self._ctx.before):
            outcome, words, hint = Outcome.BY_CAUSE, f"{self._difference(judgement)}: {known.words}", known.remedy
        elif known is not None:
            outcome, hint = Outcome.FIXED, ""
            words = f"{self._difference(judgement)}: {known.words}; this rollout fixes it"
        else:
            outcome, words, hint = self._by_verdict(judgement)
        state = "" if judgement.state == "running" else f" (it is {judgement.state})"
        return Account(outcome, f"{who} {words}{state}", hint, container, self._evidence(judgement), known)

    def _known(self, judgement: Judgement) -> Known | None:
        """Return what became of the pin in Coolify; nothing where the container has a value that once was right."""
        earlier = judgement.verdict is RunningVerdict.EARLIER
        if judgement.verdict is RunningVerdict.ENTRYPOINT or (self._ctx.before and earlier):
            return None
        known = self._explain(judgement)
        return None if known is not None and earlier and known.deployment_fixes else known

    def _by_verdict(self, judgement: Judgement) -> tuple[Outcome, str, str]:
        name, deploy = self._name, self._deploy(judgement.container)
        match judgement.verdict:
            case RunningVerdict.EARLIER:
                return self._earlier(judgement)
            case RunningVerdict.NOT_YET:
                words = f"{self._difference(judgement)}: it was made before {self._file} had one"
                return Outcome.FIXED, f"{words}{self._coming('; this rollout brings it')}", deploy
            case RunningVerdict.UNKNOWN:
                return self._unknown(judgement)
            case RunningVerdict.ENTRYPOINT:
                hint = f"Take {name} out of the entrypoint and command: docker inspect {judgement.container.name}"
                other = "another" if judgement.value is not None else "none"
                words = f"was given one {name}, but its {judgement.process} has {other}: "
                words += "the entrypoint or command changes it"
                return Outcome.ENTRYPOINT, words, hint
            case RunningVerdict.SENTINEL:
                words = f"lacks the sentinel: it does not read {self._file}, or was not deployed since arming"
                hint = f"{deploy} If the failure stays, another file feeds it: `{_SHADOWING}`"
                return Outcome.NO_SENTINEL, words, hint
            case _:
                return self._lost(judgement)

    def _earlier(self, judgement: Judgement) -> tuple[Outcome, str, str]:
        commit = judgement.commit
        when = f"commit {commit.hash[:_SHORT]} ({commit.when:%Y-%m-%d})" if commit is not None else "an earlier commit"
        runs = f"{judgement.release}, of {when}" if judgement.release else f"the image of {when}"
        new = self._found.release or "another image"
        if self._ctx.before:
            brings = "goes back to" if judgement.rolled_back else "brings"
            return Outcome.STALE, f"runs {runs}; this rollout {brings} {new}", ""
        hint = self._deploy(judgement.container)
        hint = f"{hint} If the failure stays, something holds the old value: `{_SHADOWING}`"
        return Outcome.STALE, f"is stale: it runs {runs}; {self._file} pins {new}", hint

    def _unknown(self, judgement: Judgement) -> tuple[Outcome, str, str]:
        difference, ends, deploy = self._difference(judgement), self._found.ends, self._deploy(judgement.container)
        if judgement.older and not self._ctx.before:
            return Outcome.STALE, f"is stale: older than {self._file}, it {difference}", deploy
        if ends is None:
            words = f"{difference}, and no git history here tells what {self._file} said before"
            return Outcome.UNKNOWN, words, "Run preflight in a clone that has the history, to tell where it comes from."
        where = f"commit {ends.hash[:_SHORT]} ({ends.when:%Y-%m-%d})"
        words = f"{difference}, which the history here does not explain: it ends at {where}"
        return Outcome.UNKNOWN, words, "Fetch the whole history (git fetch --unshallow), then run preflight again."

    def _lost(self, judgement: Judgement) -> tuple[Outcome, str, str]:
        """Say what became of a pin that is not in its container, where Coolify does not tell."""
        container, name = judgement.container, self._name
        words, outcome = f"has another {name} than any commit of {self._file}", Outcome.FOREIGN
        if judgement.default:
            words, outcome = f"has the {name} of its image: nothing else fed it", Outcome.DEFAULT
        elif judgement.verdict is RunningVerdict.EMPTY:
            words, outcome = f"has an empty {name}", Outcome.EMPTY
        elif judgement.verdict is RunningVerdict.ABSENT:
            words, outcome = f"has no {name}", Outcome.DROPPED
        by_coolify = made_by_coolify(container)
        why = None if by_coolify else find_why(self._ctx, self._pin, container, judgement.created)
        if why is not None and why.commit is not None:
            then = f"{words}: in commit {why.commit.hash[:_SHORT]}, {why.words}"
            return Outcome.FIXED, f"{then}{self._coming('; this rollout fixes it')}", self._deploy(container)
        if why is not None:
            return outcome, f"{words}: {why.words}", why.remedy
        look = "`preflight run --tag coolify`" if by_coolify else f"`{_SHADOWING}`"
        allow = f" If that is fixed, roll out once with --allow coolify-env-file/{outcome.value}."
        return outcome, words, f"Find what overrides or drops {self._file}: {look}.{self._coming(allow)}"

    def _difference(self, judgement: Judgement) -> str:
        if judgement.verdict is RunningVerdict.SENTINEL:
            return "lacks the sentinel"
        if judgement.commit is not None:
            return f"has the {self._name} of commit {judgement.commit.hash[:_SHORT]}"
        if judgement.default:
            return f"has the {self._name} of its image"
        return {None: f"has no {self._name}", "": f"has an empty {self._name}"}.get(
            judgement.value, f"has another {self._name}"
        )

    def _coming(self, words: str) -> str:
        return words if self._ctx.before else ""

    def _deploy(self, container: Container) -> str:
        if self._ctx.before:
            return "Roll out, then see whether it arrived: preflight run --stage after"
        if made_by_coolify(container):
            return f"Deploy {self._pin.service} in Coolify."
        words = compose_command(container, self._ctx.project, self._ctx.show)
        return f"Deploy: `{command_line([*words, 'up', '-d', self._pin.service])}`."

    def _evidence(self, judgement: Judgement) -> dict[str, Json]:
        evidence = found_evidence(self._found)
        evidence |= {"container": judgement.container.name, "state": judgement.state, "seen": how_seen(judgement)}
        evidence |= {"verdict": judgement.verdict.value, "project": project_of(judgement.container)}
        if judgement.value and is_plain_reference(judgement.value):
            evidence["found"] = judgement.value
        if judgement.commit is not None:
            evidence |= {"commit": judgement.commit.hash, "release": judgement.release or None}
        return evidence


def found_evidence(found: Running) -> dict[str, Json]:
    """Return what backs every account of one pin, as plain data."""
    others: dict[str, tuple[Container, ...]] = {
        "not_judged": found.choice.elsewhere,
        "previews_not_judged": found.choice.previews,
        "stopped_not_judged": found.stopped,
    }
    evidence: dict[str, Json] = {
        key: [each.name for each in containers] for key, containers in others.items() if containers
    }
    if is_plain_reference(found.expected):
        evidence["expected"] = found.expected
    return evidence


def how_seen(judgement: Judgement) -> Json:
    """Return how the environment of a container was seen, for people."""
    if judgement.exec_refused:
        return f"{judgement.source}; the engine refuses exec"
    executed = judgement.executed
    if executed is None:
        return judgement.source
    more = f"; {plural(len(executed.others), 'more process', 'more processes')}" if executed.others else ""
    return f"{judgement.source}; {executed.main}{more}"
