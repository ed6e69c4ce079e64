"""preflight/registry/client.py: tokens, and who is refused."""

import threading

import pytest

from preflight.http.errors import BadAnswer, Forbidden, HttpError, Oversized, Unauthorized
from preflight.registry.door import Registry
from preflight.registry.errors import NotARegistry
from tests.fakes.ghcr import FakeGhcr
from tests.fakes.http_server import answering
from tests.preflight.registry.client.asking import REPOSITORY, image, refused, soon


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
