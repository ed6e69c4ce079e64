"""Whether Coolify's nightly clean-up leaves an image on this host.

The clean-up (app/Actions/Server/CleanupDocker.php 53-62, 91-137, at Coolify 4.3.11; on by default, at midnight):
0. `docker rmi`, whatever the labels, of tags in each application's own repository (its Docker image name in Coolify,
   else its UUID; names that begin alike too): all of `pr-*`, and of the others those beyond the two newest. An
   application of the build pack Docker Compose has no such name unless someone enters one;
1. `docker container prune` of stopped containers that Coolify manages. It means to spare applications, services and
   databases by several filters `label!=…`, but an engine spares only what matches all of them (seen with Docker 20.10;
   Moby, daemon/prune.go, matchLabels), which nothing does;
2. `docker image prune -f`: in the classic store every image without a tag, its labels notwithstanding; in containerd's
   only images that lost their name;
3. `docker rmi` of every tag whose image is not labelled `coolify.managed=true`; one in use stays, and so do those in
   an application's own repository;
4. `docker builder prune -af` and `docker buildx prune`, and the older ones of Coolify's own images.
Before 4.0.0-beta.453 steps 2 and 3 were `docker image prune -af --filter label!=coolify.managed=true`; from there to
beta.465 step 3 could not read the label. No step removes an image of which there is a container, running or not; but
where it has names of several repositories, its container does not keep all of them (preflight/engine/image_names.py).
"""

import os.path
from collections.abc import Iterable
from enum import Enum
from typing import TYPE_CHECKING

from preflight.compose.labels import ONE_OFF, SERVICE
from preflight.coolify.resource import MANAGED, VERSION
from preflight.engine.container import Container
from preflight.engine.image_names import names_left, names_of_others, repository_of
from preflight.engine.image_store import LocalImage, StoreKind
from preflight.errors import DoesNotApply
from preflight.lib.records import frozen
from preflight.lib.reference import ImageReference, ReferenceProblem, parse_reference
from preflight.lib.text import printable
from preflight.lib.versions import Version, parse_version

if TYPE_CHECKING:
    from preflight.context import Context

_TAGS_FROM = parse_version("4.0.0-beta.453")
_LABELS_FROM = parse_version("4.0.0-beta.466")
_RUNNING = ("running", "paused", "restarting")
_CREATED = "created"


class CleanupRules(Enum):
    """What the clean-up does, by version of Coolify."""

    ALL_UNUSED = "before 4.0.0-beta.453"
    ALL_TAGS = "before 4.0.0-beta.466"
    PRESENT = "today"


@frozen
class Holder:
    """A container made from the image, so that the engine keeps it.

    Args:
        name: The container's.
        state: As in ``Container``.
        lasting: Whether it stays: never started, or a Compose service's. Any other may end, and be removed, before
            midnight.
    """

    name: str
    state: str
    lasting: bool


@frozen
class KeptImage:
    """What was seen of one image.

    Args:
        reference: As its user asks for it, `NAME@sha256:…`.
        image: What the engine has under that reference; None if it would have to pull.
        elsewhere: Under which other names the engine has the same digest.
        store: How the engine keeps images.
        holders: The containers that keep it, lasting ones first.
        doomed: By which rules, among those that may be in force here, the clean-up deletes it once nothing holds it.
        unnamed: By which of them it may take the reference away, though a container holds the image.
        others: Its names of other repositories; without them its container keeps the reference too.
    """

    reference: str
    image: LocalImage | None
    elsewhere: tuple[str, ...]
    store: StoreKind
    holders: tuple[Holder, ...] = ()
    doomed: tuple[CleanupRules, ...] = ()
    unnamed: tuple[CleanupRules, ...] = ()
    others: tuple[str, ...] = ()

    @property
    def held(self) -> bool:
        """Whether a container keeps it for good."""
        return any(each.lasting for each in self.holders)


def look_at_kept_image(ctx: "Context", image: ImageReference) -> KeptImage:
    """Look whether the image is here and what keeps it.

    Args:
        ctx: For the doors and the deadline.
        image: With its digest.

    Raises:
        DoesNotApply: There is no Coolify here.
        CouldNotLook: The engine cannot be asked.
    """
    engine, deadline = ctx.doors.engine, ctx.deadline
    managed = demand_coolify(ctx)
    reference = str(image)
    found, store = engine.find_image(reference, deadline), engine.store(deadline)
    if found is None:
        stored = engine.image(image.digest or "", deadline)
        return KeptImage(reference, None, stored.names if stored else (), store)
    rules = _possible(_newest_version(managed))
    names = _Names(found, image)
    return KeptImage(
        reference,
        found,
        (),
        store,
        holders=_holders(found, engine.containers({}, deadline)),
        doomed=tuple(each for each in rules if _deletes(each, found, store)),
        unnamed=tuple(each for each in rules if store is StoreKind.CLASSIC and names.lost(each)),
        others=names.others,
    )


def demand_coolify(ctx: "Context") -> tuple[Container, ...]:
    """Return the containers that Coolify manages on this host.

    Raises:
        DoesNotApply: There is no Coolify here.
        CouldNotLook: The engine cannot be asked.
    """
    managed = ctx.doors.engine.containers({MANAGED: "true"}, ctx.deadline)
    settings = ctx.doors.coolify.settings
    if managed or settings.application or os.path.lexists(settings.root):
        return managed
    root = printable(str(settings.root))
    raise DoesNotApply(
        f"no Coolify here: its clean-up does not run, since no container is labelled {MANAGED}=true and "
        f"there is no {root}",
        "Run preflight on the server that Coolify deploys to; `coolify: {root: …}` names another folder.",
    )


def _newest_version(managed: Iterable[Container]) -> Version | None:
    """Return the newest Coolify that made a container here: today's is that one, or newer. Raw mode labels none."""
    found: list[Version] = []
    for container in managed:
        try:
            found.append(parse_version(container.labels.get(VERSION, "")))
        except ValueError:
            continue
    return max(found) if found else None


def _possible(at_least: Version | None) -> tuple[CleanupRules, ...]:
    """Return the rules that may be in force where Coolify is of that version or newer."""
    if at_least is None or at_least < _TAGS_FROM:
        return tuple(CleanupRules)
    return (CleanupRules.PRESENT,) if at_least.at_least(_LABELS_FROM) else (CleanupRules.ALL_TAGS, CleanupRules.PRESENT)


def _deletes(rules: CleanupRules, image: LocalImage, store: StoreKind) -> bool:
    labelled = image.labels.get(MANAGED) == "true"
    if rules is CleanupRules.ALL_UNUSED:
        return not labelled
    if image.tags:
        return not labelled or rules is CleanupRules.ALL_TAGS
    return store is StoreKind.CLASSIC


class _Names:
    """The names of an image in the classic store, and the reference among them."""

    def __init__(self, image: LocalImage, reference: ImageReference) -> None:
        self._image = image
        self._all = (*image.tags, *(each for each in image.digests if not each.startswith("<none>")))
        self._meant = frozenset(each for each in self._all if _is(each, reference))
        self._repository = next(map(repository_of, self._meant), "")

    def lost(self, rules: CleanupRules) -> bool:
        """Whether these rules may take the reference away from an image that a container holds.

        An engine lists the names of an image in no order that lasts: at worst, this one comes first.
        """
        return bool(self._meant) and not self._meant & names_left(self._all, self._asked(rules))

    @property
    def others(self) -> tuple[str, ...]:
        """What `docker rmi` has to take away so that one repository is left."""
        return names_of_others(self._all, self._repository)

    def _asked(self, rules: CleanupRules) -> tuple[str, ...]:
        """Return what the clean-up removes by name, those of others last."""
        if rules is CleanupRules.ALL_UNUSED:
            return ()  # `prune -a` takes names away too; but raw mode tells no version, and that one is not presumed
        asked = self._image.tags or self._all
        spared = self._image.tags and rules is CleanupRules.PRESENT and self._image.labels.get(MANAGED) == "true"
        return () if spared else tuple(sorted(asked, key=lambda name: repository_of(name) != self._repository))


def _is(name: str, reference: ImageReference) -> bool:
    try:
        found = parse_reference(name)
    except ReferenceProblem:
        return False
    return (found.name, found.digest) == (reference.name, reference.digest)


def _holders(image: LocalImage, containers: Iterable[Container]) -> tuple[Holder, ...]:
    """Return who keeps it; not a container that the clean-up itself removes first."""
    holders = [
        Holder(each.name, each.state, _is_lasting(each))
        for each in containers
        if each.image_id == image.id and not _is_pruned(each)
    ]
    return tuple(sorted(holders, key=lambda each: not each.lasting))


def _is_pruned(container: Container) -> bool:
    return container.state not in _RUNNING and container.labels.get(MANAGED) == "true"


def _is_lasting(container: Container) -> bool:
    service = SERVICE in container.labels and container.labels.get(ONE_OFF, "").lower() != "true"
    return container.state == _CREATED or service
