"""Whether an image would pull here: asks the registry for all of it, and the engine what this host is and has."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field, replace
from functools import partial
from typing import Any

from preflight.context import Context
from preflight.engine.image_store import StoredImage
from preflight.errors import CouldNotLook
from preflight.lib.parallel import together
from preflight.lib.platforms import Platform, substitutes, this_machine
from preflight.lib.records import frozen
from preflight.lib.reference import ImageReference
from preflight.registry.manifests import (
    ImageChild,
    ManifestProblem,
    is_index,
    read_config_platform,
    read_image,
    read_index,
)
from preflight.registry.values import Manifest

_ENGINE_S = 3.0
_AT_ONCE = 16
_AT_FIRST = 1
_CONFIG_LIMIT = 4 << 20
_WHAT = "the registry"


@frozen
class Contents:
    """What an image is made of, as far as the registry has it.

    Args:
        platform: What its configuration says it runs on; None where that could not be read.
        layers: How many were asked for; None where none was.
        missing: What the registry does not have, e.g. `layer sha256:0123456789ab…`.
        problem: Why something could not be asked for.
        malformed: What no engine could use.
    """

    platform: Platform | None = None
    layers: int | None = None
    missing: tuple[str, ...] = ()
    problem: CouldNotLook | None = None
    malformed: ManifestProblem | None = None


@frozen
class Sighting:
    """All that was seen of one image.

    Args:
        manifest: The registry's answer for the digest, or why there is none.
        children: The children of an index; empty for a single image.
        malformed: Why the children cannot be told.
        answers: By digest of a child.
        host: What this host runs.
        host_said_by: "the engine", or "the machine" where no engine says.
        stored: What the engine has of it; None if it has none; or why it was not looked at.
        contents: What this host would pull: all of it where that was wanted, of a single image its configuration.
    """

    manifest: Manifest | CouldNotLook
    host: Platform
    host_said_by: str
    stored: StoredImage | CouldNotLook | None
    children: tuple[ImageChild, ...] = ()
    malformed: ManifestProblem | None = None
    answers: Mapping[str, Manifest | CouldNotLook] = field(default_factory=dict)
    contents: Contents | None = None

    @property
    def is_index(self) -> bool:
        """Whether it is an image of several platforms."""
        return isinstance(self.manifest, Manifest) and is_index(self.manifest)

    @property
    def runnable(self) -> tuple[ImageChild, ...]:
        """The children that an engine could pull, each of a platform."""
        return tuple(child for child in self.children if child.is_image and not child.is_attestation)

    @property
    def chosen(self) -> ImageChild | None:
        """The child that an engine here takes: of its own platform, else of the best substitute."""
        for wanted in (self.host, *substitutes(self.host)):
            for child in self.runnable:
                if child.platform == wanted:
                    return child
        return None


def look_at_images(ctx: Context, images: Sequence[ImageReference], *, deep: bool) -> tuple[Sighting, ...]:
    """Look at several images side by side.

    Args:
        ctx: For the doors and the deadline; an engine that does not answer within three seconds is done without.
        images: Each with its digest.
        deep: Ask for every layer as well, and of an index for the configuration.
    """
    looked = together([partial(_look, ctx, image, deep=deep) for image in images], ctx.deadline, _WHAT)
    return tuple(
        Sighting(each, this_machine(), "the machine", each) if isinstance(each, CouldNotLook) else each
        for each in looked
    )


def _look(ctx: Context, image: ImageReference, *, deep: bool) -> Sighting:
    engine, soon = ctx.doors.engine, ctx.deadline.sooner(_ENGINE_S)
    calls: list[Callable[[], Any]] = [
        partial(_ask_registry, ctx, image),
        partial(engine.platform, soon),
        partial(engine.image, image.digest or "", soon),
    ]
    answers = together(calls, ctx.deadline, _WHAT)
    found: Sighting | CouldNotLook = answers[0]
    platform: Platform | CouldNotLook = answers[1]
    stored: StoredImage | CouldNotLook | None = answers[2]
    host = platform if isinstance(platform, Platform) else this_machine()
    by = "the engine" if isinstance(platform, Platform) else "the machine"
    if isinstance(found, CouldNotLook):
        return Sighting(found, host, by, stored)
    sighting = replace(found, host=host, host_said_by=by, stored=stored)
    if not deep and (sighting.is_index or sighting.malformed is not None):
        return sighting
    return replace(sighting, contents=_look_inside(ctx, image, sighting, deep=deep))


def _ask_registry(ctx: Context, image: ImageReference) -> Sighting:
    """Ask for the digest, and where it is an index, for all its children side by side."""
    door, deadline = ctx.doors.registry, ctx.deadline
    manifest = door.head_manifest(image, deadline)
    blank = Sighting(manifest, this_machine(), "", None)
    if not is_index(manifest):
        return blank
    try:
        children = read_index(door.get_manifest(image, deadline))
    except ManifestProblem as problem:
        return replace(blank, malformed=problem)
    digests = tuple(dict.fromkeys(child.digest for child in children if child.is_image or child.is_index))
    calls = [partial(door.head_manifest, replace(image, tag=None, digest=digest), deadline) for digest in digests]
    answers = together(calls, deadline, _WHAT, at_once=_AT_ONCE, at_first=_AT_FIRST)
    return replace(blank, children=children, answers=dict(zip(digests, answers, strict=True)))


def _look_inside(ctx: Context, image: ImageReference, seen: Sighting, *, deep: bool) -> Contents | None:
    """Ask for the parts of what this host would pull; None where that is nothing."""
    if seen.is_index:
        child = seen.chosen
        if child is None or isinstance(seen.answers[child.digest], CouldNotLook):
            return None
        image = replace(image, digest=child.digest)
    try:
        return _contents(ctx, image, deep=deep)
    except ManifestProblem as problem:
        return Contents(malformed=problem)
    except CouldNotLook as problem:
        return Contents(problem=problem)


def _contents(ctx: Context, image: ImageReference, *, deep: bool) -> Contents:
    door, deadline = ctx.doors.registry, ctx.deadline
    parts = read_image(door.get_manifest(image, deadline))
    layers = parts.layers if deep else ()
    wanted = {parts.config: "config", **{digest: "layer" for digest in layers if digest != parts.config}}
    calls = [partial(door.has_blob, image, digest, deadline) for digest in wanted]
    answers = dict(zip(wanted, together(calls, deadline, _WHAT, at_once=_AT_ONCE, at_first=_AT_FIRST), strict=True))
    missing = tuple(f"{wanted[digest]} {digest[:19]}…" for digest, there in answers.items() if there is False)
    problem = next((each for each in answers.values() if isinstance(each, CouldNotLook)), None)
    found = Contents(None, len(layers) if deep else None, missing, problem)
    if answers[parts.config] is not True:
        return found
    try:  # what was found missing so far is said whatever comes of this
        return replace(
            found, platform=read_config_platform(door.get_blob(image, parts.config, _CONFIG_LIMIT, deadline))
        )
    except ManifestProblem as malformed:
        return replace(found, malformed=malformed)
    except CouldNotLook as unread:
        return replace(found, problem=problem or unread)
