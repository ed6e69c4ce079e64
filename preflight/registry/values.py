"""What a registry answers, as values."""

from dataclasses import field

from preflight.lib.records import frozen

OCI_INDEX = "application/vnd.oci.image.index.v1+json"
INDEX_TYPES = (OCI_INDEX, "application/vnd.docker.distribution.manifest.list.v2+json")
IMAGE_TYPES = ("application/vnd.oci.image.manifest.v1+json", "application/vnd.docker.distribution.manifest.v2+json")
MANIFEST_TYPES = (*INDEX_TYPES, *IMAGE_TYPES)
"""All media types that a digest can name. A registry that misses one in `Accept` may convert; the digest changes."""


@frozen
class Manifest:
    """A manifest that a registry answers for.

    Args:
        digest: What the registry calls it; computed from the bytes where there are any.
        media_type: The media type of an image or index, OCI or Docker.
        size: Bytes, or None where a HEAD did not say.
        body: The bytes; empty after a HEAD.
    """

    digest: str
    media_type: str
    size: int | None
    body: bytes = field(default=b"", repr=False)


@frozen
class Referrer:
    """A manifest that says it belongs to an image.

    Args:
        digest: `sha256:<hex>`.
        artifact_type: As the registry lists it; wrong in the lists that cosign writes itself (sigstore/cosign#4641).
    """

    digest: str
    artifact_type: str
