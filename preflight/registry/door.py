"""The one door to container registries. Light: the client behind it is loaded by the first question, in its thread."""

import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING

from preflight.errors import CouldNotLook
from preflight.lib.deadline import Deadline
from preflight.registry.values import Manifest, Referrer

if TYPE_CHECKING:
    from preflight.lib.reference import ImageReference
    from preflight.registry.client import Client


class Registry:
    """Asks registries, each thing once a run, whoever wants to know. Thread-safe; only ``put_manifest`` writes.

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
            image: The image; its digest is asked for, else its tag, else `latest`.
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

    def refetch_manifest(self, image: "ImageReference", deadline: Deadline) -> Manifest:
        """Fetch a manifest whatever was answered before: a tag may have appeared or moved meanwhile.

        Raises:
            CouldNotLook: As for ``get_manifest``.
        """
        return self._client().refetch_manifest(image, deadline)

    def put_manifest(self, image: "ImageReference", manifest: Manifest, deadline: Deadline) -> None:
        """Put a manifest that the repository has under another tag, byte for byte; one that is there is moved.

        Args:
            image: Names repository and tag.
            manifest: With its bytes, as ``get_manifest`` returns it.
            deadline: For all of it.

        Raises:
            NotWritable: The credentials that Docker has for this registry may not push.
            CouldNotLook: Anything else; see preflight/registry/errors.py.
        """
        self._client().put_manifest(image, manifest, deadline)

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

    def refused_login(self, registry: str) -> str:
        """Return where Docker's login for a registry stands, if the registry refuses it but answers without one.

        Docker itself does not try that: its pulls fail until `docker logout`.
        """
        return self._client().refused_login(registry)

    def _client(self) -> "Client":
        if self._offline:
            raise CouldNotLook("the registry was not asked: --offline", "Run again without --offline.")
        from preflight.registry.client import Client

        with self._lock:
            if self._made is None:
                self._made = Client(self._environ, self._insecure)
            return self._made
