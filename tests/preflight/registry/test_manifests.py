"""preflight/registry/manifests.py"""

import json
from typing import Any

import pytest

from preflight.lib.platforms import Platform
from preflight.registry.manifests import (
    MAX_CHILDREN,
    MAX_LAYERS,
    ManifestProblem,
    TooLong,
    is_index,
    read_config_platform,
    read_image,
    read_index,
)
from preflight.registry.values import IMAGE_TYPES, INDEX_TYPES, MANIFEST_TYPES, Manifest

A, B, C = (f"sha256:{digit * 64}" for digit in "abc")
AMD64 = {"os": "linux", "architecture": "amd64"}


def manifest(document: object, media_type: str = INDEX_TYPES[0]) -> Manifest:
    """Return a manifest as a registry hands it out."""
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    return Manifest(C, media_type, len(body), body)


def index(*entries: Any) -> Manifest:
    """Return an index of these entries."""
    return manifest({"manifests": list(entries)})


@pytest.mark.parametrize("media_type", MANIFEST_TYPES)
def test_types(media_type: str) -> None:
    """OCI's and Docker's, for indexes and images."""
    assert is_index(manifest({}, media_type)) is (media_type in INDEX_TYPES)
    assert (media_type in IMAGE_TYPES) is not (media_type in INDEX_TYPES)


def test_children_of_an_index() -> None:
    """Each once for each platform; attestations are told by annotation or by their platform."""
    note = {"digest": B, "mediaType": IMAGE_TYPES[0], "annotations": {"vnd.docker.reference.type": "x"}}
    unknown = {"digest": B, "platform": {"os": "unknown", "architecture": "unknown"}}
    image = {"digest": A, "mediaType": IMAGE_TYPES[0], "platform": AMD64}

    found = read_index(index(image, image, note, unknown, {"digest": B, "mediaType": INDEX_TYPES[1]}))

    assert [(each.digest, each.is_attestation, each.is_index) for each in found] == [
        (A, False, False),
        (B, True, False),
        (B, True, False),
        (B, False, True),
    ]
    assert found[0].platform == Platform("linux", "amd64")
    assert found[0].is_image


@pytest.mark.parametrize(
    ("document", "words"),
    [
        (b"<html>", "not valid JSON"),
        (b"[" * 100_000, "not valid JSON"),
        ([], "no JSON object"),
        ({}, "has no list of manifests"),
        ({"manifests": [{"digest": "x"}]}, "without a valid digest"),
        ({"manifests": [1]}, "without a valid digest"),
        ({"manifests": [{"digest": C}]}, "lists itself"),
        ({"manifests": [], "layers": []}, "index and image at once"),
        ({"manifests": [], "mediaType": IMAGE_TYPES[0]}, "another type than the registry says"),
        ({"manifests": [{"digest": A, "platform": {"os": "linux"}}]}, "does not say what the entry"),
    ],
)
def test_an_index_that_makes_no_sense(document: object, words: str) -> None:
    """A phrase that follows the image's name."""
    with pytest.raises(ManifestProblem, match=words):
        read_index(manifest(document))


def test_what_is_too_long_is_not_called_broken() -> None:
    """An engine may be able to use it."""
    with pytest.raises(TooLong, match=f"lists {MAX_CHILDREN + 1} manifests"):
        read_index(index(*({"digest": A} for _ in range(MAX_CHILDREN + 1))))
    layers = [{"digest": A}] * (MAX_LAYERS + 1)
    with pytest.raises(TooLong, match=f"has {MAX_LAYERS + 1} layers"):
        read_image(manifest({"config": {"digest": B}, "layers": layers}, IMAGE_TYPES[0]))


def test_parts_of_an_image() -> None:
    """Layers that lie elsewhere by their type are not asked for, and each is asked for once."""
    foreign = {"digest": C, "mediaType": "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip"}
    document = {"config": {"digest": A}, "layers": [{"digest": B}, {"digest": B}, foreign]}

    parts = read_image(manifest(document, IMAGE_TYPES[1]))

    assert (parts.config, parts.layers) == (A, (B,))


def test_the_platform_of_a_configuration() -> None:
    """As Docker writes it, variants included."""
    assert read_config_platform(json.dumps({**AMD64, "variant": ""}).encode()) == Platform("linux", "amd64")
    with pytest.raises(ManifestProblem, match="does not say what its configuration runs on"):
        read_config_platform(b"{}")
