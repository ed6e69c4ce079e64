"""What an action that prunes can delete. Imports only values and steps."""

import re
from collections.abc import Callable

from preflight.lib.records import frozen
from preflight.workflows.model import Step
from preflight.workflows.package import Package
from preflight.workflows.value import Tri, negate

_SHA = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_VERSION = re.compile(r"v?(\d{1,4})(?:\.(\d{1,4}))?(?:\.(\d{1,4}))?(?:$|[^\d.])", re.IGNORECASE)
_BRANCHES = frozenset({"main", "master", "develop", "trunk", "latest"})
NEWEST = (9999, 0)


@frozen
class Exposure:
    """What one step can delete.

    Args:
        aim: Whether it is after our package.
        tagged: Whether it can delete a version that bears a given tag and no other.
        untagged: Whether it can delete versions without a tag, such as the children of multi-platform images.
        protect: What to write to protect releases, as an instruction.
        notes: What in it does not do what it seems to.
        harmless: It only shows what it would delete.
    """

    aim: Tri
    tagged: Callable[[str], Tri]
    untagged: Tri
    protect: str
    notes: tuple[str, ...] = ()
    harmless: Tri = False


Version = tuple[int, int]
"""Major and minor."""

Judge = Callable[[Step, Package, Version], Exposure]
"""Says what a step that uses an action in some version can delete."""


@frozen
class Pruner:
    """An action that prunes.

    Args:
        actions: ``owner/repository`` in lower case: it, and forks that read the same inputs.
        judge: See ``Judge``.
        versions: One for each way in which its inputs were ever read, oldest first.
    """

    actions: tuple[str, ...]
    judge: Judge
    versions: tuple[Version, ...]

    def versions_of(self, step: Step) -> tuple[Version, ...]:
        """Return the versions a step may mean: one for a tag or branch, all for a commit without a comment."""
        reference = step.uses.partition("@")[2].strip()
        written = step.comment if _SHA.fullmatch(reference.lower()) else reference
        if match := _VERSION.match(written.removeprefix("tag=").strip()):
            minor = int(match[2]) if match[2] else NEWEST[0]
            return ((int(match[1]), minor),)
        return (NEWEST,) if written.lower() in _BRANCHES else self.versions


def perhaps(_tag: str) -> Tri:
    """Nobody knows whether a version with this tag can go."""
    return None


def unless(spared: Tri) -> Callable[[str], Tri]:
    """Return for ``tagged``: every tag can go, unless all are spared."""
    return lambda _tag: negate(spared)


def dry_run(step: Step) -> Tri:
    """Whether the step only shows what it would delete; None if whoever starts it by hand chooses that."""
    value = step.input("dry-run", "dry_run", "simulate")
    if value.chosen and value.truth is True:
        return None
    return value.truth
