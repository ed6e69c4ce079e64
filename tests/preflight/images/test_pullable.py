"""preflight/images/pullable.py: what is asked for; the verdicts are in tests/checks/image_pullable/."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from preflight.errors import CouldNotLook
from preflight.images.pullable import Sighting, look_at_images
from preflight.lib.platforms import Platform
from preflight.lib.reference import ImageReference
from preflight.registry.errors import ManifestUnknown
from preflight.registry.values import IMAGE_TYPES, INDEX_TYPES, Manifest
from preflight.testing import fake_context

A, B, CONFIG, LAYER, INDEX = (f"sha256:{digit * 64}" for digit in "abcde")
HOST = Platform("linux", "arm", "v7")


class Registry:
    """Has manifests and blobs; remembers what it was asked for."""

    def __init__(self, manifests: Mapping[str, object], blobs: Mapping[str, bytes | None] | None = None) -> None:
        self._manifests, self._blobs, self.asked = manifests, blobs or {}, list[str]()

    def get_manifest(self, image: ImageReference, _deadline: Any) -> Manifest:
        """Return one with its bytes."""
        digest = image.digest or ""
        self.asked.append(f"manifest {digest}")
        if digest not in self._manifests:
            raise ManifestUnknown("gone", "")
        document = self._manifests[digest]
        kind = INDEX_TYPES[0] if isinstance(document, dict) and "manifests" in document else IMAGE_TYPES[0]
        return Manifest(digest, kind, 1, json.dumps(document).encode())

    head_manifest = get_manifest

    def has_blob(self, _image: Any, digest: str, _deadline: Any) -> bool:
        """Say whether it is there."""
        self.asked.append(f"has {digest}")
        return self._blobs.get(digest) is not None

    def get_blob(self, _image: Any, digest: str, _limit: int, _deadline: Any) -> bytes:
        """Return it."""
        return self._blobs[digest] or b""


class Engine:
    """Runs on ARM, or does not answer."""

    def __init__(self, *, silent: bool = False) -> None:
        self._silent = silent

    def platform(self, _deadline: Any) -> Platform:
        """Say what it pulls for."""
        if self._silent:
            raise CouldNotLook("no engine", "Start it.")
        return HOST

    def image(self, _digest: str, _deadline: Any) -> None:
        """Have none."""
        self.platform(_deadline)


def look(registry: Registry, digest: str, *, deep: bool = False, silent: bool = False) -> Sighting:
    """Look at one image."""
    ctx = fake_context(registry=registry, engine=Engine(silent=silent))
    [found] = look_at_images(ctx, [ImageReference("r", "a", None, digest)], deep=deep)
    return found


def image(platform: str = "arm") -> Registry:
    """Return a registry with a single image."""
    config = json.dumps({"os": "linux", "architecture": platform, "variant": "v7"}).encode()
    document = {"config": {"digest": CONFIG}, "layers": [{"digest": LAYER}]}
    return Registry({A: document}, {CONFIG: config, LAYER: b"x"})


@pytest.mark.parametrize("deep", [False, True])
def test_a_single_image_tells_its_platform(*, deep: bool) -> None:
    """From its configuration; of its layers only a deep look asks."""
    registry = image()

    found = look(registry, A, deep=deep)

    assert found.contents is not None
    assert found.contents.platform == HOST
    assert found.contents.layers == (1 if deep else None)
    assert (f"has {LAYER}" in registry.asked) is deep


def test_an_index_is_asked_for_all_its_children() -> None:
    """The host's own is chosen, else the best substitute; none is fetched unless looked into deeply."""
    entries = [
        {"digest": A, "platform": {"os": "linux", "architecture": "arm", "variant": "v6"}},
        {"digest": B, "platform": {"os": "linux", "architecture": "amd64"}},
    ]
    registry = Registry({INDEX: {"manifests": entries}, A: {}})

    found = look(registry, INDEX)

    assert found.is_index
    assert found.contents is None
    assert found.chosen is not None
    assert found.chosen.digest == A
    assert isinstance(found.answers[B], ManifestUnknown)


def test_an_engine_that_is_silent_costs_nothing() -> None:
    """The machine stands in."""
    found = look(image(), A, silent=True)

    assert found.host_said_by == "the machine"
    assert isinstance(found.stored, CouldNotLook)


def test_what_is_missing_is_named() -> None:
    """A configuration that is gone tells no platform."""
    registry = Registry({A: {"config": {"digest": CONFIG}, "layers": []}})

    found = look(registry, A)

    assert found.contents is not None
    assert found.contents.missing == (f"config {CONFIG[:19]}…",)
    assert found.contents.platform is None


def test_an_image_that_is_not_there() -> None:
    """The reason stands instead of its manifest."""
    assert isinstance(look(Registry({}), A).manifest, ManifestUnknown)
