"""The release's own tag: what it is, and how the image gets it."""

import time
from collections.abc import Callable
from dataclasses import replace

from preflight.errors import CouldNotLook
from preflight.lib.deadline import Deadline
from preflight.lib.records import frozen
from preflight.lib.reference import ImageReference, short_digest
from preflight.pin.refusal import Refused
from preflight.pin.update.order import Order
from preflight.pin.update.source import Patience, Source, find_source
from preflight.registry.door import Registry
from preflight.registry.errors import ManifestUnknown

_LOOKS = 4
_PAUSE_S = 1.0


@frozen
class Target:
    """The tag of the release.

    Args:
        image: Registry, repository and tag.
        digest: What it is; empty where there is no such tag.
        publish: The source has to be put there.
    """

    image: ImageReference
    digest: str
    publish: bool = False

    @property
    def tag(self) -> str:
        """The name of the tag."""
        return self.image.tag or ""


def look_at_target(registry: Registry, image: ImageReference, order: Order, source: Source) -> Target:
    """Look what the release's own tag is, before anything is written.

    Args:
        registry: The registry.
        image: Names registry and repository.
        order: May ask for another source, and that the tag is put there or moved.
        source: What is to be pinned.

    Raises:
        Refused: The tag is another image, and nobody said that it may move.
        CouldNotLook: The registry cannot be asked.
    """
    if not order.source:
        return Target(replace(image, tag=source.tag, digest=None), source.digest)
    try:
        found = find_source(registry, image, order.own_tags, Patience())
    except Refused:
        return Target(replace(image, tag=order.own_tags[0], digest=None), "", publish=order.retag)
    target = Target(replace(image, tag=found.tag, digest=None), found.digest, publish=found.digest != source.digest)
    if target.publish and not (order.retag and order.move_tag):
        raise Refused(
            f"the tag {target.tag} is {short_digest(target.digest)}, but {source.tag} is {short_digest(source.digest)}",
            "Publish the release from that source, or name another source. Where the tag itself is wrong, move it: "
            "--retag --move-tag.",
        )
    return target


def publish(registry: Registry, target: Target, source: Source, deadline: Deadline) -> bool:
    """Put the source under the release's own tag; return whether that was still necessary.

    Args:
        registry: The registry.
        target: As ``look_at_target`` found it.
        source: What to put there.
        deadline: When the registry must have answered.

    Raises:
        Refused: Somebody else put another image there meanwhile.
        NotWritable: The credentials may not push.
        CouldNotLook: The registry cannot be asked, or does not take it.
    """
    present = _digest(registry, target.image, deadline)
    if present == source.digest:
        return False
    if present != target.digest:
        raise Refused(
            f"the tag {target.tag} became {short_digest(present) if present else 'nothing'} meanwhile",
            "Look who publishes the same release, then run the same command again.",
        )
    registry.put_manifest(target.image, source.manifest, deadline)
    return True


def compare(
    registry: Registry,
    target: Target,
    source: Source,
    deadline: Deadline,
    sleep: Callable[[float], object] = time.sleep,
) -> None:
    """Read source and target again: both must have the bytes that are to be pinned.

    Args:
        registry: The registry. One that answers for a tag with a delay is asked a few times.
        target: The release's own tag.
        source: What was put there.
        deadline: When the registry must have answered.
        sleep: Waits for some seconds.

    Raises:
        Refused: The target has other bytes.
        CouldNotLook: One of them is gone, or the registry cannot be asked.
    """
    registry.refetch_manifest(replace(target.image, tag=None, digest=source.digest), deadline)
    found = ""
    for look in range(_LOOKS):
        if look:
            sleep(min(_PAUSE_S, deadline.remaining("the registry")))
        found = _digest(registry, target.image, deadline)
        if found == source.digest:
            return
    if not found:
        raise CouldNotLook(
            f"the tag {target.tag} of {target.image.name} is not there, though it was just published",
            "Look what the registry, or a clean-up, did with it; nothing was pinned.",
        )
    raise Refused(
        f"the tag {target.tag} is {short_digest(found)}, but {source.tag} is {short_digest(source.digest)}: the "
        "registry rewrites what it is sent, or somebody else pushes",
        "Nothing was pinned. Ask the registry's owner, or pin without --retag.",
    )


def _digest(registry: Registry, image: ImageReference, deadline: Deadline) -> str:
    try:
        return registry.refetch_manifest(image, deadline).digest
    except ManifestUnknown:
        return ""
