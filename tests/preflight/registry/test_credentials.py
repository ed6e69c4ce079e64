"""preflight/registry/credentials.py and tokens.py: Docker's credentials, and where they go."""

import base64
import json
import os
from pathlib import Path
from typing import Any

import pytest

from preflight.errors import CouldNotLook
from preflight.http.errors import BadAnswer, Forbidden, HttpError, Unauthorized
from preflight.lib.deadline import Deadline
from preflight.lib.reference import ImageReference
from preflight.registry.credentials import Credentials, CredentialStore
from preflight.registry.door import Registry
from tests.fakes.ghcr import FakeGhcr, Handler
from tests.fakes.http_server import answering
from tests.limits import not_waiting_for

REPOSITORY = "owner/name"
SECRET = "hunter2-s3cret"
AUTH = base64.b64encode(f"user:{SECRET}".encode()).decode()


def configure(environ: dict[str, str], config: Any) -> None:
    """Write Docker's config.json."""
    folder = Path(environ["DOCKER_CONFIG"])
    folder.mkdir(exist_ok=True)
    text = config if isinstance(config, str) else json.dumps(config)
    (folder / "config.json").write_text(text, encoding="utf-8")


def helper(environ: dict[str, str], name: str, script: str) -> None:
    """Put a credential helper on PATH."""
    folder = Path(environ["PATH"])
    folder.mkdir(exist_ok=True)
    path = folder / f"docker-credential-{name}"
    path.write_text(f"#!/bin/sh\nPATH={os.environ['PATH']}\n{script}\n", encoding="utf-8")
    path.chmod(0o755)


def find(environ: dict[str, str], registry: str = "ghcr.io") -> Credentials | None:
    """Look credentials up."""
    return CredentialStore(environ).find(registry, Deadline.after(20))


def tags(door: Registry, ghcr: FakeGhcr) -> tuple[str, ...]:
    """Ask for the tags."""
    return door.tags(ghcr.host, REPOSITORY, Deadline.after(20))


@pytest.mark.parametrize(
    ("registry", "key"),
    [
        ("ghcr.io", "ghcr.io"),
        ("ghcr.io", "https://ghcr.io"),
        ("ghcr.io", "https://ghcr.io/v2/"),
        ("127.0.0.1:5000", "127.0.0.1:5000"),
        ("docker.io", "https://index.docker.io/v1/"),
    ],
)
def test_auths(environ: dict[str, str], registry: str, key: str) -> None:
    """An entry of `auths` is found by host, however Docker wrote its key."""
    configure(environ, {"auths": {"other.example": {"auth": "eDp5"}, key: {"auth": AUTH}}})

    found = find(environ, registry)

    assert found is not None
    assert (found.username, found.password) == ("user", SECRET)
    assert SECRET not in repr(found)
    assert AUTH not in repr(found)


def test_other_hosts_get_nothing(environ: dict[str, str]) -> None:
    """Credentials are for their own host and port."""
    configure(environ, {"auths": {"ghcr.io:444": {"auth": AUTH}, "xghcr.io": {"auth": AUTH}}})

    assert find(environ) is None


@pytest.mark.parametrize("config", [{}, {"auths": {}}, {"auths": {"ghcr.io": {}}}, {"credsStore": ""}, "", "  \n{}"])
def test_no_credentials(environ: dict[str, str], config: Any) -> None:
    """A file without credentials means anonymous."""
    configure(environ, config)

    assert find(environ) is None


def test_no_file(environ: dict[str, str]) -> None:
    """No file means anonymous."""
    assert find(environ) is None


def test_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without DOCKER_CONFIG the file is in the home folder, which cron may not name."""
    (tmp_path / ".docker").mkdir()
    (tmp_path / ".docker/config.json").write_text(json.dumps({"auths": {"ghcr.io": {"auth": AUTH}}}))
    assert find({"HOME": str(tmp_path)}) is not None
    monkeypatch.setattr("preflight.registry.credentials._home_of_user", lambda: str(tmp_path))
    assert find({}) is not None
    monkeypatch.setattr("preflight.registry.credentials._home_of_user", lambda: "")
    assert find({}) is None


def test_home_of_a_user_nobody_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    """A user id without an entry, as in containers, has no home and no credentials."""
    monkeypatch.setattr("os.getuid", lambda: 3_999_999_999)

    assert find({}) is None


@pytest.mark.parametrize(
    "config",
    [
        f'{{"auths": "{SECRET}',
        f'["{SECRET}"]',
        {"auths": SECRET},
        {"auths": {"ghcr.io": SECRET}},
        {"auths": {"ghcr.io": {"auth": SECRET}}},
        {"auths": {"ghcr.io": {"auth": base64.b64encode(SECRET.encode()).decode()}}},
        {"auths": {"ghcr.io": {"auth": 1}}},
        {"credHelpers": [SECRET]},
        {"credsStore": "../../evil"},
        {"credsStore": {"a": 1}},
        "[" * 100_000,
    ],
)
def test_broken_configuration(environ: dict[str, str], config: Any) -> None:
    """A broken file is an error that quotes nothing of it: with it Docker could not pull either."""
    configure(environ, config)

    with pytest.raises(CouldNotLook, match="Docker's") as caught:
        find(environ)

    assert caught.value.hint
    assert SECRET not in caught.value.message + caught.value.hint


def test_unreadable_configuration(environ: dict[str, str]) -> None:
    """A folder instead of the file is told as such."""
    (Path(environ["DOCKER_CONFIG"]) / "config.json").mkdir(parents=True)

    with pytest.raises(CouldNotLook, match="is a directory"):
        find(environ)


@pytest.mark.parametrize("where", [{"credsStore": "x"}, {"credHelpers": {"ghcr.io": "x"}, "credsStore": "absent"}])
def test_helper(environ: dict[str, str], where: dict[str, Any]) -> None:
    """A helper is asked for the host; one for the registry overrides the store for all, and both override the file."""
    configure(environ, {"auths": {"ghcr.io": {"auth": "eDp5"}}, **where})
    helper(environ, "x", f'[ "$1 $(cat)" = "get ghcr.io" ] && echo \'{{"Username": "u", "Secret": "{SECRET}"}}\'')

    found = find(environ)

    assert found is not None
    assert (found.username, found.password, found.source) == ("u", SECRET, "docker-credential-x")


def test_helper_with_an_identity_token(environ: dict[str, str]) -> None:
    """A helper may hold a token for the token service instead of a password."""
    configure(environ, {"credsStore": "x"})
    helper(environ, "x", f'echo \'{{"Username": "<token>", "Secret": "{SECRET}"}}\'')

    found = find(environ)

    assert found is not None
    assert found.identity_token == SECRET
    assert found.basic == ""


@pytest.mark.parametrize(
    "script",
    ["echo credentials not found in native keychain; exit 1", 'echo \'{"Username": "", "Secret": ""}\''],
)
def test_helper_that_knows_nothing(environ: dict[str, str], script: str) -> None:
    """A helper without an entry means anonymous."""
    configure(environ, {"credsStore": "x"})
    helper(environ, "x", script)

    assert find(environ) is None


@pytest.mark.parametrize(
    ("script", "words"),
    [
        (f"echo {SECRET} >&2; exit 3", r"docker-credential-x failed \(exit 3\)"),
        (f"echo {SECRET}", "answers with something that is no credential"),
        ("echo '[]'", "answers with something that is no credential"),
        ('echo \'{"Username": 1, "Secret": 2}\'', "answers with something that is no credential"),
        (None, "docker-credential-x is not installed"),
    ],
)
def test_helper_that_fails(environ: dict[str, str], script: str | None, words: str) -> None:
    """A helper that fails is an error, without its output: with it Docker could not pull either."""
    configure(environ, {"credsStore": "x"})
    if script is not None:
        helper(environ, "x", script)

    with pytest.raises(CouldNotLook, match=words) as caught:
        find(environ)

    assert SECRET not in caught.value.message + caught.value.hint


def test_helper_that_hangs(environ: dict[str, str]) -> None:
    """A helper that hangs costs no more than the time it was given."""
    configure(environ, {"credsStore": "x"})
    helper(environ, "x", "sleep 60")

    with pytest.raises(CouldNotLook, match="docker-credential-x did not answer in time"):
        CredentialStore(environ).find("ghcr.io", Deadline.after(0.4))


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
