"""Tags of releases that do not point at what was pinned for them."""

from collections.abc import Iterable

from preflight.context import Context
from preflight.errors import CouldNotLook
from preflight.lib.records import frozen
from preflight.releases.pin_history import TagCheck
from preflight.releases.wrong_digest import parent_of


@frozen
class MovedTag:
    """A tag that somebody moved or deleted, for all that can be seen.

    Args:
        check: What was pinned, and where the tag points; nowhere if it was deleted while the registry still lists it.
        is_pinned: The release is pinned now.
        problem: What keeps one from telling whether it was moved, or points at an index that lists what was pinned.
    """

    check: TagCheck
    is_pinned: bool
    problem: CouldNotLook | None = None

    @property
    def is_gone(self) -> bool:
        """Whether it points nowhere."""
        return not self.check.digest


def find_moved(ctx: Context, checks: Iterable[TagCheck], pinned: Iterable[str]) -> tuple[MovedTag, ...]:
    """Return the tags that were moved; one whose index lists what was pinned was not.

    Args:
        ctx: For the registry and the deadline.
        checks: What the tags of recorded pins say.
        pinned: The releases that are pinned now.
    """
    now = frozenset(pinned)
    found: list[MovedTag] = []
    for check in checks:
        is_pinned = check.record.release in now
        if check.moved and not check.digest:
            found.append(MovedTag(check, is_pinned))
        elif check.moved:
            try:
                if parent_of(ctx, check.record.image, check.tag, check.digest) is None:
                    found.append(MovedTag(check, is_pinned))
            except CouldNotLook as problem:
                found.append(MovedTag(check, is_pinned, problem))
    return tuple(found)
