"""A digest that is not the one to pin: of one platform's image in an index, or an image's id."""

import json
from dataclasses import replace
from functools import partial

from preflight.context import Context
from preflight.errors import CouldNotLook
from preflight.lib.parallel import together
from preflight.lib.records import frozen
from preflight.lib.reference import ImageReference
from preflight.lib.text import printable
from preflight.registry.manifests import ManifestProblem, is_index, read_index
from preflight.releases.names import Release

_MAX_CONFIG = 4 << 20
_MOST_ASKED, _AT_ONCE = 24, 8
"""Tags whose index is read, each one request, where no tag points at the digest itself."""
_WHAT = "the registry"


@frozen
class Parent:
    """The index that lists a digest.

    Args:
        tag: The tag that points at it.
        digest: The digest of the index, the one to pin.
        platform: Under which it lists the other, e.g. "linux/amd64"; "one platform" where it does not say.
    """

    tag: str
    digest: str
    platform: str


def parent_of(ctx: Context, image: ImageReference, tag: str, digest: str = "") -> Parent | None:
    """Return what lists an image's digest, if the index that a tag points at does.

    Args:
        ctx: For the registry.
        image: By digest.
        tag: The tag of the index.
        digest: At which it points, where that is known.

    Raises:
        CouldNotLook: The registry cannot be asked.
    """
    asked = replace(image, tag=None if digest else tag, digest=digest or None)
    manifest = ctx.doors.registry.get_manifest(asked, ctx.deadline)
    try:
        children = read_index(manifest) if is_index(manifest) else ()
    except ManifestProblem:  # image-pullable says what is wrong with it
        return None
    found = next((each for each in children if each.digest == image.digest), None)
    if found is None:
        return None
    return Parent(tag, manifest.digest, str(found.platform) if found.platform is not None else "one platform")


def find_parent(
    ctx: Context, image: ImageReference, there: tuple[Release, ...], likely: frozenset[str]
) -> Parent | None:
    """Return the index of a release that lists an image's digest: of those its commits name, then of the newest.

    None also where nobody can tell: then it is only known that no tag points at the digest itself.
    """
    releases = sorted(there, key=lambda release: release.name not in likely)
    tags = [tag for release in releases for tag in release.tags][:_MOST_ASKED]
    asked = together([partial(parent_of, ctx, image, tag) for tag in tags], ctx.deadline, _WHAT, at_once=_AT_ONCE)
    return next((each for each in asked if isinstance(each, Parent)), None)


def is_image_id(ctx: Context, image: ImageReference) -> bool:
    """Whether a digest is that of an image's configuration, which `docker images` shows as its id."""
    try:
        body = ctx.doors.registry.get_blob(image, image.digest or "", _MAX_CONFIG, ctx.deadline)
        said = json.loads(body)
    except (CouldNotLook, ValueError, RecursionError):
        return False
    return isinstance(said, dict) and "rootfs" in said


def says_child(image: ImageReference, parent: Parent) -> tuple[str, str]:
    """Return what to say of a pin of one platform's image, and what to do."""
    words = (
        f"you pinned the {parent.platform} image of {printable(parent.tag, 60)}, whose index is {parent.digest[:19]}…"
    )
    return words, f"Pin the index, for every platform: {printable(image.name, 160)}@{parent.digest}"
