"""preflight/registry/credentials.py: what Docker's configuration and helpers say."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from preflight.errors import CouldNotLook
from preflight.lib.deadline import Deadline
from preflight.registry.credentials import CredentialStore
from tests.preflight.registry.credentials.docker_config import AUTH, SECRET, configure, find, helper


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
