"""What there is to say of the containers of one pin: an outcome, a message and a remedy for each."""

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from preflight.context import Context
from preflight.lib.text import plural, printable
from preflight.running.judge import Judgement, Running, RunningVerdict, checkout_of
from preflight.running.made_from import difference
from preflight.running.outcome import Account, Explain, Outcome
from preflight.running.ownership import described, made_by_coolify, project_of
from preflight.running.processes import not_seen
from preflight.running.swarm import swarm_tasks
from preflight.running.wrong import WrongContainer, found_evidence, how_seen

if TYPE_CHECKING:
    from preflight.model import Json

_LONG = 40
_MANY = 3
_STATES = {
    "created": "was created but never started",
    "exited": "has stopped",
    "dead": "is dead: the engine could not remove it",
    "removing": "is being removed",
}


def give_account(ctx: Context, found: Running, explain: Explain) -> Iterator[Account]:
    """Yield what there is to say.

    Args:
        ctx: For the stage, and to show paths.
        found: What was found for one pin.
        explain: Returns what became of the pin in Coolify, where Coolify made the container.

    Raises:
        CouldNotLook: The engine cannot be asked.
    """
    yield from _Teller(ctx, found, WrongContainer(ctx, found, explain)).accounts()


class _Teller:
    def __init__(self, ctx: Context, found: Running, wrong: WrongContainer) -> None:
        self._ctx, self._found, self._wrong = ctx, found, wrong
        self._pin, self._name = found.pin, found.pin.variable
        self._file = ctx.show(found.pin.file)

    def accounts(self) -> Iterator[Account]:
        if not self._found.judged:
            yield self._nobody_runs()
        right: dict[str, list[Judgement]] = defaultdict(list)
        for judgement in self._found.judged:
            if judgement.verdict is RunningVerdict.EQUAL:
                right[project_of(judgement.container)].append(judgement)
            else:
                yield self._wrong.account(judgement)
        for project, judgements in right.items():
            yield self._right(project, judgements)
        yield from self._made_elsewhere()

    def _right(self, project: str, judgements: list[Judgement]) -> Account:
        names = ", ".join(each.container.name for each in judgements)
        many = names if len(names) <= _LONG else plural(len(judgements), "container") + f" of project {project}"
        proof = ", and the sentinel" if self._found.armed else ""
        refused = any(each.exec_refused for each in judgements)
        proof += ", by what it was made with: the engine refuses exec" if refused else ""
        message = f"the pin is in {many}: {self._name} as in {self._file}{proof}"
        message = f"{message}{self._unseen(judgements)}{self._not_judged()}"
        seen: dict[str, Json] = {each.container.name: how_seen(each) for each in judgements}
        evidence = {"containers": seen, "project": project, **found_evidence(self._found)}
        return Account(Outcome.CARRIES, message, "", None, evidence)

    def _unseen(self, judgements: list[Judgement]) -> str:
        """Say of which process the environment was not seen."""
        seen = [each.executed for each in judgements if each.executed is not None]
        told = dict.fromkeys(words for each in seen for words in not_seen(each, self._name))
        return f"; {', '.join(told)}" if told else ""

    def _nobody_runs(self) -> Account:
        stopped, service = self._found.stopped, self._pin.service
        if stopped:
            first = stopped[0]
            more = f" (and {len(stopped) - 1} more)" if len(stopped) > 1 else ""
            what = f"no running container: {first.name}{more} {_STATES.get(first.state, f'is {first.state}')}"
            hint = f"See `docker logs {first.name}`; start it, or deploy {service}."
            return Account(Outcome.NOT_RUNNING, f"{service}: {what}", hint, None, found_evidence(self._found))
        tasks = swarm_tasks(self._ctx, service)
        if tasks:
            words = f"{service}: no container of this project, but Swarm's task {tasks[0].name} has that service name"
            evidence = found_evidence(self._found) | {"tasks": [each.name for each in tasks]}
            return Account(Outcome.SWARM, f"{words}{self._not_judged()}", "", tasks[0], evidence)
        hint = f"Deploy {service}, then run preflight again."
        if self._found.choice.elsewhere:
            hint += " If one of those is yours, name its project: compose: {project_name: NAME} in preflight.yaml."
        what = f"no container of this checkout{self._not_judged()}"
        return Account(Outcome.NOT_RUNNING, f"{service}: {what}", hint, None, found_evidence(self._found))

    def _made_elsewhere(self) -> Iterator[Account]:
        """Hold what is judged against what the containers were made from, once for each project."""
        checkout, told = checkout_of(self._ctx), set[str]()
        for judgement in self._found.judged:
            container = judgement.container
            if made_by_coolify(container) or project_of(container) in told:
                continue
            told.add(project_of(container))
            other = difference(container, checkout)
            who, evidence = f"{self._pin.service}: {container.name}", {"project": project_of(container)}
            if other.files:
                theirs = ", ".join(self._show(each) for each in other.files)
                ours = ", ".join(self._ctx.show(each) for each in checkout.files)
                message = f"{who} was made from {theirs}; judged here: {ours}"
                hint = (
                    f"If those are right, write compose: {{files: [{theirs}]}} into preflight.yaml (`preflight init`)."
                )
                yield Account(Outcome.OTHER_FILES, message, hint, container, {**evidence, "files": [*other.files]})
            if other.folder:
                theirs, ours = self._show(other.folder), self._ctx.show(checkout.folder)
                message = f"{who} was made in {theirs}, where relative paths mean other files; judged here: {ours}"
                hint = f"If that is right, write compose: {{project_directory: {theirs}}} into preflight.yaml."
                yield Account(Outcome.OTHER_FOLDER, message, hint, container, {**evidence, "folder": other.folder})

    def _not_judged(self) -> str:
        projects = sorted({described(each, self._ctx.cwd) for each in self._found.choice.elsewhere})
        if not projects:
            return ""
        return f"; not judged: {', '.join(projects[:_MANY])}{', …' if len(projects) > _MANY else ''}"

    def _show(self, path: str) -> str:
        return printable(self._ctx.show(Path(path)), 120)
