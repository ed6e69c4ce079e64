"""preflight/registry/blobs.py: what is attached to an image, with and without the referrers API."""

import hashlib
import json
from collections.abc import Callable

import pytest

from preflight.http.errors import BadAnswer, Forbidden, NotReadable, Oversized, Redirected, ServerTrouble, Unauthorized
from preflight.lib.deadline import Deadline
from preflight.lib.reference import ImageReference
from preflight.registry.door import Registry
from preflight.registry.errors import WrongDigest
from preflight.registry.values import Referrer
from tests.fakes.ghcr import INDEX, MANIFEST, FakeGhcr, Handler, Stored
from tests.fakes.http_server import huge

REPOSITORY = "owner/name"
DIGEST = "sha256:" + "ab" * 32
BUNDLE = "application/vnd.dev.sigstore.bundle.v0.3+json"
PAYLOAD = b"a payload"
BLOB = "sha256:" + hashlib.sha256(PAYLOAD).hexdigest()


def soon() -> Deadline:
    """Enough for anything that is not meant to hang."""
    return Deadline.after(20)


def image(ghcr: FakeGhcr) -> ImageReference:
    """Return the image that things are attached to."""
    return ImageReference(ghcr.host, REPOSITORY, None, DIGEST)


def listing(*numbers: int) -> bytes:
    """Return an index of referrers."""
    manifests = [{"mediaType": MANIFEST, "digest": digest(number), "artifactType": BUNDLE} for number in numbers]
    return json.dumps({"schemaVersion": 2, "mediaType": INDEX, "manifests": manifests}).encode()


def digest(number: int) -> str:
    """Return the digest of a made-up referrer."""
    return f"sha256:{number:064x}"


def says(status: int, body: bytes = b"", **headers: str) -> Callable[[Handler], bool]:
    """Answer so, but only with a token."""

    def script(handler: Handler) -> bool:
        if not handler.headers.get("Authorization"):
            return False
        handler.answer(status, body, {name.replace("_", "-").title(): value for name, value in headers.items()})
        return True

    return script


def put_fallback(ghcr: FakeGhcr, body: bytes, media_type: str = INDEX) -> None:
    """Store a list under the tag that clients keep where there is no API."""
    ghcr.repositories[REPOSITORY] = []
    ghcr.manifests[REPOSITORY, DIGEST.replace(":", "-")] = Stored(media_type, body)


def test_the_api_is_asked_page_after_page(ghcr: FakeGhcr, door: Registry) -> None:
    """To the end of the links, each referrer once, and once a run."""
    ghcr.script(
        "/referrers/",
        lambda _: False,  # the challenge
        says(200, listing(1, 2), content_type=INDEX, link=f'</v2/{REPOSITORY}/referrers/{DIGEST}?n=2>; rel="next"'),
        says(200, listing(2, 3), content_type=INDEX),
    )

    found = door.referrers(image(ghcr), soon())

    assert found == tuple(Referrer(digest(number), BUNDLE) for number in (1, 2, 3))
    assert door.referrers(image(ghcr), soon()) == found
    assert len(ghcr.asked("/referrers/")) == 3


@pytest.mark.parametrize(
    "answer",
    [
        says(404, b'{"errors": [{"code": "MANIFEST_UNKNOWN"}]}'),
        says(404, b"<html>"),
        says(303, location="https://github.com/-/v2/packages"),
        says(400),
        says(405),
        says(406),
        says(200, b"<html>", content_type="text/html"),
        says(200, b"{}", content_type="application/json"),
    ],
)
def test_without_the_api_the_tag_is_read(ghcr: FakeGhcr, door: Registry, answer: Callable[[Handler], bool]) -> None:
    """However a registry says that it has none; GHCR answers 404, or 303 to a web page."""
    ghcr.always("/referrers/", answer)
    put_fallback(ghcr, listing(7))

    assert door.referrers(image(ghcr), soon()) == (Referrer(digest(7), BUNDLE),)
    assert not [request for request in ghcr.requests if "github.com" in request.path]


def test_neither_api_nor_tag_is_nothing(ghcr: FakeGhcr, door: Registry) -> None:
    """Nothing is attached, as far as anybody can say."""
    ghcr.always("/referrers/", says(404))
    ghcr.repositories[REPOSITORY] = []

    assert door.referrers(image(ghcr), soon()) == ()


def test_a_tag_that_is_no_list_is_nothing(ghcr: FakeGhcr, door: Registry) -> None:
    """Somebody named an image so."""
    ghcr.always("/referrers/", says(404))
    put_fallback(ghcr, b"{}", MANIFEST)

    assert door.referrers(image(ghcr), soon()) == ()


def test_no_right_to_look_is_not_nothing(ghcr: FakeGhcr, door: Registry) -> None:
    """403 may hide a signature."""
    ghcr.always("/referrers/", says(403, b'{"errors": [{"code": "DENIED"}]}'))

    with pytest.raises(Forbidden):
        door.referrers(image(ghcr), soon())


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b"[" * 100_000,
        b'{"manifests": {}, "x": 1}'.replace(b"{}", b"[1]"),
        b'{"manifests": [{"digest": "sha256:../../x"}]}',
        b'{"manifests": [{"digest": 1}]}',
    ],
)
def test_a_list_that_makes_no_sense_is_an_error(ghcr: FakeGhcr, door: Registry, body: bytes) -> None:
    """One line, no traceback; it may hide a signature."""
    ghcr.always("/referrers/", says(200, body, content_type=INDEX))

    with pytest.raises(BadAnswer, match="makes no sense"):
        door.referrers(image(ghcr), soon())


def test_more_than_anybody_attaches_is_an_error(ghcr: FakeGhcr, door: Registry) -> None:
    """The number is bounded."""
    ghcr.always("/referrers/", says(200, listing(*range(300)), content_type=INDEX))

    with pytest.raises(Oversized, match="more than 256 things are attached"):
        door.referrers(image(ghcr), soon())


def test_pages_without_end_are_an_error(ghcr: FakeGhcr, door: Registry) -> None:
    """A link to itself ends somewhere."""
    link = f'</v2/{REPOSITORY}/referrers/{DIGEST}>; rel="next"'
    ghcr.always("/referrers/", says(200, listing(1), content_type=INDEX, link=link))

    with pytest.raises(BadAnswer, match="do not end"):
        door.referrers(image(ghcr), soon())


def test_a_blob_is_fetched_and_its_digest_compared(ghcr: FakeGhcr, door: Registry) -> None:
    """Once a run; other bytes than those named are refused."""
    ghcr.always("/blobs/", says(200, PAYLOAD, content_type="application/octet-stream"))

    assert door.get_blob(image(ghcr), BLOB, 100, soon()) == PAYLOAD
    assert door.get_blob(image(ghcr), BLOB, 100, soon()) == PAYLOAD
    assert len(ghcr.asked("/blobs/")) == 2
    with pytest.raises(WrongDigest, match="with other bytes"):
        door.get_blob(image(ghcr), DIGEST, 100, soon())


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (says(404, b"{}", docker_distribution_api_version="registry/2.0"), NotReadable),
        (says(403), Forbidden),
        (says(200, b"x" * 200), Oversized),
    ],
)
def test_a_blob_that_is_not_to_be_had(
    ghcr: FakeGhcr, door: Registry, answer: Callable[[Handler], bool], error: type[Exception]
) -> None:
    """Each in its own words."""
    ghcr.always("/blobs/", answer)

    with pytest.raises(error):
        door.get_blob(image(ghcr), BLOB, 100, soon())


def test_storage_elsewhere_never_sees_our_token(ghcr: FakeGhcr) -> None:
    """Registries keep blobs with others; those are asked without authorization, and the digest decides."""
    with FakeGhcr() as storage:
        storage.always("/stored", _bare(200, PAYLOAD))
        ghcr.always("/blobs/", says(307, location=f"{storage.url}/stored?signature=x"))
        door = Registry({}, insecure=frozenset({ghcr.host, storage.host}))

        assert door.get_blob(image(ghcr), BLOB, 100, soon()) == PAYLOAD

        [asked] = storage.requests
        assert asked.path == "/stored?signature=x"
        assert asked.authorization == ""


def _bare(status: int, body: bytes) -> Callable[[Handler], bool]:
    def script(handler: Handler) -> bool:
        handler.answer(status, body)
        return True

    return script


def test_whether_a_blob_is_there_is_asked_without_fetching_it(ghcr: FakeGhcr, door: Registry) -> None:
    """With a HEAD, once a run: there until it is gone."""
    ghcr.always(f"/blobs/{BLOB}", says(200))
    ghcr.always(f"/blobs/{DIGEST}", says(404))

    assert door.has_blob(image(ghcr), BLOB, soon()) is True
    assert door.has_blob(image(ghcr), BLOB, soon()) is True
    assert door.has_blob(image(ghcr), DIGEST, soon()) is False
    assert [request.method for request in ghcr.asked("/blobs/")] == ["HEAD"] * 3  # one was the challenge


def by_method(**scripts: Callable[[Handler], bool]) -> Callable[[Handler], bool]:
    """Answer HEAD and GET in different ways."""
    return lambda handler: scripts[handler.command.lower()](handler)


@pytest.mark.parametrize("status", [400, 403, 405, 501])
@pytest.mark.parametrize(
    ("answer", "there"), [(says(206, b"x"), True), (says(200, b"xyz"), True), (says(404), False), (huge, True)]
)
def test_where_head_is_refused_the_first_byte_is_asked_for(
    ghcr: FakeGhcr, door: Registry, status: int, answer: Callable[[Handler], bool], *, there: bool
) -> None:
    """Some servers let nobody ask with HEAD; one that begins to send it all has it, and is not listened to for long."""
    ghcr.always("/blobs/", by_method(head=says(status), get=answer))

    assert door.has_blob(image(ghcr), BLOB, soon()) is there
    assert ghcr.asked("/blobs/")[-1].headers["range"] == "bytes=0-0"


@pytest.mark.parametrize(
    ("status", "error"), [(403, Forbidden), (401, Unauthorized), (418, BadAnswer), (500, ServerTrouble)]
)
def test_whether_a_blob_is_there_is_not_known_where_nobody_says(
    ghcr: FakeGhcr, door: Registry, status: int, error: type[Exception]
) -> None:
    """No permission, or trouble, is neither there nor gone."""
    ghcr.always("/blobs/", says(status))

    with pytest.raises(error):
        door.has_blob(image(ghcr), BLOB, soon())


@pytest.mark.parametrize(
    ("answers", "there"),
    [
        ({"head": 200, "get": 500}, True),
        ({"head": 404, "get": 500}, False),
        ({"head": 403, "get": 206}, True),
        ({"head": 403, "get": 404}, False),
    ],
)
def test_storage_elsewhere_is_asked_without_our_token(ghcr: FakeGhcr, answers: dict[str, int], *, there: bool) -> None:
    """An address signed for GET alone refuses a HEAD; the registry is then asked for another one."""
    with FakeGhcr() as storage:
        storage.always("/stored", by_method(**{name: _bare(status, b"") for name, status in answers.items()}))
        ghcr.always("/blobs/", says(307, location=f"{storage.url}/stored?signature=x"))
        door = Registry({}, insecure=frozenset({ghcr.host, storage.host}))

        assert door.has_blob(image(ghcr), BLOB, soon()) is there
        assert {request.authorization for request in storage.requests} == {""}
        assert len(storage.requests) == (2 if answers["head"] == 403 else 1)


def test_a_redirect_within_the_registry_keeps_the_token(ghcr: FakeGhcr, door: Registry) -> None:
    """It is the same place."""
    ghcr.always("/blobs/", says(307, location="/v2/elsewhere"))
    ghcr.always("/v2/elsewhere", says(200, PAYLOAD))

    assert door.get_blob(image(ghcr), BLOB, 100, soon()) == PAYLOAD


@pytest.mark.parametrize(
    "target", ["http://127.0.0.1:1/x", "ftp://x/y", "https://user:secret@x/y", "https://[::1", "file:///etc/passwd"]
)
def test_a_redirect_to_an_unsafe_place_is_not_followed(ghcr: FakeGhcr, door: Registry, target: str) -> None:
    """Plain HTTP is for hosts that the operator listed only; neither is it for a manifest."""
    ghcr.always(f"/{REPOSITORY}/", says(307, location=target))

    with pytest.raises((Redirected, BadAnswer)) as caught:
        door.get_blob(image(ghcr), BLOB, 100, soon())

    assert "secret" not in str(caught.value)
    with pytest.raises((Redirected, BadAnswer)):
        door.has_blob(image(ghcr), BLOB, soon())
    with pytest.raises(Redirected):
        door.get_manifest(image(ghcr), soon())


def test_a_redirect_in_a_circle_ends(ghcr: FakeGhcr, door: Registry) -> None:
    """After a few."""
    ghcr.always("/blobs/", says(307, location=f"/v2/{REPOSITORY}/blobs/{BLOB}"))

    with pytest.raises(BadAnswer, match="in a circle"):
        door.get_blob(image(ghcr), BLOB, 100, soon())
