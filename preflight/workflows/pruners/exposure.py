"""What an action that prunes can delete, and what it reads. Imports only values and steps."""

from collections.abc import Callable, Sequence

from preflight.lib.records import frozen
from preflight.workflows.expressions import Scope, evaluate
from preflight.workflows.model import Step
from preflight.workflows.package import Package, aims_at
from preflight.workflows.repository import ThisRepository
from preflight.workflows.value import EMPTY, HOLE, Tri, Value, negate

Version = tuple[int, int, int]
"""Major, minor and patch; ``NEWEST`` for what is not written."""
LATEST = 9999
NEWEST: Version = (LATEST, LATEST, LATEST)
_MAX_NOTES = 4


@frozen
class Exposure:
    """What one step can delete.

    Args:
        aim: Whether it is after our package.
        tagged: Whether it can delete a version that bears a given tag and, at most, `latest` beside it.
        untagged: Whether it can delete versions without a tag, such as the children of multi-platform images.
        protect: What to write to protect releases, as an instruction.
        notes: What in it does not do what it seems to.
        harmless: Whether it only shows what it would delete.
        doubts: Why one of the above cannot be told, other than for the expressions in the step's inputs.
    """

    aim: Tri
    tagged: Callable[[str], Tri]
    untagged: Tri
    protect: str
    notes: tuple[str, ...] = ()
    harmless: Tri = False
    doubts: tuple[str, ...] = ()


@frozen
class ActionInput:
    """One input as an ``action.yml`` declares it; one that changed stands there once for each of its defaults.

    Args:
        name: In lower case.
        default: As written; may be an expression.
        since: The first version that has it.
        before: The first version that has it no more.
        renamed: What it is called from then on.
        decides: Without it, it cannot be told which versions are deleted. An owner that is not known is taken for ours.
    """

    name: str
    default: str = ""
    since: Version = (0, 0, 0)
    before: Version | None = None
    renamed: str = ""
    decides: bool = True

    def is_in(self, version: Version) -> bool:
        """Whether a version has it."""
        return self.since <= version and (self.before is None or version < self.before)


def bystanders(*names: str) -> tuple[ActionInput, ...]:
    """Return inputs that every version has and that decide nothing."""
    return tuple(ActionInput(name, decides=False) for name in names)


class Inputs:
    """What a step hands to one version of an action, as that version reads it.

    Args:
        step: Uses the action.
        declared: The inputs of all its versions.
        version: Which one.
        repository: For defaults such as ``${{ github.repository }}``.
    """

    def __init__(
        self, step: Step, declared: Sequence[ActionInput], version: Version, repository: ThisRepository
    ) -> None:
        self._step, self._declared, self.version, self.repository = step, declared, version, repository
        self._inputs = {each.name: each for each in declared if each.is_in(version)}

    def __getitem__(self, name: str) -> Value:
        """Return what is given, or the default; the empty value for an input that this version does not have."""
        declared = self._inputs.get(name)
        if declared is None:
            return EMPTY
        given = self._step.inputs.get(name)
        return given if given is not None else evaluate(declared.default, Scope(github=self.repository.context()))

    def given(self, name: str) -> bool:
        """Whether the step gives it, this version reads it, and it is not empty."""
        return name in self._inputs and name in self._step.inputs and self._step.inputs[name].given

    def first(self, *names: str) -> Value:
        """Return the first of some inputs that is not empty."""
        return next((value for name in names if (value := self[name]).given), EMPTY)

    def lines(self, name: str) -> list[str]:
        """Return the lines of an input that are not empty."""
        return [line.strip() for line in self[name].text.split("\n") if line.strip()]

    def listed(self, name: str) -> list[str]:
        """Return what an input lists with commas."""
        return [word.strip() for word in self[name].text.split(",") if word.strip()]

    @property
    def owner(self) -> Value:
        """The owner of the repository that runs the step."""
        return self.repository.value("github.repository_owner", self.repository.owner)

    @property
    def unknown(self) -> tuple[str, ...]:
        """The expressions in inputs that decide."""
        deciding = [self[name] for name, declared in self._inputs.items() if declared.decides]
        return tuple(dict.fromkeys(name for value in deciding for name in value.unknown if not _is_secret(name)))

    def notes(self) -> tuple[str, ...]:
        """Say which inputs this version does not read."""
        others = [name for name in self._step.inputs if name not in self._inputs]
        return tuple(map(self._unread, others))[:_MAX_NOTES]

    def _unread(self, name: str) -> str:
        everywhere = [each for each in self._declared if each.name == name]
        if not everywhere:
            return f"{name} is no input of this action: it protects nothing"
        if (first := min(each.since for each in everywhere)) > self.version:
            return f"{name} does not exist before version {_shown(first)}: it protects nothing"
        renamed = next((f" (it is {each.renamed} there)" for each in everywhere if each.renamed), "")
        return f"{name} is no input of version {self.version[0]}{renamed}: it protects nothing"


Judge = Callable[[Inputs, Package], Exposure]
"""Says what a step that hands these inputs to an action can delete."""


def aim_at(inputs: Inputs, package: Package, name: str, owner: str) -> tuple[Tri, tuple[str, ...]]:
    """Return whether a step is after our package, which one input must name, and a reason where it does not."""
    if inputs[name].given:
        return aims_at(package, [inputs[name].text], owner), ()
    return aims_at(package, [HOLE], owner), (f"which package it is after, as {name} is missing",)


def perhaps(_tag: str) -> Tri:
    """Nobody knows whether a version with this tag can go."""
    return None


def never(_tag: str) -> Tri:
    """No version that bears a tag can go."""
    return False


def unless(spared: Tri) -> Callable[[str], Tri]:
    """Return for ``tagged``: every tag can go, unless all are spared."""
    return lambda _tag: negate(spared)


def dry_run(value: Value) -> Tri:
    """Whether the step only shows what it would delete; None if whoever starts it by hand chooses that."""
    return None if value.chosen and value.truth is True else value.truth


def counted(inputs: Inputs, *names: str) -> tuple[str, ...]:
    """Say of inputs that are given that they spare a number of versions, whichever those are."""
    return tuple(f"{name} only bounds how many are left" for name in names if inputs.given(name))


def _is_secret(expression: str) -> bool:
    """Whether it is a secret or token: they decide who deletes, not what."""
    return expression.lower().startswith("secrets.") or "token" in expression.lower()


def _shown(version: Version) -> str:
    major, minor, patch = version
    return f"{major}.{minor}" + (f".{patch}" if patch else "") if minor or patch else str(major)
