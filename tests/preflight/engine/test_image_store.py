"""preflight/engine/image_store.py"""

from collections.abc import Mapping
from typing import Any

import pytest

from preflight.engine.image_store import (
    LocalImage,
    StoredImage,
    StoreKind,
    engine_platform,
    local_image,
    store_kind,
    stored_image,
)
from preflight.errors import CouldNotLook

DIGEST, OTHER = (f"sha256:{digit * 64}" for digit in "ab")


class FakeReader:
    """Says what it is told."""

    def __init__(self, version: Mapping[str, Any] | None = None, info: Mapping[str, Any] | None = None) -> None:
        self._answers = {"version": version or {}, "info": info or {}}

    def get(self, path: str, **params: str) -> Any:
        """Say it."""
        assert params == {}
        return self._answers[path]

    def api_version(self) -> str:
        """Any will do."""
        return "1.41"


@pytest.mark.parametrize(
    ("said", "image"),
    [
        (
            {"Id": OTHER, "RepoTags": ["b:1", "a:1"], "RepoDigests": [f"a@{DIGEST}"], "Labels": {"k": "v"}},
            LocalImage(OTHER, ("a:1", "b:1"), (f"a@{DIGEST}",), {"k": "v"}),
        ),
        ({"Id": OTHER, "RepoTags": ["<none>:<none>"], "RepoDigests": None}, LocalImage(OTHER, (), ())),
        ({"Id": OTHER, "RepoTags": None, "Config": {"Labels": {"k": "v"}}}, LocalImage(OTHER, (), (), {"k": "v"})),
        ({}, LocalImage("", (), ())),
    ],
)
def test_images_as_engines_list_them(said: Mapping[str, Any], image: LocalImage) -> None:
    """Old engines and new, in a list or alone."""
    assert local_image(said) == image


def test_an_image_is_found_by_its_digest() -> None:
    """In the classic store by a name with it, in containerd's by its id; names of others do not count."""
    images = [
        LocalImage(OTHER, ("a:1",), (f"a@{DIGEST}", f"<none>@{DIGEST}")),
        LocalImage(DIGEST, ("b:1",), (f"b@{OTHER}",)),
        LocalImage(OTHER, ("c:1",), (f"c@{OTHER}",)),
    ]

    assert stored_image(images, DIGEST) == StoredImage(("a:1", "b:1"), (f"a@{DIGEST}",))
    assert stored_image(images, f"sha256:{'c' * 64}") is None
    assert stored_image([LocalImage(DIGEST, (), ())], DIGEST) == StoredImage((), ())
    assert stored_image([LocalImage(OTHER, (), (f"<none>@{DIGEST}",))], DIGEST) == StoredImage((), ())


@pytest.mark.parametrize(
    ("info", "kind"),
    [
        ({"DriverStatus": [["driver-type", "io.containerd.snapshotter.v1"]]}, StoreKind.CONTAINERD),
        ({"DriverStatus": [["Backing Filesystem", "extfs"]]}, StoreKind.CLASSIC),
        ({"DriverStatus": None}, StoreKind.CLASSIC),
        ({}, StoreKind.CLASSIC),
    ],
)
def test_how_images_are_kept(info: Mapping[str, Any], kind: StoreKind) -> None:
    """Only the snapshotter tells."""
    assert store_kind(FakeReader(info=info)) is kind


@pytest.mark.parametrize(
    ("version", "info", "platform"),
    [
        ({"Os": "linux", "Arch": "amd64"}, {}, "linux/amd64"),
        ({"Os": "linux", "Arch": "arm64"}, {}, "linux/arm64"),
        ({"Os": "linux", "Arch": "arm"}, {"Architecture": "armv6l"}, "linux/arm/v6"),
        ({"Os": "linux", "Arch": "arm"}, {"Architecture": "aarch64"}, "linux/arm/v8"),
        ({"Os": "linux", "Arch": "arm"}, {}, "linux/arm/v7"),
    ],
)
def test_what_the_engine_pulls_for(version: Mapping[str, Any], info: Mapping[str, Any], platform: str) -> None:
    """On 32-bit ARM the kernel's name tells the variant."""
    assert str(engine_platform(FakeReader(version, info))) == platform


@pytest.mark.parametrize("version", [{}, {"Os": "linux"}, {"Os": "", "Arch": "amd64"}, {"Os": 1, "Arch": 2}])
def test_an_engine_that_does_not_say(version: Mapping[str, Any]) -> None:
    """Nothing is made up."""
    with pytest.raises(CouldNotLook, match="does not say what it runs on"):
        engine_platform(FakeReader(version))
