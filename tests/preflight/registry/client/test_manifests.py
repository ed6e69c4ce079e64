"""preflight/registry/client.py: manifests, and that they are what their digest names."""

from functools import partial

import pytest

from preflight.errors import CouldNotLook
from preflight.http.errors import BadAnswer, HttpError, Oversized
from preflight.lib.parallel import together
from preflight.registry.door import Registry
from preflight.registry.errors import ManifestUnknown, NotARegistry, RepositoryUnknown, WrongDigest
from preflight.registry.values import Manifest
from tests.fakes.ghcr import INDEX, FakeGhcr
from tests.fakes.http_server import Script, answering, as_usual, huge_chunked
from tests.preflight.registry.client.asking import OTHER_DIGEST, REPOSITORY, image, refused, soon


def test_digest_answers(ghcr: FakeGhcr, door: Registry) -> None:
    """A digest that is there is answered for with a HEAD alone, after one anonymous token."""
    digest = ghcr.push(REPOSITORY, "1.0.0")

    manifest = door.head_manifest(image(ghcr, digest), soon())

    assert (manifest.digest, manifest.media_type, manifest.body) == (digest, INDEX, b"")
    assert manifest.size == len(ghcr.manifests[REPOSITORY, digest].body)
    assert [request.method for request in ghcr.requests] == ["HEAD", "GET", "HEAD"]
    assert ghcr.requests[1].path.startswith("/token?service=")
    assert door.identity(ghcr.host) == "anonymous"


def test_one_conversation(ghcr: FakeGhcr, door: Registry) -> None:
    """Token, manifest and tags are one conversation over one connection, with one token, by our own name."""
    digest = ghcr.push(REPOSITORY, *(f"1.0.{patch}" for patch in range(250)))

    door.head_manifest(image(ghcr, digest), soon())
    door.tags(ghcr.host, REPOSITORY, soon())

    assert len({request.connection for request in ghcr.requests}) == 1
    assert len(ghcr.asked("/token")) == 1
    assert all(request.headers["user-agent"].startswith("preflight/") for request in ghcr.requests)


def test_questions_at_the_same_time_share_connections(ghcr: FakeGhcr, door: Registry) -> None:
    """No more connections than questions at a time, each kept for the next question, and one token for all."""
    digests = [ghcr.push(REPOSITORY, content=str(number)) for number in range(30)]
    calls = [partial(door.head_manifest, image(ghcr, digest), soon()) for digest in digests]

    found = together(calls, soon(), "the fake", at_once=4)

    assert [each.digest for each in found if isinstance(each, Manifest)] == digests
    assert len({request.connection for request in ghcr.requests}) <= 4
    assert len(ghcr.asked("/token")) == 1


def test_all_four_types_are_accepted(ghcr: FakeGhcr, door: Registry) -> None:
    """All four manifest types are accepted, so that no registry has a reason to convert."""
    digest = ghcr.push(REPOSITORY, "1.0.0")

    door.head_manifest(image(ghcr, digest), soon())

    assert ghcr.requests[-1].headers["accept"].count("application/vnd.") == 4


def test_manifest_is_verified(ghcr: FakeGhcr, door: Registry) -> None:
    """The bytes of a manifest that is fetched are those its digest names."""
    digest = ghcr.push(REPOSITORY, "1.0.0")

    manifest = door.get_manifest(image(ghcr, digest), soon())

    assert manifest.body == ghcr.manifests[REPOSITORY, digest].body
    assert door.get_manifest(image(ghcr, tag="1.0.0"), soon()).digest == digest


def test_head_without_digest_is_verified_by_bytes(ghcr: FakeGhcr, door: Registry) -> None:
    """A registry that does not name the digest is asked for the bytes."""
    digest = ghcr.push(REPOSITORY, "1.0.0")
    body = ghcr.manifests[REPOSITORY, digest].body
    ghcr.always("/manifests/", answering(200, body, Content_Type=INDEX))

    assert door.head_manifest(image(ghcr, digest), soon()).body == body


@pytest.mark.parametrize("status", [405, 501])
def test_no_head_is_no_trouble(ghcr: FakeGhcr, door: Registry, status: int) -> None:
    """A registry that knows no HEAD is asked with GET."""
    digest = ghcr.push(REPOSITORY, "1.0.0")
    ghcr.script("/manifests/", as_usual, answering(status))

    assert door.head_manifest(image(ghcr, digest), soon()).digest == digest


@pytest.mark.parametrize(
    "script",
    [
        pytest.param(answering(200, b"{}", Content_Type=INDEX, Docker_Content_Digest=OTHER_DIGEST), id="header"),
        pytest.param(answering(200, b'{"other": 1}', Content_Type=INDEX), id="bytes"),
    ],
)
def test_other_bytes_are_refused(ghcr: FakeGhcr, door: Registry, script: Script) -> None:
    """An answer for a digest that is, or says it is, another one is refused."""
    digest = ghcr.push(REPOSITORY, "1.0.0")
    ghcr.always("/manifests/", script)

    with pytest.raises(WrongDigest) as caught:
        door.head_manifest(image(ghcr, digest), soon())

    assert "with other bytes" in refused(caught.value)


def test_header_that_contradicts_the_bytes_is_refused(ghcr: FakeGhcr, door: Registry) -> None:
    """A manifest whose header names another digest than its bytes have is refused."""
    ghcr.always("/manifests/", answering(200, b"{}", Content_Type=INDEX, Docker_Content_Digest=OTHER_DIGEST))

    with pytest.raises(WrongDigest):
        door.get_manifest(image(ghcr, tag="1.0.0"), soon())


def test_converted_manifest_is_noticed(ghcr: FakeGhcr, door: Registry) -> None:
    """A registry that converts a manifest to another type hands out another digest, and that is seen."""
    digest = ghcr.push(REPOSITORY, "1.0.0", media_type="application/vnd.example.unknown+json")

    with pytest.raises(WrongDigest):
        door.head_manifest(image(ghcr, digest), soon())


def test_unknown_digest(ghcr: FakeGhcr, door: Registry) -> None:
    """A digest that is not there is "missing or not readable", never "deleted"."""
    ghcr.push(REPOSITORY, "1.0.0")

    with pytest.raises(ManifestUnknown) as caught:
        door.head_manifest(image(ghcr, OTHER_DIGEST), soon())

    message = refused(caught.value)
    assert message.endswith(": missing or not readable with these credentials (anonymous, 404 MANIFEST_UNKNOWN)")
    assert f"{ghcr.host}/{REPOSITORY}@sha256:abababababab…" in message


def test_unknown_repository(ghcr: FakeGhcr, door: Registry) -> None:
    """A repository that is not there is told apart from a manifest that is not."""
    with pytest.raises(RepositoryUnknown, match="404 NAME_UNKNOWN"):
        door.head_manifest(image(ghcr, OTHER_DIGEST), soon())
    with pytest.raises(RepositoryUnknown, match="missing or not readable with these credentials"):
        door.tags(ghcr.host, REPOSITORY, soon())


def test_bare_404_of_a_registry(ghcr: FakeGhcr, door: Registry) -> None:
    """A 404 without an error code counts if the answer names the registry API."""
    ghcr.always("/v2/", answering(404, b"", Docker_Distribution_Api_Version="registry/2.0"))

    with pytest.raises(RepositoryUnknown):
        door.tags(ghcr.host, REPOSITORY, soon())


def test_bare_404_of_anything_else(ghcr: FakeGhcr, door: Registry) -> None:
    """A 404 of some web server says nothing about an image."""
    ghcr.always("/v2/", answering(404, b"<html>", Content_Type="text/html"))

    with pytest.raises(NotARegistry) as caught:
        door.tags(ghcr.host, REPOSITORY, soon())

    assert "does not answer as a container registry does" in refused(caught.value)


@pytest.mark.parametrize(
    ("script", "kind", "words"),
    [
        (answering(200, b"{}", Content_Type="text/html", Docker_Content_Digest=OTHER_DIGEST), NotARegistry, "web page"),
        (answering(200, b"{}", Content_Type="", Docker_Content_Digest=OTHER_DIGEST), NotARegistry, "web page"),
        (answering(200, b"{}", Content_Type="text/x", Docker_Content_Digest=OTHER_DIGEST), BadAnswer, "text/x, which"),
        (answering(200, b"{}", Content_Type=INDEX, Docker_Content_Digest="x y"), BadAnswer, "a digest that is none"),
        (huge_chunked, Oversized, "more than 4 MiB"),
    ],
)
def test_manifests_that_make_no_sense(
    ghcr: FakeGhcr, door: Registry, script: Script, kind: type[HttpError], words: str
) -> None:
    """Each kind of nonsense instead of a manifest is one clear line."""
    ghcr.challenge = ""
    ghcr.always("/manifests/", script)

    with pytest.raises(kind, match=words) as caught:
        (door.get_manifest if kind is Oversized else door.head_manifest)(image(ghcr, OTHER_DIGEST), soon())

    refused(caught.value)


def test_offline_asks_nothing(environ: dict[str, str]) -> None:
    """Offline, the door stays shut."""
    door = Registry(environ, offline=True)

    with pytest.raises(CouldNotLook, match="--offline"):
        door.tags("ghcr.io", REPOSITORY, soon())


def test_docker_hub_is_asked_at_its_api_host(environ: dict[str, str]) -> None:
    """`docker.io` in a reference is `registry-1.docker.io` on the network, over HTTPS; default ports are left out."""
    from preflight.registry.client import Client

    client = Client(environ, frozenset({"Plain:80"}))

    assert client._place("docker.io", "library/x").base == "https://registry-1.docker.io"
    assert client._place("GHCR.io:443", "x").base == "https://ghcr.io"
    assert client._place("plain:80", "x").base == "http://plain"
