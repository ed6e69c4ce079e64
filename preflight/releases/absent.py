"""Why a registry does not answer for a pinned digest, and what that means."""

from collections.abc import Sequence
from enum import StrEnum

from preflight.context import Context
from preflight.errors import CouldNotLook
from preflight.lib.records import frozen
from preflight.lib.reference import ImageReference
from preflight.lib.text import plural, printable
from preflight.registry.errors import ManifestUnknown, RepositoryUnknown, WrongDigest
from preflight.releases.words import short_image, start_of
from preflight.releases.wrong_digest import is_image_id


class Absence(StrEnum):
    """What an answer of the registry says is wrong."""

    IMAGE_ID = "the digest is an image's id"
    DIGEST = "no such digest"
    REPOSITORY = "no such repository"
    WRONG_BYTES = "other bytes"
    UNKNOWN = "the registry cannot be asked"


@frozen
class Absent:
    """Why there is no answer.

    Args:
        absence: What is wrong.
        message: One line.
        hint: What to do.
    """

    absence: Absence
    message: str
    hint: str


def judge_absence(problem: CouldNotLook) -> Absence:
    """Return what an answer of the registry, to any question about a repository, says is wrong."""
    if isinstance(problem, ManifestUnknown):
        return Absence.DIGEST
    if isinstance(problem, RepositoryUnknown):
        return Absence.REPOSITORY
    return Absence.WRONG_BYTES if isinstance(problem, WrongDigest) else Absence.UNKNOWN


def explain_absence(
    ctx: Context, image: ImageReference, problem: CouldNotLook, tags: Sequence[str] | CouldNotLook, asked_as: str
) -> Absent:
    """Say why the registry does not answer for a digest; whether it lists the repository's tags tells more.

    Args:
        ctx: For the registry and the deadline.
        image: What is pinned.
        problem: What the registry answered for it.
        tags: What it answered for the tags.
        asked_as: With which credentials.
    """
    absence = judge_absence(problem)
    if absence is Absence.DIGEST and is_image_id(ctx, image):
        message = f"{short_image(image)} is the id of an image (the digest of its configuration), no digest to pull"
        hint = f"Pin what this prints as Digest: docker buildx imagetools inspect {printable(image.name, 120)}:TAG"
        return Absent(Absence.IMAGE_ID, message, hint)
    if absence is not Absence.DIGEST or isinstance(tags, CouldNotLook):
        return Absent(absence, problem.message, problem.hint)
    name, again = printable(image.name, 120), f"push the image of {start_of(image.digest)} again"
    there = f"{name} answers with {plural(len(tags), 'tag')}, but does not have the pinned digest"
    back = f"Take the pin back to a release that is there: preflight pin rollback. Or {again}."
    hint = f"{back} And stop the clean-up that took it." if tags else f"{again[0].upper()}{again[1:]}: no tag is there."
    return Absent(absence, f"{there}: it was pruned, or never pushed there (asked as {asked_as})", hint)


def tells_of_the_repository(problem: object) -> bool:
    """Whether an answer for a digest already tells that the whole repository cannot be asked."""
    return isinstance(problem, CouldNotLook) and judge_absence(problem) in {Absence.REPOSITORY, Absence.UNKNOWN}
