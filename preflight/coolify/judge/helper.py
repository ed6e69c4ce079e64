"""Which Compose Coolify deploys with, the host's or that of its helper image, and what version the helper's is.

In default mode `up` runs inside the helper (AJ 887-893), else on the host (AJ 843-886, StartService.php 43). Every
application is *built* in the helper (AJ 770-794): in raw mode that Compose reads the file with `env_file:` as written.
"""

from collections.abc import Sequence
from enum import Enum
from functools import partial
from typing import TYPE_CHECKING

from preflight.compose.ask.binary import read_version
from preflight.coolify.judge.helper_cache import Remembered
from preflight.coolify.resource import Situation
from preflight.engine.container import Ended
from preflight.engine.image_store import LocalImage
from preflight.errors import CouldNotLook, DoesNotApply
from preflight.lib.parallel import together
from preflight.lib.records import frozen
from preflight.lib.regex import regex
from preflight.lib.text import printable
from preflight.lib.versions import Version, parse_version

if TYPE_CHECKING:
    from preflight.context import Context
    from preflight.coolify.host.mode import Mode

_HELPER = regex(r"(?:^|/)coollabsio/coolify-helper(?::(?P<tag>[^:@/]+)|@sha256:[0-9a-f]{64})")
_ASK = ("docker", "compose", "version")
_AT_MOST = 6
_WHAT = "Coolify's helper"
_RUNNING = "running"


class HelperPart(Enum):
    """What the helper's Compose does for a service; no part at all is the host's Compose alone."""

    UP = "up"
    BUILD = "build"
    NONE = "none"
    UNKNOWN = "unknown"


@frozen
class Deploying:
    """Which Compose deploys a service.

    Args:
        service: The service of the repository's compose file.
        part: What the helper's does.
        situation: How Coolify will deploy it next; None where nothing tells.
        outside: Why it is none of Coolify's; then ``part`` is NONE.
        problem: Why nothing tells.
    """

    service: str
    part: HelperPart
    situation: Situation | None = None
    outside: DoesNotApply | None = None
    problem: CouldNotLook | None = None


@frozen
class HelperCompose:
    """What a helper image answered.

    Args:
        name: The image's, for people and commands.
        tag: Short name: "1.0.15"; a part of its digest where it has no tag.
        answer: The line with which it answered, fit to show.
        version: What that line names; None where nothing can be read.
        problem: Why there is no answer; empty otherwise.
    """

    name: str
    tag: str
    answer: str = ""
    version: Version | None = None
    problem: str = ""

    @property
    def by_hand(self) -> str:
        """The command that asks it."""
        return f"docker run --rm --network none --pull never {self.name} {' '.join(_ASK)}"


def who_deploys(ctx: "Context") -> tuple[Deploying, ...]:
    """Tell for the service of each pin which Compose deploys it; a service that two pins name is told once."""
    return tuple(_who_deploys(ctx, service) for service in dict.fromkeys(pin.service for pin in ctx.pins))


def _who_deploys(ctx: "Context", service: str) -> Deploying:
    coolify = ctx.doors.coolify
    try:
        resource = coolify.resource(service, ctx.deadline)
    except DoesNotApply as reason:
        return Deploying(service, HelperPart.NONE, outside=reason)
    except CouldNotLook as problem:
        return Deploying(service, HelperPart.UNKNOWN, problem=problem)
    try:
        mode = coolify.mode(resource, ctx.deadline)
    except CouldNotLook as problem:
        return Deploying(service, HelperPart.UNKNOWN, problem=problem)
    situation = _coming(mode)
    return Deploying(service, _part(situation), situation)


def _coming(mode: "Mode") -> Situation:
    return mode.next or mode.situation


def _part(situation: Situation) -> HelperPart:
    if not situation.ups_on_host:
        return HelperPart.UP
    if situation in {Situation.RAW, Situation.RAW_PRESERVED}:
        return HelperPart.BUILD
    # What it builds has lost the long form (AJ 696-703); a service stack never meets the helper.
    return HelperPart.NONE


def ask_helpers(ctx: "Context") -> tuple[HelperCompose, ...]:
    """Ask the helper images on this host for their Compose: those in use, else the newest, else all.

    Returns:
        Empty where there is none.

    Raises:
        CouldNotLook: The engine cannot be asked for its images.
    """
    engine, deadline = ctx.doors.engine, ctx.deadline
    helpers = [image for image in engine.images(deadline) if _names(image)]
    if len(helpers) > 1:
        used = {each.image_id for each in engine.containers({}, deadline) if each.state == _RUNNING}
        helpers = _choose(helpers, used)
    asks = [partial(_ask, ctx, image) for image in helpers]
    return tuple(_answer(image, said) for image, said in zip(helpers, together(asks, deadline, _WHAT), strict=True))


def _ask(ctx: "Context", image: LocalImage) -> Ended:
    """Ask an image, unless it has answered before with a version."""
    memory = Remembered(ctx.environ)
    known = memory.recall(image.id)
    if known is not None:
        return Ended(0, known.encode())
    ended = ctx.doors.engine.run_throwaway(image.id, _ASK, ctx.deadline)
    answer, version = read_version(ended.stdout.decode("utf-8", "replace"))
    if ended.exit_code == 0 and version is not None:
        memory.keep(image.id, answer)
    return ended


def _names(image: LocalImage) -> list[str]:
    """Return what a helper image is called, best first; nothing for any other image."""
    return [name for name in (*image.tags, *image.digests) if _HELPER.search(name)]


def _tag(image: LocalImage) -> str:
    found = _HELPER.search(_names(image)[0])
    return (found["tag"] if found else None) or image.id.removeprefix("sha256:")[:12]


def _choose(helpers: Sequence[LocalImage], used: set[str]) -> list[LocalImage]:
    in_use = [image for image in helpers if image.id in used]
    if in_use:
        return in_use[:_AT_MOST]
    try:
        return [max(helpers, key=lambda image: parse_version(_tag(image)).number)]
    except ValueError:  # "latest", "next": nothing tells which is newer
        return list(helpers[:_AT_MOST])


def _answer(image: LocalImage, said: Ended | CouldNotLook) -> HelperCompose:
    name, tag = printable(_names(image)[0]), printable(_tag(image), 40)
    if isinstance(said, CouldNotLook):
        return HelperCompose(name, tag, problem=said.message)
    if said.not_there:
        return HelperCompose(name, tag, problem="it has no `docker` to ask")
    answer, found = read_version(said.stdout.decode("utf-8", "replace"))
    if said.exit_code != 0:
        return HelperCompose(name, tag, answer, problem=f"`docker compose version` ended with {said.exit_code}")
    try:
        return HelperCompose(name, tag, answer, parse_version(found or ""))
    except ValueError:
        return HelperCompose(name, tag, answer, problem="it answered, but not with a version")
