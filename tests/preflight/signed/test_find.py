"""preflight/signed/find.py: what else may lie where signatures are due, in a real registry."""

import json
from typing import TYPE_CHECKING, Any

import pytest

from preflight.http.errors import BadAnswer, Oversized
from preflight.lib.deadline import Deadline
from preflight.lib.reference import ImageReference
from preflight.registry.door import Registry
from preflight.signed.find import Found, find_bundles, find_signatures, find_tagged_attestations, kind_of
from preflight.signed.model import SIMPLE_SIGNING, Bundle, Enveloped, SimpleSigning
from tests.real.registry import RealRegistry
from tests.real.signing import BUNDLE_TYPE, EMPTY, INDEX, MANIFEST, attach_bundles, push_unsigned

if TYPE_CHECKING:
    from preflight.errors import CouldNotLook

pytestmark = pytest.mark.registry


class Place:
    """A repository of the test's own, with an image in it."""

    def __init__(self, registry: RealRegistry, name: str) -> None:
        self.registry, self.name = registry, name
        self.digest = push_unsigned(registry, name)
        self.image = ImageReference(registry.host, name, None, self.digest)
        self.door = Registry({}, frozenset({registry.host}))

    def put(self, tag: str, media_type: str, manifest: dict[str, Any]) -> str:
        """Push a manifest under a tag, or under its digest alone."""
        tags = (tag,) if tag else ()
        return self.registry._push_manifest(self.name, tags, media_type, {"schemaVersion": 2, **manifest})

    def put_signatures(self, layers: list[dict[str, Any]]) -> None:
        """Push a manifest where cosign 2 puts signatures."""
        config = {"mediaType": EMPTY, **self.registry._push_blob(self.name, b"{}")}
        tag = self.digest.replace(":", "-") + ".sig"
        self.put(tag, MANIFEST, {"mediaType": MANIFEST, "config": config, "layers": layers})

    def layer(self, media_type: str, data: bytes = b"x", **more: Any) -> dict[str, Any]:
        """Push a blob and return its descriptor."""
        return {"mediaType": media_type, **self.registry._push_blob(self.name, data), **more}


@pytest.fixture
def place(registry: RealRegistry, request: pytest.FixtureRequest) -> Place:
    """An image without anything attached."""
    name = request.node.name.replace("_", "-").replace("[", "-").replace("]", "")
    return Place(registry, f"find/{name}".lower())


def soon() -> Deadline:
    """Enough for anything that is not meant to hang."""
    return Deadline.after(20)


def test_other_layers_and_odd_annotations_are_left_alone(place: Place) -> None:
    """Only signatures are taken, with the annotations that are text."""
    place.put_signatures(
        [
            place.layer("application/octet-stream"),
            place.layer(SIMPLE_SIGNING, b"payload"),
        ]
    )

    found = find_signatures(place.door, place.image, soon())

    assert found.materials == (
        SimpleSigning("the tag " + place.digest[:19].replace(":", "-") + "….sig", b"payload", {}),
    )
    assert found.problems == ()


def test_more_signatures_than_anybody_makes_are_a_problem(place: Place) -> None:
    """The number is bounded, and nothing is said to be unsigned because of it."""
    layer = place.layer(SIMPLE_SIGNING)
    place.put_signatures([layer] * 65)

    [problem] = find_signatures(place.door, place.image, soon()).problems

    assert isinstance(problem, Oversized)


def test_an_index_where_a_signature_is_due_has_none(place: Place) -> None:
    """It is no signature, and nothing that can be one."""
    place.put(place.digest.replace(":", "-") + ".sig", INDEX, {"mediaType": INDEX, "manifests": []})

    assert find_signatures(place.door, place.image, soon()).materials == ()


def test_a_bundle_that_is_listed_and_gone_is_a_problem(place: Place) -> None:
    """It may have been the one that counts: somebody deleted what the list still names."""
    attach_bundles(place.registry, place.name, place.digest, {"a": 1})
    [referrer] = place.door.referrers(place.image, soon())
    place.registry.delete(place.name, referrer.digest)

    [problem] = find_bundles(place.door, place.image, soon()).problems

    assert "missing or not readable" in problem.message


def test_bundles_are_handed_on_unread(place: Place) -> None:
    """Whatever is in them."""
    attach_bundles(place.registry, place.name, place.digest, {"a": 1}, {"b": 2})

    found = find_bundles(place.door, place.image, soon())

    assert sorted(json.loads(each.data).popitem() for each in found.materials if isinstance(each, Bundle)) == [
        ("a", 1),
        ("b", 2),
    ]


class Saying:
    """A registry that has one manifest for everything, and says that one thing of a kind refers to all."""

    def __init__(self, body: bytes, kind: str = "") -> None:
        self.body, self.kind = body, kind

    def get_manifest(self, *_: Any) -> Any:
        """Return it."""
        from preflight.registry.values import Manifest

        return Manifest("sha256:x", MANIFEST, 1, self.body)

    def get_blob(self, *_: Any) -> bytes:
        """Return something."""
        return b"x"

    def referrers(self, *_: Any) -> Any:
        """Return one."""
        from preflight.registry.values import Referrer

        return (Referrer("sha256:" + "ab" * 32, self.kind),)


def test_other_referrers_are_not_even_fetched() -> None:
    """A bill of materials may be large, and is none of our business."""
    image = ImageReference("ghcr.io", "a/b", None, "sha256:" + "ab" * 32)
    registry: Any = Saying(b"no manifest", "application/spdx+json")

    assert find_bundles(registry, image, soon()) == Found(())


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"[" * 100_000, b'{"layers": [1]}', b'{"layers": 1}', b'{"layers": [{"mediaType": "x"}]}']
)
def test_a_manifest_that_makes_no_sense_is_a_problem(body: bytes) -> None:
    """One line, no traceback."""
    image = ImageReference("ghcr.io", "a/b", None, "sha256:" + "ab" * 32)
    registry: Any = Saying(body)

    problems: tuple[CouldNotLook, ...] = find_signatures(registry, image, soon()).problems

    assert len(problems) == 2
    assert all(isinstance(problem, BadAnswer) for problem in problems)
    assert "makes no sense" in problems[0].message
    with pytest.raises(BadAnswer, match="makes no sense"):
        find_tagged_attestations(registry, image, soon())


def test_too_many_bundles_in_one_manifest_are_a_problem() -> None:
    """The number is bounded."""
    image = ImageReference("ghcr.io", "a/b", None, "sha256:" + "ab" * 32)
    layer = {"mediaType": BUNDLE_TYPE, "digest": "sha256:" + "ab" * 32}
    registry: Any = Saying(json.dumps({"layers": [layer] * 65}).encode())

    [problem] = find_bundles(registry, image, soon()).problems

    assert isinstance(problem, Oversized)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"{}",
        b'{"dsseEnvelope": 1}',
        b'{"dsseEnvelope": {"payload": "*"}}',
        b"[" * 100_000,
        b'{"dsseEnvelope": {"payload": "W10="}}',
        b'{"dsseEnvelope": {"payload": "e30="}}',
    ],
)
def test_what_cannot_be_read_has_no_kind(data: bytes) -> None:
    """So it counts as what may have been a signature."""
    assert kind_of(Bundle("x", data)) == ""
    assert kind_of(Enveloped("x", data, {})) == ""


def test_more_bytes_than_signatures_ever_are_are_a_problem() -> None:
    """Memory is bounded, whatever is attached; what was read until then is not lost."""
    image = ImageReference("ghcr.io", "a/b", None, "sha256:" + "ab" * 32)
    layer = {"mediaType": SIMPLE_SIGNING, "digest": "sha256:" + "ab" * 32, "size": 4 << 20}
    registry: Any = Saying(json.dumps({"layers": [layer] * 10}).encode())

    found = find_signatures(registry, image, soon())

    assert len(found.materials) == 8
    assert all("more than 32 MiB of signatures" in problem.message for problem in found.problems)
    assert len(found.problems) == 2
