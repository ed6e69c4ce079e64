"""checks/image_pullable.py: manifests that make no sense, or are not what the digest says."""

import json

import pytest

from checks.image_pullable import ImagePullable, Settings
from preflight.model import Status
from preflight.project import Pin
from preflight.registry.manifests import ManifestProblem, read_index
from preflight.registry.values import Manifest
from preflight.testing import fake_context, run_check
from tests.checks.image_pullable.stage import NAME, REPOSITORY, Stage, child, index, push, sound
from tests.fakes.ghcr import INDEX, MANIFEST, FakeGhcr
from tests.fakes.http_server import answering


@pytest.mark.parametrize(
    ("document", "status", "words"),
    [
        (b"{", Status.FAIL, "not valid JSON"),
        ({"layers": []}, Status.FAIL, "an entry in config without a valid digest"),
        ({"config": {"digest": f"sha256:{'a' * 64}"}}, Status.FAIL, "has no list of layers"),
        ({"config": {"digest": f"sha256:{'a' * 64}"}, "layers": [{}]}, Status.FAIL, "in layers without a valid digest"),
        ({"manifests": []}, Status.FAIL, "index and image at once"),
        (
            {
                "config": {"digest": f"sha256:{'a' * 64}"},
                "layers": [{"digest": f"sha256:{number:064x}"} for number in range(501)],
            },
            Status.ERROR,
            "has 501 layers, more than the 500 that are looked at",
        ),
    ],
)
def test_an_image_that_makes_no_sense(odd: Stage, ghcr: FakeGhcr, document: object, status: Status, words: str) -> None:
    """One clear line each, when its parts are asked for."""
    found = odd.verdict(push(ghcr, document, MANIFEST), deep=True)

    assert found.status is status
    assert words in found.message


def test_other_bytes_for_the_index_or_a_child_fail(odd: Stage, ghcr: FakeGhcr) -> None:
    """First all answers are right; then one bears another digest."""
    ghcr.challenge = ""
    image = push(ghcr, {"a": 1}, MANIFEST)
    digest = push(ghcr, index(child(image)))
    assert odd.verdict(digest).status is Status.PASS
    wrong = {"Content_Type": MANIFEST, "Docker_Content_Digest": f"sha256:{'9' * 64}"}
    ghcr.always(image, answering(200, b"{}", **wrong))

    found = odd.verdict(digest)
    assert found.status is Status.FAIL
    assert f"answers with other bytes for linux/amd64 {image[:19]}…" in found.message

    ghcr.always(digest, answering(200, b"{}", **{**wrong, "Content_Type": INDEX}))
    found = odd.verdict(digest)
    assert found.status is Status.FAIL
    assert found.message.endswith("with other bytes")
    assert found.hint.startswith("Do not deploy")


def test_a_tag_or_another_type_in_the_place_of_an_image(odd: Stage, ghcr: FakeGhcr) -> None:
    """What the pin names must be a digest, and what answers an image."""
    digest = sound(ghcr)[0]
    assert odd.verdict(digest).status is Status.PASS
    ghcr.challenge = ""
    other = {"Content_Type": "application/vnd.oci.empty.v1+json", "Docker_Content_Digest": digest}
    ghcr.always(digest, answering(200, b"{}", **other))
    found = odd.verdict(digest)
    assert found.status is Status.ERROR
    assert "application/vnd.oci.empty.v1+json, which is no manifest that can be pulled" in found.message

    odd.folder.joinpath("pin.env").write_text(f"{NAME}={odd.host}/{REPOSITORY}:1.0.0\n")
    pin = Pin(NAME, "app", odd.folder / "pin.env")
    ctx = fake_context(odd.folder, pins=(pin,), engine=odd.engine, seconds=5)
    [found] = run_check(ImagePullable(Settings()), ctx)
    assert found.status is Status.ERROR
    assert found.message == f"{NAME} has no digest to ask for"


@pytest.mark.parametrize(
    ("document", "words"),
    [
        (b"\xff\xfe", "not valid JSON"),
        (b"[" * 100_000, "not valid JSON"),
        (b"[]", "no JSON object"),
        ({"schemaVersion": 2}, "has no list of manifests"),
        (index(), "lists no image"),
        (index(7), "without a valid digest"),
        (index({"digest": "sha256:../.."}), "without a valid digest"),
        (index(child("sha256:" + "a" * 64, [])), "does not say what"),
        ({**index(), "layers": []}, "index and image at once"),
        ({**index(), "mediaType": MANIFEST}, "of another type"),
    ],
)
def test_an_index_that_makes_no_sense_fails(odd: Stage, ghcr: FakeGhcr, document: object, words: str) -> None:
    """One clear line each."""
    found = odd.verdict(push(ghcr, document))

    assert found.status is Status.FAIL
    assert words in found.message


def test_what_is_not_looked_at_never_passes(odd: Stage, ghcr: FakeGhcr) -> None:
    """Too many children, too many bytes, an image that the registry will not answer for."""
    many = index(*(child(f"sha256:{number:064x}") for number in range(501)))
    assert odd.verdict(push(ghcr, many)).status is Status.ERROR
    huge = odd.verdict(push(ghcr, {**index(), "annotations": {"x": "y" * (10 << 20)}}))
    assert (huge.status, "more than 4 MiB" in huge.message) == (Status.ERROR, True)
    image = push(ghcr, {"a": 1}, MANIFEST)
    digest = push(ghcr, index(child(image)))
    assert odd.verdict(digest).status is Status.PASS
    ghcr.always(image, answering(403))
    refused = odd.verdict(digest)
    assert (refused.status, "1 of 1 platform not seen" in refused.message) == (Status.ERROR, True)


def test_odd_entries_are_told(odd: Stage, ghcr: FakeGhcr) -> None:
    """An index in the index, an unknown type, a platform unsaid."""
    image = push(ghcr, {"a": 1}, MANIFEST)
    inner = push(ghcr, index(child(image)))
    nested = odd.look(push(ghcr, index(child(image), child(inner, mediaType=INDEX))))
    assert [each.status for each in nested] == [Status.PASS, Status.WARN]
    only = odd.look(push(ghcr, index(child(inner, mediaType=INDEX))))
    assert [each.status for each in only] == [Status.WARN, Status.ERROR]
    unknown = odd.look(push(ghcr, index(child(image), child(inner, mediaType="application/x-thing"))))
    assert [each.status for each in unknown] == [Status.PASS, Status.WARN]
    assert "no engine runs: application/x-thing" in unknown[1].message
    unsaid = odd.look(push(ghcr, index({"digest": image})))
    assert [each.status for each in unsaid] == [Status.PASS, Status.WARN]


def test_an_index_cannot_list_itself() -> None:
    """No honest digest does; a registry's might."""
    digest = f"sha256:{'a' * 64}"
    with pytest.raises(ManifestProblem, match="lists itself"):
        read_index(Manifest(digest, INDEX, None, json.dumps(index(child(digest))).encode()))
