"""The one door to container registries. Light: the client behind it is loaded by the first question, in its thread."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from preflight.deadline import Deadline
from preflight.errors import CouldNotLook

if TYPE_CHECKING:
    from preflight.reference import ImageReference
    from preflight.registry.client import Client


@dataclass(frozen=True)
class Manifest:
    """A manifest that a registry answers for.

    Args:
        digest: What the registry calls it; computed from the bytes where there are any.
        media_type: Of an image or index, OCI or Docker.
        size: Bytes, or None where a HEAD did not say.
        body: The bytes; empty after a HEAD.
    """

    digest: str
    media_type: str
    size: int | None
    body: bytes = field(default=b"", repr=False)


@dataclass(frozen=True)
class Referrer:
    """A manifest that says it belongs to an image.

    Args:
        digest: `sha256:<hex>`.
        artifact_type: As the registry lists it; wrong in the lists that cosign writes itself (sigstore/cosign#4641).
    """

    digest: str
    artifact_type: str


class Registry:
    """Asks registries, each thing once a run, whoever wants to know. Thread-safe; nothing here writes.

    Args:
        environ: Names proxies and certificate bundles, and where Docker's credentials are.
        insecure: Hosts (with port, as in image references) that are asked over plain HTTP. No other host ever is.
        offline: Refuse to ask anything.
    """

    def __init__(
        self, environ: Mapping[str, str], insecure: frozenset[str] = frozenset(), *, offline: bool = False
    ) -> None:
        self._environ, self._insecure, self._offline = environ, insecure, offline
        self._made: Client | None = None
        self._lock = threading.Lock()

    def head_manifest(self, image: "ImageReference", deadline: Deadline) -> Manifest:
        """Ask whether a manifest is there, without fetching it where possible (a GET counts as a pull at some).

        Args:
            image: Its digest is asked for, else its tag, else `latest`.
            deadline: For all of it.

        Raises:
            ManifestUnknown: The repository answers, this manifest is not in it.
            WrongDigest: The registry answers for the digest with another one.
            CouldNotLook: Anything else; see preflight/registry/errors.py.
        """
        return self._client().head_manifest(image, deadline)

    def get_manifest(self, image: "ImageReference", deadline: Deadline) -> Manifest:
        """Fetch a manifest; its bytes have the digest that it bears.

        Raises:
            WrongDigest: The bytes are not those the digest names.
            CouldNotLook: As for ``head_manifest``.
        """
        return self._client().get_manifest(image, deadline)

    def tags(self, registry: str, repository: str, deadline: Deadline) -> tuple[str, ...]:
        """Return all tags of a repository, in the registry's order.

        Raises:
            RepositoryUnknown: There is no such repository, as far as our credentials can see.
            BadAnswer: The pages of the list do not end or make no sense.
            CouldNotLook: Anything else; see preflight/registry/errors.py.
        """
        return self._client().tags(registry, repository, deadline)

    def get_blob(self, image: "ImageReference", digest: str, limit: int, deadline: Deadline) -> bytes:
        """Fetch a small blob of an image's repository; its bytes have the digest.

        Args:
            image: Names the repository.
            digest: `sha256:<hex>`.
            limit: Bytes accepted.
            deadline: For all of it, including the storage that registries redirect to (without our credentials).

        Raises:
            WrongDigest: The bytes are not those the digest names.
            CouldNotLook: Anything else; see preflight/registry/errors.py.
        """
        return self._client().get_blob(image, digest, limit, deadline)

    def has_blob(self, image: "ImageReference", digest: str, deadline: Deadline) -> bool:
        """Ask whether a blob of an image's repository is there, of whatever size, without fetching it.

        Raises:
            CouldNotLook: Neither yes nor no; see preflight/registry/errors.py.
        """
        return self._client().has_blob(image, digest, deadline)

    def referrers(self, image: "ImageReference", deadline: Deadline) -> tuple[Referrer, ...]:
        """Return the manifests that refer to an image's digest: signatures, attestations, bills of materials.

        Asks the referrers API, and where there is none (GHCR, Docker Hub) reads the tag `sha256-<hex>`.

        Raises:
            CouldNotLook: The list cannot be had; see preflight/registry/errors.py.
        """
        return self._client().referrers(image, deadline)

    def identity(self, registry: str) -> str:
        """Return as whom that registry has been asked so far, fit to show; never a user name or secret."""
        return self._client().identity(registry)

    def _client(self) -> "Client":
        if self._offline:
            raise CouldNotLook("the registry was not asked: --offline", "Run again without --offline.")
        from preflight.registry.client import Client

        with self._lock:
            if self._made is None:
                self._made = Client(self._environ, self._insecure)
            return self._made
