"""Manifests and indexes read into plain values (OCI image specification 1.1; Docker manifest v2, schema 2).

What is read here has the digest that somebody pinned, so a mistake in it is no accident on the way: it is the image's
own, and stays. Whatever is larger than the limits below is refused, as engines do.
"""

import json
from collections.abc import Mapping
from typing import Any

from preflight.lib.platforms import Platform, normal_platform
from preflight.lib.records import frozen
from preflight.lib.reference import is_digest
from preflight.lib.text import printable
from preflight.registry.values import IMAGE_TYPES, INDEX_TYPES, Manifest

MAX_CHILDREN = 500
MAX_LAYERS = 500
_ATTESTATION = "vnd.docker.reference.type"
_FOREIGN = ("foreign", "nondistributable")


class ManifestProblem(ValueError):
    """A manifest that no engine could use; the text is one phrase that follows the image's name."""


class TooLong(ManifestProblem):
    """An index that lists more than is looked at; whether an engine could use it is not known."""


@frozen
class ImageChild:
    """One entry of an index.

    Args:
        digest: `sha256:<hex>`.
        media_type: As the index says, fit to show; empty where it does not.
        platform: None where the index does not say.
        is_attestation: Whether it is about another child and never runs (BuildKit's provenance and bills of materials).
    """

    digest: str
    media_type: str
    platform: Platform | None
    is_attestation: bool

    @property
    def is_index(self) -> bool:
        """Whether it is an index again."""
        return self.media_type in INDEX_TYPES

    @property
    def is_image(self) -> bool:
        """Whether it can be an image; entries without a type are taken for one, as engines do."""
        return not self.media_type or self.media_type in IMAGE_TYPES


@frozen
class ImageParts:
    """What an image is made of: the digests of its configuration and of the layers a registry has to have."""

    config: str
    layers: tuple[str, ...]


def is_index(manifest: Manifest) -> bool:
    """Whether a manifest's type says that it lists others."""
    return manifest.media_type in INDEX_TYPES


def read_index(manifest: Manifest) -> tuple[ImageChild, ...]:
    """Return the children of an index, each digest once for each platform.

    Raises:
        ManifestProblem: It makes no sense.
        TooLong: It lists more than ``MAX_CHILDREN``.
    """
    found = _object(manifest, forbidden=("config", "layers"))
    entries = _list(found, "manifests")
    if len(entries) > MAX_CHILDREN:
        raise TooLong(f"lists {len(entries)} manifests, more than the {MAX_CHILDREN} that are looked at")
    children = tuple(dict.fromkeys(_child(entry) for entry in entries))
    if any(child.digest == manifest.digest for child in children):
        raise ManifestProblem("is an index that lists itself")
    return children


def read_image(manifest: Manifest) -> ImageParts:
    """Return what an image is made of; layers that by their type lie elsewhere are left out.

    Raises:
        ManifestProblem: It makes no sense.
        TooLong: It has more than ``MAX_LAYERS`` layers.
    """
    found = _object(manifest, forbidden=("manifests",))
    entries = _list(found, "layers")
    if len(entries) > MAX_LAYERS:
        raise TooLong(f"has {len(entries)} layers, more than the {MAX_LAYERS} that are looked at")
    config, _ = _descriptor(found.get("config"), "config")
    layers = [_descriptor(entry, "layers") for entry in entries]
    here = (digest for digest, kind in layers if not any(word in kind for word in _FOREIGN))
    return ImageParts(config, tuple(dict.fromkeys(here)))


def read_config_platform(body: bytes) -> Platform:
    """Return the platform that an image's configuration states.

    Raises:
        ManifestProblem: It states none.
    """
    config = _parse(body, "has a configuration")
    return _platform(config, "its configuration")


def _object(manifest: Manifest, forbidden: tuple[str, ...]) -> dict[str, Any]:
    found = _parse(manifest.body, "is a manifest")
    said = found.get("mediaType", manifest.media_type)
    if said != manifest.media_type:
        raise ManifestProblem("says it is of another type than the registry says")
    if any(found.get(name) is not None for name in forbidden):
        raise ManifestProblem("is index and image at once, which engines refuse")
    return found


def _parse(body: bytes, what: str) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):  # UnicodeDecodeError is a ValueError
        raise ManifestProblem(f"{what} that is not valid JSON") from None
    if not isinstance(found, dict):
        raise ManifestProblem(f"{what} that is no JSON object")
    return found


def _list(found: Mapping[str, Any], name: str) -> list[Any]:
    entries = found.get(name)
    if not isinstance(entries, list):
        raise ManifestProblem(f"has no list of {name}")
    return entries


def _descriptor(entry: object, where: str) -> tuple[str, str]:
    """Return digest and media type."""
    digest = entry.get("digest") if isinstance(entry, dict) else None
    kind = entry.get("mediaType", "") if isinstance(entry, dict) else None
    if not isinstance(digest, str) or not is_digest(digest) or not isinstance(kind, str):
        raise ManifestProblem(f"has an entry in {where} without a valid digest and type")
    return digest, printable(kind, 120)


def _child(entry: Any) -> ImageChild:
    digest, kind = _descriptor(entry, "manifests")
    said = entry.get("platform")
    platform = None if said is None else _platform(said, f"the entry {digest[:19]}…")
    annotations = entry.get("annotations")
    noted = isinstance(annotations, dict) and _ATTESTATION in annotations
    return ImageChild(digest, kind, platform, noted or (platform is not None and platform.is_unknown))


def _platform(said: object, where: str) -> Platform:
    words = [said.get(name, "") for name in ("os", "architecture", "variant")] if isinstance(said, dict) else []
    texts = [printable(word, 40) for word in words if isinstance(word, str)]
    if len(texts) < len(("os", "architecture", "variant")) or not texts[0] or not texts[1]:
        raise ManifestProblem(f"does not say what {where} runs on")
    return normal_platform(*texts)
