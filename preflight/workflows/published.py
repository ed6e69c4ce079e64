"""What the registry knows of a package's releases, where that decides how a step is judged."""

from preflight.context import Context
from preflight.errors import CouldNotLook
from preflight.lib.reference import ImageReference
from preflight.releases.names import find_releases
from preflight.workflows.judge import PackageReleases
from preflight.workflows.value import Tri

_ASK_S = 15.0
_MAX_TAGS = 50
_INDEXES = ("index.v1+json", "manifest.list.v2+json")


def known_releases(ctx: Context, image: ImageReference, given: PackageReleases) -> PackageReleases:
    """Return how releases look, as given, and where that is open as the registry says; no answer changes nothing."""
    return PackageReleases(given.tags or _tags(ctx, image), given.childless or _childless(ctx, image))


def _tags(ctx: Context, image: ImageReference) -> tuple[str, ...]:
    """Return the tags of full releases, newest first."""
    try:
        tags = ctx.doors.registry.tags(image.registry, image.repository, ctx.deadline.sooner(_ASK_S))
    except CouldNotLook:
        return ()
    finals = [tag for release in find_releases(tags) if release.is_final for tag in release.tags]
    return tuple(finals[:_MAX_TAGS])


def _childless(ctx: Context, image: ImageReference) -> Tri:
    """Whether the pinned image is a manifest without children."""
    try:
        manifest = ctx.doors.registry.head_manifest(image, ctx.deadline.sooner(_ASK_S))
    except CouldNotLook:
        return None
    return not manifest.media_type.endswith(_INDEXES)
