"""What an engine tells of itself and of the images it has. Imports no SDK: the door hands in its client."""

from dataclasses import dataclass
from typing import Any, Protocol

from preflight.errors import CouldNotLook
from preflight.images.platforms import Platform, normal_platform

_MAX_NAMES = 20


class StoreClient(Protocol):
    """What is used of the SDK's client."""

    def images(self) -> Any:
        """`GET /images/json`."""

    def info(self) -> Any:
        """`GET /info`."""

    def version(self) -> Any:
        """`GET /version`."""


@dataclass(frozen=True)
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


def stored_image(client: StoreClient, digest: str) -> StoredImage | None:
    """Return the image with that repository digest, or None if the engine has none."""
    tags: set[str] = set()
    digests: set[str] = set()
    here = False
    for each in client.images():
        named = [name for name in each.get("RepoDigests") or () if name.endswith(f"@{digest}")]
        if named or each.get("Id") == digest:  # containerd's store names images by the digest itself
            here = True
            digests.update(name for name in named if not name.startswith("<none>"))
            tags.update(name for name in each.get("RepoTags") or () if not name.startswith("<none>"))
    return StoredImage(tuple(sorted(tags)[:_MAX_NAMES]), tuple(sorted(digests)[:_MAX_NAMES])) if here else None


def engine_platform(client: StoreClient) -> Platform:
    """Return what the engine pulls for. Of a 32-bit one on ARM, only the kernel's name tells the variant.

    Raises:
        CouldNotLook: It does not say.
    """
    said = client.version()
    os_name, architecture = said.get("Os"), said.get("Arch")
    if not (isinstance(os_name, str) and isinstance(architecture, str) and os_name and architecture):
        raise CouldNotLook("the Docker engine does not say what it runs on", "See `docker version`.")
    if architecture != "arm":
        return normal_platform(os_name, architecture)
    kernel = normal_platform(os_name, str(client.info().get("Architecture", "")))
    variant = {"arm": kernel.variant, "arm64": "v8"}.get(kernel.architecture, "")
    return normal_platform(os_name, "arm", variant)
