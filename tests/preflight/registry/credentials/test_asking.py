"""preflight/registry/credentials.py: how registries are asked with credentials, and with none."""

import json
from pathlib import Path
from typing import Any

import pytest

from preflight.errors import CouldNotLook
from preflight.http.errors import BadAnswer, Forbidden, HttpError, Unauthorized
from preflight.lib.deadline import Deadline
from preflight.lib.reference import ImageReference
from preflight.registry.door import Registry
from tests.fakes.ghcr import FakeGhcr, Handler
from tests.fakes.http_server import answering
from tests.limits import not_waiting_for
from tests.preflight.registry.credentials.docker_config import AUTH, REPOSITORY, SECRET, configure, helper, tags


def test_private_package_with_credentials(ghcr: FakeGhcr, door: Registry, environ: dict[str, str]) -> None:
    """A private package is read with Docker's credentials, which go to the token service only."""
    ghcr.anonymous, ghcr.users = False, {"user": SECRET}
    ghcr.push(REPOSITORY, "1.0.0")
    configure(environ, {"auths": {ghcr.host: {"auth": AUTH}}})

    assert tags(door, ghcr) == ("1.0.0",)
    assert [request.path.partition("?")[0] for request in ghcr.requests if AUTH in request.authorization] == ["/token"]
    assert door.identity(ghcr.host) == f"Docker's config.json, auths entry for {ghcr.host}"


@pytest.mark.parametrize("where", ["credHelpers", "credsStore"])
def test_private_package_with_a_helper_that_then_breaks(
    ghcr: FakeGhcr, environ: dict[str, str], tmp_path: Path, where: str
) -> None:
    """A helper's password reads the package; broken in any way it is an error, never an anonymous question."""
    ghcr.anonymous, ghcr.users = False, {"user": SECRET}
    ghcr.push(REPOSITORY, "1.0.0")
    configure(environ, {where: {ghcr.host: "x"} if where == "credHelpers" else "x"})
    asked = tmp_path / "asked"
    answer = json.dumps({"Username": "user", "Secret": SECRET})
    helper(environ, "x", f"tee {asked} >/dev/null; echo '{answer}'")

    assert tags(Registry(environ, frozenset({ghcr.host})), ghcr) == ("1.0.0",)
    assert asked.read_text() == ghcr.host
    assert len(ghcr.asked("/token")) == 1

    broken = {
        f"echo {SECRET} >&2; echo {SECRET}; exit 3": r"docker-credential-x failed \(exit 3\)",
        f"echo '{SECRET} {{'": "answers with something that is no credential",
        "head -c 3000000 /dev/zero": "docker-credential-x",
        "kill -9 $$": "docker-credential-x",
        "exec sleep 60": "docker-credential-x did not answer in time",
    }
    for script, words in broken.items():
        helper(environ, "x", script)
        with not_waiting_for(60), pytest.raises(CouldNotLook, match=words) as caught:
            Registry(environ, frozenset({ghcr.host})).tags(ghcr.host, REPOSITORY, Deadline.after(1))
        assert caught.value.hint
        assert SECRET not in caught.value.message + caught.value.hint
        assert "\n" not in caught.value.message
    assert len(ghcr.asked("/token")) == 1


def test_wrong_password(ghcr: FakeGhcr, door: Registry, environ: dict[str, str]) -> None:
    """Credentials that are refused are named by where they stand."""
    ghcr.anonymous, ghcr.users = False, {"user": "another"}
    configure(environ, {"auths": {ghcr.host: {"auth": AUTH}}})

    with pytest.raises(Unauthorized, match=r"not readable with these credentials \(Docker's config.json, auths.*401\)"):
        tags(door, ghcr)


@pytest.mark.parametrize("status", [401, 403])
@pytest.mark.parametrize("where", ["/token", "/tags/list"])
def test_a_public_package_with_a_login_that_is_out_of_date(
    ghcr: FakeGhcr, door: Registry, environ: dict[str, str], where: str, status: int
) -> None:
    """Refused by the token service or by the API: it is asked without the login, once for the whole registry."""
    ghcr.push(REPOSITORY, "1.0.0")
    ghcr.push("other/name", "2.0.0")
    ghcr.users = {"user": SECRET}
    configure(environ, {"auths": {ghcr.host: {"auth": AUTH}}})
    with_login: list[str] = []

    def refuse_the_login(handler: Handler) -> bool:
        sent = handler.headers.get("Authorization", "")
        if sent == f"Basic {AUTH}":
            if where == "/token":
                handler.answer(status, b"{}")
                return True
            with_login.append(f"Bearer issued-token-{len(ghcr.requests)}")
        elif sent in with_login:
            handler.answer(status, b"{}")
            return True
        return False

    ghcr.always("", refuse_the_login)

    assert tags(door, ghcr) == ("1.0.0",)
    assert door.tags(ghcr.host, "other/name", Deadline.after(20)) == ("2.0.0",)
    source = f"Docker's config.json, auths entry for {ghcr.host}"
    assert door.refused_login(ghcr.host) == source
    assert door.identity(ghcr.host) == f"anonymous: the login in {source} is refused"
    assert len([each for each in ghcr.requests if each.authorization == f"Basic {AUTH}"]) == 1


def test_a_private_package_with_a_login_that_is_out_of_date(
    ghcr: FakeGhcr, door: Registry, environ: dict[str, str]
) -> None:
    """Without the login there is no answer either: the login is named as what was refused."""
    ghcr.anonymous, ghcr.users = False, {"user": "another"}
    configure(environ, {"auths": {ghcr.host: {"auth": AUTH}}})

    with pytest.raises(Unauthorized, match=r"Docker's config\.json, auths"):
        tags(door, ghcr)
    assert door.refused_login(ghcr.host) == ""


def test_identity_token(ghcr: FakeGhcr, door: Registry, environ: dict[str, str]) -> None:
    """An identity token is exchanged for an access token with OAuth2."""
    ghcr.anonymous, ghcr.refresh_tokens = False, {SECRET}
    ghcr.push(REPOSITORY, "1.0.0")
    configure(environ, {"auths": {ghcr.host: {"identitytoken": SECRET}}})

    assert tags(door, ghcr) == ("1.0.0",)
    assert [request.method for request in ghcr.requests] == ["GET", "POST", "GET"]


def test_registry_token(ghcr: FakeGhcr, door: Registry, environ: dict[str, str]) -> None:
    """A registry token is sent as it is."""
    ghcr.tokens.add(SECRET)
    ghcr.push(REPOSITORY, "1.0.0")
    configure(environ, {"auths": {ghcr.host: {"registrytoken": SECRET}}})

    assert tags(door, ghcr) == ("1.0.0",)
    assert not ghcr.asked("/token")


def test_basic_authentication(ghcr: FakeGhcr, door: Registry, environ: dict[str, str]) -> None:
    """A registry that wants a password with each request gets it."""
    ghcr.challenge, ghcr.users = 'Basic realm="registry"', {"user": SECRET}
    ghcr.push(REPOSITORY, "1.0.0")
    configure(environ, {"auths": {ghcr.host: {"username": "user", "password": SECRET}}})

    assert tags(door, ghcr) == ("1.0.0",)


@pytest.mark.parametrize("config", [{}, {"auths": {"ghcr.io": {"identitytoken": SECRET}}}])
def test_basic_authentication_without_a_password(
    ghcr: FakeGhcr, door: Registry, environ: dict[str, str], config: dict[str, Any]
) -> None:
    """Without a password for it, such a registry cannot be read."""
    ghcr.challenge = 'Basic realm="registry"'
    configure(environ, config)

    with pytest.raises(Unauthorized, match="anonymous, 401"):
        tags(door, ghcr)


def test_realm_of_its_own_with_a_query(ghcr: FakeGhcr, door: Registry) -> None:
    """A realm that has a query keeps it."""
    ghcr.realm = f"{ghcr.url}/token?account=x"
    ghcr.push(REPOSITORY, "1.0.0")

    assert tags(door, ghcr) == ("1.0.0",)
    assert ghcr.asked("/token?account=x&service=")


@pytest.mark.parametrize("entry", [{"auth": AUTH}, {"identitytoken": SECRET}])
def test_credentials_never_reach_another_host(ghcr: FakeGhcr, environ: dict[str, str], entry: dict[str, str]) -> None:
    """A realm on another host is asked anonymously, a redirect or link to one is not followed, and it is said why."""
    configure(environ, {"auths": {ghcr.host: entry}})
    with FakeGhcr(anonymous=False) as evil:
        door = Registry(environ, frozenset({ghcr.host, evil.host}))
        ghcr.realm = f"{evil.url}/token"
        with pytest.raises(Forbidden) as caught:
            tags(door, ghcr)
        ghcr.realm = None
        ghcr.always("/token", answering(302, b"", Location=f"{evil.url}/token"))
        with pytest.raises(HttpError):
            door.head_manifest(ImageReference(ghcr.host, "another/one"), Deadline.after(20))

        assert [request.path.partition("?")[0] for request in evil.requests] == ["/token"]
        everything = repr(evil.requests)
    assert AUTH not in everything
    assert SECRET not in everything
    assert f"credentials not sent to the foreign token realm {evil.host}" in caught.value.message
    assert SECRET not in caught.value.message + caught.value.hint


def test_foreign_realm_may_serve_anonymously(ghcr: FakeGhcr, environ: dict[str, str]) -> None:
    """A token service elsewhere may still serve a public package, to nobody in particular."""
    configure(environ, {"auths": {ghcr.host: {"auth": AUTH}}})
    with FakeGhcr() as elsewhere:
        door = Registry(environ, frozenset({ghcr.host, elsewhere.host}))
        ghcr.realm, ghcr.tokens = f"{elsewhere.url}/token", elsewhere.tokens
        ghcr.push(REPOSITORY, "1.0.0")

        assert tags(door, ghcr) == ("1.0.0",)
        assert AUTH not in repr(elsewhere.requests)


def test_plain_http_realm_is_refused(ghcr: FakeGhcr, door: Registry) -> None:
    """A token is not fetched over plain HTTP from a host that is not listed."""
    with FakeGhcr() as elsewhere:
        ghcr.realm = f"{elsewhere.url}/token"

        with pytest.raises(BadAnswer, match="tokens fetched over plain HTTP"):
            tags(door, ghcr)
        assert elsewhere.requests == []
