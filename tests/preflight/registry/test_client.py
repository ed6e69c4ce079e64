"""preflight/registry/client.py: manifests and tags as GHCR answers for them."""

import threading
from functools import partial

import pytest

from preflight.errors import CouldNotLook
from preflight.http.errors import BadAnswer, Forbidden, HttpError, Oversized, Redirected, Unauthorized
from preflight.lib.deadline import Deadline
from preflight.lib.parallel import together
from preflight.lib.reference import ImageReference
from preflight.registry.door import Registry
from preflight.registry.errors import ManifestUnknown, NotARegistry, RepositoryUnknown, WrongDigest
from preflight.registry.values import Manifest
from tests.fakes.ghcr import INDEX, FakeGhcr
from tests.fakes.http_server import Script, answering, as_usual, huge, huge_chunked

REPOSITORY = "owner/name"
OTHER_DIGEST = "sha256:" + "ab" * 32


def soon() -> Deadline:
    """Enough for anything that is not meant to hang."""
    return Deadline.after(20)


def image(ghcr: FakeGhcr, digest: str | None = None, tag: str | None = None) -> ImageReference:
    """Return a reference into the fake."""
    return ImageReference(ghcr.host, REPOSITORY, tag, digest)


def refused(problem: HttpError) -> str:
    """Return the words of an error, which are one line each, with a hint, and fit a table."""
    assert problem.hint
    assert "\n" not in problem.message + problem.hint
    assert len(problem.message) < 260
    return problem.message


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


def test_asked_once(ghcr: FakeGhcr, door: Registry) -> None:
    """What several checks want to know at the same time is asked once."""
    digest = ghcr.push(REPOSITORY, "1.0.0")
    threads = [threading.Thread(target=door.head_manifest, args=(image(ghcr, digest), soon())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(ghcr.asked("/manifests/")) == 2  # one is the challenge


def test_concurrent_questions_share_a_token(ghcr: FakeGhcr, door: Registry) -> None:
    """Questions that are challenged at the same time fetch one token."""
    digest = ghcr.push(REPOSITORY, "1.0.0")
    threads = [
        threading.Thread(target=door.head_manifest, args=(image(ghcr, digest), soon())),
        threading.Thread(target=door.tags, args=(ghcr.host, REPOSITORY, soon())),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(ghcr.asked("/token")) == 1


def test_token_that_ran_out_is_renewed(ghcr: FakeGhcr, door: Registry) -> None:
    """A token that expires within a run is fetched anew, once."""
    digest = ghcr.push(REPOSITORY, "1.0.0")
    door.head_manifest(image(ghcr, digest), soon())
    ghcr.tokens.clear()

    assert door.tags(ghcr.host, REPOSITORY, soon()) == ("1.0.0",)
    assert len(ghcr.asked("/token")) == 2


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


def test_private_at_the_token_service(ghcr: FakeGhcr, door: Registry) -> None:
    """A private or missing package, refused by the token service with 403, is "missing or not readable"."""
    ghcr.anonymous = False

    with pytest.raises(Forbidden) as caught:
        door.tags(ghcr.host, REPOSITORY, soon())

    assert refused(caught.value).endswith("missing or not readable with these credentials (anonymous, 403)")
    assert f"docker login {ghcr.host}" in caught.value.hint


@pytest.mark.parametrize(("status", "kind"), [(401, Unauthorized), (403, Forbidden)])
def test_private_at_the_api(ghcr: FakeGhcr, door: Registry, status: int, kind: type[HttpError]) -> None:
    """So is one that the API itself refuses."""
    ghcr.always("/v2/", answering(status, b"{}"))

    with pytest.raises(kind, match=rf"missing or not readable with these credentials \(anonymous, {status}\)"):
        door.tags(ghcr.host, REPOSITORY, soon())


def test_token_that_is_never_good_enough(ghcr: FakeGhcr, door: Registry) -> None:
    """A registry that keeps asking for a token is not asked for ever."""
    challenge = f'Bearer realm="{ghcr.url}/token"'
    ghcr.always("/v2/", answering(401, b"", WWW_Authenticate=challenge))

    with pytest.raises(Unauthorized):
        door.tags(ghcr.host, REPOSITORY, soon())
    assert len(ghcr.requests) == 3


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"{", BadAnswer),
        (b"[]", BadAnswer),
        (b'{"token": 1}', BadAnswer),
        (b'{"token": ""}', BadAnswer),
        (b'{"token": "a\\r\\nX-Evil: b"}', BadAnswer),
        (b"<html>", NotARegistry),
        (b"[" * 60000, BadAnswer),
        (b" " * 1_100_000, Oversized),
    ],
)
def test_token_service_that_makes_no_sense(ghcr: FakeGhcr, door: Registry, body: bytes, kind: type[HttpError]) -> None:
    """A token that is none is one clear line."""
    ghcr.always("/token", answering(200, body))

    with pytest.raises(kind) as caught:
        door.tags(ghcr.host, REPOSITORY, soon())

    refused(caught.value)


def test_open_registry_needs_no_token(ghcr: FakeGhcr, door: Registry) -> None:
    """A registry that challenges nobody is asked without further ado."""
    ghcr.challenge = ""
    ghcr.push(REPOSITORY, "1.0.0")

    assert door.tags(ghcr.host, REPOSITORY, soon()) == ("1.0.0",)
    assert len(ghcr.requests) == 1


@pytest.mark.parametrize("link", ["relative", "absolute"])
def test_all_pages(ghcr: FakeGhcr, door: Registry, link: str) -> None:
    """Tags that come a hundred a page are read to the end, whether links are relative or absolute."""
    ghcr.link = link
    tags = tuple(f"1.0.{patch}" for patch in range(1234))
    ghcr.push(REPOSITORY, *tags)

    assert door.tags(ghcr.host, REPOSITORY, soon()) == tags
    assert len(ghcr.asked("/tags/list")) == 14  # 13 pages and the challenge


def test_link_to_another_host_is_not_followed(ghcr: FakeGhcr, door: Registry) -> None:
    """A next page on another host is not asked for, and the list is not taken for whole."""
    with FakeGhcr() as elsewhere:
        ghcr.link = elsewhere.url
        ghcr.push(REPOSITORY, *(f"1.0.{patch}" for patch in range(101)))

        with pytest.raises(Redirected, match="another host for its next page of tags; not followed"):
            door.tags(ghcr.host, REPOSITORY, soon())

        assert elsewhere.requests == []


def test_pages_in_a_circle(ghcr: FakeGhcr, door: Registry) -> None:
    """Pages that lead back to one another end in an error, not in a hang."""
    link = f'</v2/{REPOSITORY}/tags/list?n=1000>; rel="next"'
    ghcr.challenge = ""
    ghcr.always("/tags/list", answering(200, b'{"tags": ["1.0.0"]}', Link=link))

    with pytest.raises(BadAnswer, match="do not end: they lead in a circle"):
        door.tags(ghcr.host, REPOSITORY, soon())


def test_pages_without_end(ghcr: FakeGhcr, door: Registry) -> None:
    """Pages that bring nothing new end in an error."""
    ghcr.challenge = ""

    def next_one(handler: object) -> object:
        link = f'</v2/{REPOSITORY}/tags/list?last={len(ghcr.requests)}>; rel="next"'
        return answering(200, b'{"tags": ["1.0.0"]}', Link=link)(handler)

    ghcr.always("/tags/list", next_one)

    with pytest.raises(BadAnswer, match="do not end: they bring nothing new"):
        door.tags(ghcr.host, REPOSITORY, soon())


def test_smaller_pages_on_request(ghcr: FakeGhcr, door: Registry) -> None:
    """A registry that refuses large pages is asked for pages of its own size."""
    ghcr.challenge = ""
    ghcr.push(REPOSITORY, "1.0.0")
    ghcr.always("?n=1000", answering(400, b'{"errors": [{"code": "PAGINATION_NUMBER_INVALID"}]}'))

    assert door.tags(ghcr.host, REPOSITORY, soon()) == ("1.0.0",)


def test_no_tags(ghcr: FakeGhcr, door: Registry) -> None:
    """A repository whose tags were all deleted says null, and has none."""
    ghcr.push(REPOSITORY)

    assert door.tags(ghcr.host, REPOSITORY, soon()) == ()


def test_tags_that_cannot_be_tags(ghcr: FakeGhcr, door: Registry) -> None:
    """What can be no tag is left out, so that it can neither steer a terminal nor a path."""
    ghcr.challenge = ""
    listed = rb'{"tags": ["1.0.0", "../x", "a\u001b[31m", "b\nc", "", "\u202e1", "1.0.0", "2.0.0"]}'
    ghcr.always("/tags/list", answering(200, listed))

    assert door.tags(ghcr.host, REPOSITORY, soon()) == ("1.0.0", "2.0.0")


@pytest.mark.parametrize(
    ("script", "kind", "words"),
    [
        (answering(200, b"{"), BadAnswer, "its list of tags is not valid JSON"),
        (answering(200, b"\xff\xfe{}"), BadAnswer, "not valid JSON"),
        (answering(200, b"[1]"), BadAnswer, "not valid JSON"),
        (answering(200, b'{"tags": "1.0.0"}'), BadAnswer, "no list of names"),
        (answering(200, b'{"tags": [1]}'), BadAnswer, "no list of names"),
        (answering(200, b'{"a": ' * 50000), BadAnswer, "not valid JSON"),
        (answering(200, b"{}"), NotARegistry, "does not answer as a container registry does"),
        (answering(200, b"<!doctype html>"), NotARegistry, "a web page?"),
        (answering(200, b"hello", Content_Type="text/html; charset=x"), NotARegistry, "a web page?"),
        (answering(200, b"{}", Content_Encoding="gzip"), BadAnswer, "compressed answer"),
        (answering(418, b"{}"), BadAnswer, r"refuses to answer for .* \(418\)"),
        (answering(404, b'{"errors": [{"code": "EVIL\\u001b"}]}'), NotARegistry, "container registry"),
        (answering(404, b'{"errors": "x"}'), NotARegistry, "container registry"),
        (huge, Oversized, "more than 8 MiB where a small document is due"),
        (huge_chunked, Oversized, "more than 8 MiB where a small document is due"),
    ],
)
def test_answers_that_make_no_sense(
    ghcr: FakeGhcr, door: Registry, script: Script, kind: type[HttpError], words: str
) -> None:
    """Each kind of nonsense instead of tags is one clear line."""
    ghcr.challenge = ""
    ghcr.always("/tags/list", script)

    with pytest.raises(kind, match=words) as caught:
        door.tags(ghcr.host, REPOSITORY, soon())

    refused(caught.value)


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


def test_redirect_within_the_registry_is_followed(ghcr: FakeGhcr, door: Registry) -> None:
    """A redirect to the registry itself is followed."""
    digest = ghcr.push(REPOSITORY, "1.0.0")
    ghcr.push("moved/here", "1.0.0")
    ghcr.challenge = ""
    ghcr.script(f"/{REPOSITORY}/", answering(307, b"", Location=f"/v2/moved/here/manifests/{digest}"))

    assert door.head_manifest(image(ghcr, digest), soon()).digest == digest


def test_redirects_in_a_circle(ghcr: FakeGhcr, door: Registry) -> None:
    """Redirects that lead nowhere end in an error."""
    ghcr.always("/v2/", answering(307, b"", Location="/v2/x/manifests/latest"))

    with pytest.raises(BadAnswer, match="redirects in a circle"):
        door.head_manifest(image(ghcr), soon())


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirect_elsewhere_is_not_followed(ghcr: FakeGhcr, door: Registry, status: int) -> None:
    """No redirect leads us, or a token, to another host."""
    with FakeGhcr() as elsewhere:
        ghcr.push(REPOSITORY, "1.0.0")
        ghcr.script("/v2/", as_usual)
        ghcr.always("/v2/", answering(status, b"", Location=f"{elsewhere.url}/v2/x/manifests/latest"))

        with pytest.raises(Redirected, match="to another host for an answer; not followed"):
            door.head_manifest(image(ghcr), soon())

        assert elsewhere.requests == []
        assert ghcr.requests[-1].authorization.startswith("Bearer ")


def test_redirect_of_the_token_service_is_not_followed(ghcr: FakeGhcr, door: Registry) -> None:
    """Nor does one of the token service."""
    with FakeGhcr() as elsewhere:
        ghcr.always("/token", answering(302, b"", Location=f"{elsewhere.url}/token"))

        with pytest.raises(Redirected):
            door.head_manifest(image(ghcr), soon())

        assert elsewhere.requests == []


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
