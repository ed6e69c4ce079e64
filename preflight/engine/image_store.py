"""What an engine tells of itself and of the images it has."""

from collections.abc import Iterable, Mapping
from dataclasses import field
from enum import StrEnum

from preflight.engine.reader import Reader
from preflight.engine.shape import labels, mapping, sequence, text, texts
from preflight.errors import CouldNotLook
from preflight.lib.platforms import Platform, normal_platform
from preflight.lib.records import frozen

_MAX_NAMES = 20


@frozen
class StoredImage:
    """An image that the engine has.

    Args:
        tags: Its `NAME:TAG`, sorted.
        digests: Its `NAME@sha256:…` with the digest that was asked for, sorted.
    """

    tags: tuple[str, ...]
    digests: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """How it can be named, tags first."""
        return (*self.tags, *self.digests)


class StoreKind(StrEnum):
    """How an engine keeps its images; the value is for people."""

    CLASSIC = "classic image store"
    CONTAINERD = "containerd image store"


@frozen
class LocalImage:
    """An image that the engine has, with what decides whether it is kept.

    Args:
        id: `sha256:…`; of its configuration in the classic store, of its manifest or index in containerd's.
        tags: Its `NAME:TAG`, sorted.
        digests: Its `NAME@sha256:…`, sorted; older engines write `<none>@sha256:…` for one without name.
        labels: Those it was built with.
    """

    id: str
    tags: tuple[str, ...]
    digests: tuple[str, ...]
    labels: Mapping[str, str] = field(default_factory=dict, repr=False)


def local_image(said: object) -> LocalImage:
    """Take it from one item of `GET /images/json`, or from `GET /images/NAME/json`.

    Raises:
        WrongShapeError: It is none.
    """
    image = mapping(said, "an image")
    built_with = image.get("Labels") or mapping(image.get("Config"), "Config").get("Labels")
    tags = sorted(name for name in texts(image.get("RepoTags"), "RepoTags") if not name.startswith("<none>"))
    digests = sorted(texts(image.get("RepoDigests"), "RepoDigests"))
    return LocalImage(text(image.get("Id"), "Id"), tuple(tags), tuple(digests), labels(built_with))


def stored_image(images: Iterable[LocalImage], digest: str) -> StoredImage | None:
    """Return the image with that repository digest, or None if there is none among them."""
    tags: set[str] = set()
    digests: set[str] = set()
    here = False
    for each in images:
        named = [name for name in each.digests if name.endswith(f"@{digest}")]
        if named or each.id == digest:  # containerd's store names images by the digest itself
            here = True
            digests.update(name for name in named if not name.startswith("<none>"))
            tags.update(each.tags)
    return StoredImage(tuple(sorted(tags)[:_MAX_NAMES]), tuple(sorted(digests)[:_MAX_NAMES])) if here else None


def store_kind(reader: Reader) -> StoreKind:
    """Return how the engine keeps its images.

    With containerd's store `GET /info` has the pair `driver-type`, `io.containerd.snapshotter.v1` in its DriverStatus
    (Moby, daemon/containerd/service.go).
    """
    status = sequence(mapping(reader.get("info"), "the engine's information").get("DriverStatus"), "DriverStatus")
    snapshotter = any(
        "io.containerd.snapshotter" in str(part) for pair in status for part in texts(pair, "DriverStatus")
    )
    return StoreKind.CONTAINERD if snapshotter else StoreKind.CLASSIC


def engine_platform(reader: Reader) -> Platform:
    """Return what the engine pulls for. Of a 32-bit one on ARM, only the kernel's name tells the variant.

    Raises:
        CouldNotLook: It does not say.
    """
    said = mapping(reader.get("version"), "the engine's version")
    os_name, architecture = said.get("Os"), said.get("Arch")
    if not (isinstance(os_name, str) and isinstance(architecture, str) and os_name and architecture):
        raise CouldNotLook("the Docker engine does not say what it runs on", "See `docker version`.")
    if architecture != "arm":
        return normal_platform(os_name, architecture)
    kernel = normal_platform(
        os_name, str(mapping(reader.get("info"), "the engine's information").get("Architecture", ""))
    )
    variant = {"arm": kernel.variant, "arm64": "v8"}.get(kernel.architecture, "")
    return normal_platform(os_name, "arm", variant)
