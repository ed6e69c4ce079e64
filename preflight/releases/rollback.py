"""Whether a pin went back to an earlier release, as far as its commits tell."""

from collections.abc import Sequence

from preflight.git.model import Commit
from preflight.lib.records import frozen
from preflight.lib.reference import ImageReference
from preflight.releases.names import Release, find_releases
from preflight.releases.timeline import PinChange


@frozen
class Rollback:
    """A commit that took a pin back.

    Args:
        commit: The commit.
        newest: The newest release that the pin had at any time; None where no commit names one.
    """

    commit: Commit
    newest: Release | None

    def explains(self, release: Release) -> bool:
        """Whether a release that is newer than the pin is one that the pin was taken back from."""
        return self.newest is None or release.order <= self.newest.order


def find_rollback(changes: Sequence[PinChange], image: ImageReference) -> Rollback | None:
    """Return the rollback that gave a pin its present image; None where it came by another way.

    Args:
        changes: The changes of the pin, newest first.
        image: What is pinned now, without a tag; the file on disk may say something else than the last commit.
    """
    if not changes or changes[0].image != image or not changes[0].is_rollback:
        return None
    releases = find_releases(change.release for change in changes if change.release)
    return Rollback(changes[0].commit, next(iter(releases), None))
