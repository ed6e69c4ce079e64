"""What a workflow calls "this repository": the one that runs it, as git's remote names it.

Source: GitHub Docs, "Contexts" (`github.repository` and the webhook's `repository` in `github.event`) and "Variables"
(`GITHUB_REPOSITORY`, `GITHUB_REPOSITORY_OWNER`).
"""

from collections.abc import Mapping

from preflight.context import Context
from preflight.errors import CouldNotLook
from preflight.lib.records import frozen
from preflight.releases.github import repository_of_remote
from preflight.workflows.value import WORD_HOLE, Value

_REMOTE = "origin"
_SLASH = "/"


@frozen
class ThisRepository:
    """The repository that runs the workflows.

    Args:
        owner: User or organisation; a hole where it is not known.
        name: Without the owner; a hole likewise.
        reason: Why it is not known; empty where it is.
    """

    owner: str = WORD_HOLE
    name: str = WORD_HOLE
    reason: str = "no remote of git was looked at"

    @classmethod
    def named(cls, repository: str) -> "ThisRepository":
        """Return the one with the given ``OWNER/NAME``."""
        owner, _, name = repository.partition(_SLASH)
        return cls(owner, name, "")

    @property
    def known(self) -> bool:
        """Whether it is known which one it is."""
        return not self.reason

    def path_of(self, uses: str) -> str:
        """Return the path within this repository that ``owner/name/path@ref`` names; empty for another's."""
        path = uses.partition("@")[0]
        own = f"{self.owner}/{self.name}/"
        return path[len(own) :] if self.known and path.lower().startswith(own.lower()) else ""

    def value(self, expression: str, text: str) -> Value:
        """Return what an expression stands for; what is unknown in it says why."""
        return Value(text, () if self.known else (f"{expression} ({self.reason})",))

    def context(self) -> Mapping[str, Value]:
        """Return what is known of the context ``github``; names in lower case, without ``github.``."""
        both = f"{self.owner}/{self.name}"
        texts = {
            "repository": both,
            "repository_owner": self.owner,
            "event.repository.name": self.name,
            "event.repository.full_name": both,
            "event.repository.owner.login": self.owner,
            "event.repository.owner.name": self.owner,
            "event.organization.login": self.owner,
        }
        return {path: self.value(f"github.{path}", text) for path, text in texts.items()}

    def environment(self) -> dict[str, Value]:
        """Return the variables that each step has from GitHub; names in lower case."""
        names = {"GITHUB_REPOSITORY": f"{self.owner}/{self.name}", "GITHUB_REPOSITORY_OWNER": self.owner}
        return {name.lower(): self.value(name, text) for name, text in names.items()}


def this_repository(ctx: Context, given: str = "") -> ThisRepository:
    """Return the repository that is given as ``OWNER/NAME``, or else the one that git's remote ``origin`` names."""
    if given:
        return ThisRepository.named(given)
    try:
        return ThisRepository.named(repository_of_remote(ctx, _REMOTE))
    except CouldNotLook as error:
        return ThisRepository(reason=error.message.rpartition(": ")[2])
