"""Which release tag of a registry points at a digest, and whether a newer release is there."""

from collections.abc import Sequence
from dataclasses import replace
from enum import StrEnum
from functools import partial

from preflight.context import Context
from preflight.errors import CouldNotLook
from preflight.lib.parallel import together
from preflight.lib.records import frozen
from preflight.lib.reference import ImageReference
from preflight.registry.errors import ManifestUnknown
from preflight.releases.names import Release
from preflight.releases.rollback import Rollback

_FIRST_BATCH, _NEXT_BATCH = 2, 8  # two: as many connections are open by then


@frozen
class Holding:
    """What is known of the tags that may hold a digest.

    Args:
        total: How many release tags there are.
        asked: How many of them were to be asked, at most.
        tag: The first that points at the digest; empty if none does.
        release: To which that tag belongs; None without one.
        newest: The newest full release, if it is newer than that and has other bytes; else None.
        problem: What kept a tag from being asked, so that "none" is not known; else None.
    """

    total: int
    asked: int
    tag: str = ""
    release: Release | None = None
    newest: Release | None = None
    problem: CouldNotLook | None = None


class Hold(StrEnum):
    """What holds a pinned digest."""

    RELEASE = "a release"
    OLDER = "a release that is older than the newest, and no commit went back to it"
    PRERELEASE = "a pre-release alone"
    NONE = "no release tag"
    NOT_ALL_ASKED = "none of those asked"
    UNKNOWN = "none of those that answered"


def judge_holding(found: Holding, rollback: Rollback | None) -> Hold:
    """Return what holds a digest.

    Args:
        found: What is known of the tags.
        rollback: The commit that took the pin back to where it is; None where no commit did.
    """
    if found.release is None:
        if found.problem is not None:
            return Hold.UNKNOWN
        return Hold.NOT_ALL_ASKED if found.asked < found.total else Hold.NONE
    if found.newest is not None and not (rollback and rollback.explains(found.newest)):
        return Hold.OLDER
    return Hold.RELEASE if found.release.is_final else Hold.PRERELEASE


def find_holding(
    ctx: Context, image: ImageReference, there: Sequence[Release], likely: frozenset[str], limit: int
) -> Holding:
    """Ask for the tags of releases, the likeliest first, until one points at the digest.

    Args:
        ctx: For the registry and the deadline.
        image: With the digest.
        there: The releases that the registry lists, newest first.
        likely: Versions to ask first.
        limit: How many tags are asked at most.
    """
    releases = sorted(there, key=lambda release: (not release.is_final, release.name not in likely))
    owners = {tag: release for release in releases for tag in release.tags}
    asked = list(owners)[:limit]
    tag, problem = _find_tag(ctx, image, asked)
    if tag is None:
        return Holding(len(owners), len(asked), problem=problem)
    release = owners[tag]
    newest = next((each for each in there if each.is_final), release)
    newer = newest.order > release.order and _find_tag(ctx, image, newest.tags)[0] is None
    return Holding(len(owners), len(asked), tag, release, newest if newer else None)


def _find_tag(ctx: Context, image: ImageReference, tags: Sequence[str]) -> tuple[str | None, CouldNotLook | None]:
    """Ask, a few at a time, in order; return the first tag that points at the digest, or what kept one from it."""
    place, size = 0, _FIRST_BATCH
    while place < len(tags):
        batch = tags[place : place + size]
        calls = [
            partial(ctx.doors.registry.head_manifest, replace(image, tag=tag, digest=None), ctx.deadline)
            for tag in batch
        ]
        problem: CouldNotLook | None = None
        for tag, answer in zip(batch, together(calls, ctx.deadline, image.registry), strict=True):
            if isinstance(answer, ManifestUnknown):
                continue  # listed, but gone: it points nowhere
            if isinstance(answer, CouldNotLook):
                problem = problem or answer
            elif answer.digest == image.digest:
                return tag, None
        if problem is not None:
            return None, problem
        place, size = place + len(batch), _NEXT_BATCH
    return None, None
