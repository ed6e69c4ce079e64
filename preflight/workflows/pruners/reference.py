"""Which version of an action a step uses.

Source: GitHub Docs, "Workflow syntax for GitHub Actions", `jobs.<job_id>.steps[*].uses`: a tag, a branch or a commit.
"""

import re
from collections.abc import Sequence

from preflight.lib.records import frozen
from preflight.lib.regex import regex
from preflight.workflows.model import Step
from preflight.workflows.pruners.commits import COMMITS
from preflight.workflows.pruners.exposure import LATEST, NEWEST, ActionInput, Judge, Version

_COMMIT = regex(r"[0-9a-f]{40}|[0-9a-f]{64}")
_TAG = regex(r"v?\.?(\d{1,4})(?:\.(\d{1,4}))?(?:\.(\d{1,4}))?(?:$|[^\d.])", re.IGNORECASE)
_MARKS = (" ", "@", "=", ":", "(")
_BRANCHES = frozenset({"main", "master", "develop", "trunk", "latest"})


@frozen
class Pruner:
    """An action that prunes.

    Args:
        actions: ``owner/repository``, or with the folder of an action in it, in lower case; forks of it as well.
        judge: See ``Judge``.
        inputs: Those of all its versions.
        versions: One for each way in which its inputs were ever read, oldest first.
    """

    actions: tuple[str, ...]
    judge: Judge
    inputs: tuple[ActionInput, ...]
    versions: tuple[Version, ...] = (NEWEST,)

    def versions_of(self, step: Step) -> tuple[Version, ...]:
        """Return the versions a step may mean: one where tag, branch, commit or a comment tells, else all."""
        reference = step.uses.partition("@")[2].strip().lower()
        if not _COMMIT.fullmatch(reference):
            if found := _version(reference):
                return (found,)
            return (NEWEST,) if reference in _BRANCHES else self.versions
        released = COMMITS.get(self.actions[0], {}).get(reference)
        found = released or _commented(step.comment)
        return (found,) if found else self.versions


def named_action(uses: str) -> str:
    """Return ``owner/repository`` and the folder, if one is named, of the action that a step uses; in lower case."""
    return uses.partition("@")[0].strip().lower().rstrip("/")


def only_where(versions: Sequence[Version], step: Step, inputs: Sequence[ActionInput]) -> tuple[Version, ...]:
    """Return those versions that know most of the inputs that a step gives."""
    counts = {version: sum(each.name in step.inputs for each in inputs if each.is_in(version)) for version in versions}
    return tuple(version for version in versions if counts[version] == max(counts.values()))


def _version(text: str) -> Version | None:
    """Return the version that a text begins with; what it does not write is the newest there is."""
    match = _TAG.match(text)
    if match is None:
        return None
    major, minor, patch = (int(part) if part else LATEST for part in match.groups())
    return (major, minor, patch)


def _commented(comment: str) -> Version | None:
    """Return the version that a comment behind a commit names: ``v3.0.0``, ``tag=v3``, ``ratchet:owner/name@v3``."""
    for mark in _MARKS:
        comment = comment.replace(mark, " ")
    words = [word for at, word in enumerate(comment.split()) if at == 0 or word[:1] in "vV" or "." in word]
    return next((found for word in words if (found := _version(word))), None)
