"""Tests of preflight/workflows/published.py."""

from typing import Any

import pytest

from preflight import CouldNotLook, Deadline
from preflight.lib.reference import parse_reference
from preflight.registry.values import Manifest
from preflight.testing import fake_context
from preflight.workflows.judge import PackageReleases
from preflight.workflows.published import known_releases

IMAGE = parse_reference(f"ghcr.io/acme/agent/runner@sha256:{'0' * 64}")
INDEX = "application/vnd.oci.image.index.v1+json"
LIST = "application/vnd.docker.distribution.manifest.list.v2+json"
SINGLE = "application/vnd.oci.image.manifest.v1+json"


class Registry:
    """Answers with given tags and a given kind of manifest, or not at all."""

    def __init__(self, tags: tuple[str, ...] | None, media_type: str) -> None:
        self._tags, self._media_type = tags, media_type

    def tags(self, *_: object) -> tuple[str, ...]:
        """Return them."""
        if self._tags is None:
            raise CouldNotLook("no answer", "Try again.")
        return self._tags

    def head_manifest(self, image: Any, _deadline: Deadline) -> Manifest:
        """Return one of that kind."""
        if not self._media_type:
            raise CouldNotLook("no answer", "Try again.")
        return Manifest(image.digest, self._media_type, None)


@pytest.mark.parametrize(
    ("tags", "media_type", "known"),
    [
        (("v1.0.0", "1.1.0", "latest", "1.2.0-rc1"), INDEX, PackageReleases(("1.1.0", "v1.0.0"), childless=False)),
        (("latest",), LIST, PackageReleases((), childless=False)),
        (None, SINGLE, PackageReleases((), childless=True)),
        (None, "", PackageReleases()),
    ],
)
def test_registry_says_how_releases_look(tags: tuple[str, ...] | None, media_type: str, known: PackageReleases) -> None:
    """The tags of full releases, newest first, and whether the pinned image has children; no answer changes nothing."""
    ctx = fake_context(registry=Registry(tags, media_type))

    assert known_releases(ctx, IMAGE, PackageReleases()) == known


def test_what_is_given_counts_first() -> None:
    """The settings are not overridden."""
    given = PackageReleases(("v9.0.0",), childless=True)

    assert known_releases(fake_context(registry=Registry(("v1.0.0",), INDEX)), IMAGE, given) == given
