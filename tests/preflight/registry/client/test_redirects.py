"""preflight/registry/client.py: redirects."""

import pytest

from preflight.http.errors import BadAnswer, Redirected
from preflight.registry.door import Registry
from tests.fakes.ghcr import FakeGhcr
from tests.fakes.http_server import answering, as_usual
from tests.preflight.registry.client.asking import REPOSITORY, image, soon


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
