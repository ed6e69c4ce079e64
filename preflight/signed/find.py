"""Where signatures and attestations of an image lie: OCI referrers, and cosign's tags `.sig` and `.att`."""

import base64
import binascii
import json
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from preflight.errors import CouldNotLook
from preflight.http.errors import BadAnswer, Oversized
from preflight.lib.deadline import Deadline
from preflight.lib.parallel import together
from preflight.lib.records import frozen
from preflight.lib.reference import ImageReference, is_digest
from preflight.lib.text import printable
from preflight.registry.errors import ManifestUnknown
from preflight.signed.model import BUNDLE, ENVELOPE, SIMPLE_SIGNING, Bundle, Enveloped, Material, SimpleSigning

if TYPE_CHECKING:
    from preflight.registry.door import Registry
    from preflight.registry.values import Manifest, Referrer

_BLOB_LIMIT = 4 << 20
_TOTAL_LIMIT = 32 << 20
_MAX_LAYERS = 64
_IGNORED_BY_KIND = "application/vnd.oci."
"""cosign lists its bundles with the type of an empty OCI config (sigstore/cosign#4641), so that says nothing."""


@frozen
class Found:
    """What is attached to an image.

    Args:
        materials: To be verified.
        problems: Why some places could not be looked at; then "there is none" cannot be said.
    """

    materials: tuple[Material, ...]
    problems: tuple[CouldNotLook, ...] = ()

    def plus(self, other: "Found") -> "Found":
        """Return both."""
        return Found(self.materials + other.materials, self.problems + other.problems)


class _Reader:
    """Fetches what is attached to one image, up to a number of bytes in all; thread-safe.

    Args:
        registry: Asked.
        image: By digest.
        deadline: For all of it.
    """

    def __init__(self, registry: "Registry", image: ImageReference, deadline: Deadline) -> None:
        self.registry, self.image, self.deadline = registry, image, deadline
        self._left = _TOTAL_LIMIT
        self._lock = threading.Lock()

    def blob(self, layer: Mapping[str, Any], source: str) -> bytes:
        """Fetch what a descriptor describes.

        Args:
            layer: The descriptor.
            source: Where it lies, for the error.

        Raises:
            Oversized: That, or all so far, is more than signatures ever are.
        """
        size = layer.get("size")
        limit = size if type(size) is int and 0 < size <= _BLOB_LIMIT else _BLOB_LIMIT
        with self._lock:
            self._left -= limit
            if self._left < 0:
                name = printable(self.image.name, 120)
                raise Oversized(
                    f"more than {_TOTAL_LIMIT >> 20} MiB of signatures are attached to {name}; {source} was not read",
                    f"Ask who publishes the image to delete old ones: cosign tree {name}@{self.image.digest}",
                )
        if type(size) is int and size > _BLOB_LIMIT:
            raise Oversized(
                f"{source} was not read: it has {size >> 20} MiB, and signatures are never larger than "
                f"{_BLOB_LIMIT >> 20} MiB",
                f"Look what it is: cosign tree {printable(self.image.name, 120)}@{self.image.digest}",
            )
        return self.registry.get_blob(self.image, layer["digest"], limit, self.deadline)

    def manifest(self, *, tag: str | None = None, digest: str | None = None) -> "Manifest":
        """Fetch a manifest of the image's repository."""
        return self.registry.get_manifest(replace(self.image, tag=tag, digest=digest), self.deadline)


def find_signatures(registry: "Registry", image: ImageReference, deadline: Deadline) -> Found:
    """Return what lies under the tag `sha256-<hex>.sig`, and all bundles that refer to the digest."""
    reader = _Reader(registry, image, deadline)
    return _all([partial(_tagged, reader, ".sig", SIMPLE_SIGNING, SimpleSigning), partial(_bundles, reader)], deadline)


def find_tagged_attestations(registry: "Registry", image: ImageReference, deadline: Deadline) -> Found:
    """Return what lies under the tag `sha256-<hex>.att`, where `cosign attest` 2 puts attestations."""
    return _tagged(_Reader(registry, image, deadline), ".att", ENVELOPE, Enveloped)


def find_bundles(registry: "Registry", image: ImageReference, deadline: Deadline) -> Found:
    """Return all Sigstore bundles that refer to the digest."""
    return _bundles(_Reader(registry, image, deadline))


def _bundles(reader: _Reader) -> Found:
    referrers = [each for each in reader.registry.referrers(reader.image, reader.deadline) if _may_be_bundle(each)]
    return _all([partial(_bundles_of, reader, each) for each in referrers], reader.deadline)


def _all(calls: Sequence[Callable[[], Found]], deadline: Deadline) -> Found:
    found = Found(())
    for answer in together(calls, deadline, "the registry"):
        found = found.plus(Found((), (answer,)) if isinstance(answer, CouldNotLook) else answer)
    return found


def _tagged(reader: _Reader, suffix: str, media_type: str, make: Callable[..., Material]) -> Found:
    """Read a manifest under a tag made from the digest, as cosign up to 2 does: each layer is a signature."""
    tag = (reader.image.digest or "").replace(":", "-") + suffix
    try:
        manifest = reader.manifest(tag=tag)
    except ManifestUnknown:
        return Found(())
    layers = [layer for layer in _layers(manifest, reader.image) if layer["mediaType"] == media_type]
    if len(layers) > _MAX_LAYERS:
        raise Oversized(
            f"more than {_MAX_LAYERS} signatures under the tag {tag[:19]}…{suffix}",
            f"Delete old ones: cosign tree {reader.image.name}@{reader.image.digest}",
        )
    source = f"the tag {tag[:19]}…{suffix}"
    return _all([partial(_layer, reader, layer, source, make) for layer in layers], reader.deadline)


def _layer(reader: _Reader, layer: Mapping[str, Any], source: str, make: Callable[..., Material]) -> Found:
    annotations = layer.get("annotations")
    given = annotations if isinstance(annotations, dict) else {}
    texts = {str(name): value for name, value in given.items() if isinstance(value, str)}
    return Found((make(source, reader.blob(layer, source), texts),))


def _may_be_bundle(referrer: "Referrer") -> bool:
    kind = referrer.artifact_type
    return not kind or kind.startswith((BUNDLE, _IGNORED_BY_KIND))


def _bundles_of(reader: _Reader, referrer: "Referrer") -> Found:
    manifest = reader.manifest(digest=referrer.digest)
    layers = [layer for layer in _layers(manifest, reader.image) if layer["mediaType"].startswith(BUNDLE)]
    if len(layers) > _MAX_LAYERS:
        raise Oversized(
            f"more than {_MAX_LAYERS} bundles in the manifest {referrer.digest[:19]}…",
            f"Delete old ones: cosign tree {reader.image.name}@{reader.image.digest}",
        )
    source = f"the referrer {referrer.digest[:19]}…"
    return Found(tuple(Bundle(source, reader.blob(layer, source)) for layer in layers))


def _layers(manifest: "Manifest", image: ImageReference) -> list[dict[str, Any]]:
    """Return the layers of a manifest, each with media type and a digest that can be asked for."""
    try:
        layers = json.loads(manifest.body).get("layers") or []
        return [layer for layer in layers if isinstance(layer["mediaType"], str) and is_digest(layer["digest"])]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise BadAnswer(
            f"a manifest attached to the image of {printable(image.name, 120)} makes no sense",
            "Look at what is attached: cosign tree IMAGE, or oras discover IMAGE.",
        ) from None


def kind_of(material: Material) -> str:
    """Return what kind of statement a bundle or an envelope claims to hold, before any verification.

    Returns:
        A predicate type; "" for a signature over the bytes alone, and for what cannot be read.
    """
    if isinstance(material, SimpleSigning):
        return ""
    try:
        value = json.loads(material.data)
        envelope = value["dsseEnvelope"] if isinstance(material, Bundle) else value
        statement = json.loads(base64.b64decode(envelope["payload"], validate=True))
        kind = statement.get("predicateType")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, binascii.Error):
        return ""
    return kind if isinstance(kind, str) else ""
