"""preflight/coolify/api/address.py: where the API is, with which token, and what is refused before anything is sent."""

import os
from pathlib import Path

import pytest

from preflight.coolify.api.address import find_address
from preflight.coolify.settings import CoolifySettings
from preflight.errors import CouldNotLook

URL = "https://coolify.example.com"
TOKEN = "3|abcdefghijklmnop"
GIVEN = {"PREFLIGHT_COOLIFY_URL": URL, "PREFLIGHT_COOLIFY_TOKEN": TOKEN}
PLAIN = {"COOLIFY_URL": "https://plain.example.com", "COOLIFY_TOKEN": "4|plainplainplain"}
NOTHING = CoolifySettings()


def refused(settings: CoolifySettings, environ: dict[str, str]) -> CouldNotLook:
    """Return why there is no address; no token or password is in it."""
    with pytest.raises(CouldNotLook) as caught:
        find_address(settings, environ)
    told = caught.value.message + caught.value.hint
    assert caught.value.hint
    assert not [word for word in (TOKEN, "password", "words", "secret") if word in told]
    return caught.value


@pytest.fixture
def token_file(tmp_path: Path) -> Path:
    """A file with a token that only its owner may read."""
    path = tmp_path / "token"
    path.write_text("5|filefilefilefile\n", encoding="utf-8")
    path.chmod(0o600)
    return path


def test_nothing_given() -> None:
    """Without address and token the API is not asked."""
    assert find_address(NOTHING, {}) is None
    assert find_address(NOTHING, {"PREFLIGHT_COOLIFY_URL": "", "COOLIFY_TOKEN": ""}) is None


def test_from_the_environment() -> None:
    """Address and token stand in the environment; no repr shows the token."""
    found = find_address(NOTHING, PLAIN)

    assert found is not None
    assert (found.url, found.token) == ("https://plain.example.com", "4|plainplainplain")
    assert (found.url_from, found.token_from, found.caution) == ("COOLIFY_URL", "COOLIFY_TOKEN", "")
    assert found.token not in repr(found)


def test_order_of_places(token_file: Path) -> None:
    """PREFLIGHT_COOLIFY_… comes first, then the configuration, then COOLIFY_…."""
    settings = CoolifySettings(url="https://configured.example.com", token_file=token_file)

    first, second = find_address(settings, {**PLAIN, **GIVEN}), find_address(settings, PLAIN)

    assert first is not None
    assert (first.url, first.token, first.token_from) == (URL, TOKEN, "PREFLIGHT_COOLIFY_TOKEN")
    assert second is not None
    assert (second.url, second.token) == ("https://configured.example.com", "5|filefilefilefile")
    assert (second.url_from, second.token_from) == ("coolify.url", "coolify.token_file")


@pytest.mark.parametrize("name", ["PREFLIGHT_COOLIFY_TOKEN_FILE", "COOLIFY_TOKEN_FILE"])
def test_token_in_a_file(token_file: Path, name: str) -> None:
    """A file named in the environment holds the token, with or without a line end."""
    found = find_address(NOTHING, {"COOLIFY_URL": URL, name: str(token_file)})

    assert found is not None
    assert (found.token, found.token_from, found.caution) == ("5|filefilefilefile", name, "")


def test_token_file_open_to_others(token_file: Path) -> None:
    """A file that others may read is used, with a word of caution that names it and its mode."""
    token_file.chmod(0o644)

    found = find_address(CoolifySettings(url=URL, token_file=token_file), {})

    assert found is not None
    assert found.caution == f"the file of Coolify's API token is open to other users (mode 0644): {token_file}"


def test_secret_of_compose(token_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where Compose mounts secrets, all in the container may read them: no caution."""
    token_file.chmod(0o444)
    monkeypatch.setattr("preflight.coolify.api.address._SECRETS", token_file.parent)

    found = find_address(CoolifySettings(url=URL, token_file=token_file), {})

    assert found is not None
    assert found.caution == ""


@pytest.mark.parametrize("kind", ["absent", "folder", "fifo", "large", "binary", "empty", "two lines"])
def test_token_file_of_no_use(tmp_path: Path, kind: str) -> None:
    """A file that cannot hold the token is told by where it is named."""
    path = tmp_path / "token"
    if kind == "folder":
        path.mkdir()
    elif kind == "fifo":
        os.mkfifo(path)
    elif kind != "absent":
        contents = {
            "large": b"x" * 5000,
            "binary": b"\xff\xfe",
            "empty": b"\n",
            "two lines": b"5|secretone\n6|secrettwo\n",
        }
        path.write_bytes(contents[kind])

    error = refused(CoolifySettings(url=URL, token_file=path), {})

    assert "coolify.token_file" in error.message


def test_own_authority(tmp_path: Path) -> None:
    """The bundle of one's own authority stands in the configuration or the environment, which comes first."""
    settings = CoolifySettings(ca_file=tmp_path / "a.pem")

    configured, named = (
        find_address(settings, GIVEN),
        find_address(settings, {**GIVEN, "PREFLIGHT_COOLIFY_CA_FILE": "/b.pem"}),
    )

    assert configured is not None
    assert configured.ca_file == tmp_path / "a.pem"
    assert named is not None
    assert named.ca_file == Path("/b.pem")


def test_address_without_token() -> None:
    """Half a configuration is not taken for none."""
    error = refused(NOTHING, {"COOLIFY_URL": URL})

    assert error.message == "COOLIFY_URL gives Coolify's address, but there is no API token"
    assert "PREFLIGHT_COOLIFY_TOKEN" in error.hint


def test_token_without_address() -> None:
    """A token without an address goes nowhere, and is not taken for none."""
    error = refused(NOTHING, {"COOLIFY_TOKEN": TOKEN})

    assert error.message == "COOLIFY_TOKEN gives an API token, but Coolify's address is not given"
    assert "PREFLIGHT_COOLIFY_URL" in error.hint


@pytest.mark.parametrize("inside", ["COOLIFY_RESOURCE_UUID", "COOLIFY_FQDN", "COOLIFY_CONTAINER_NAME"])
def test_inside_a_container_of_coolify(inside: str) -> None:
    """There COOLIFY_URL is the application's own address: the token must not go there."""
    error = refused(NOTHING, {"COOLIFY_URL": "https://app.example.com", "COOLIFY_TOKEN": TOKEN, inside: "1"})

    assert "in a container of Coolify's, COOLIFY_URL is the application's own address" in error.message
    assert "Set PREFLIGHT_COOLIFY_URL" in error.hint
    assert find_address(NOTHING, {"COOLIFY_URL": "https://app.example.com", inside: "1"}) is None

    found = find_address(NOTHING, {**GIVEN, "COOLIFY_URL": "https://app.example.com", inside: ""})
    assert found is not None
    assert found.url == URL


@pytest.mark.parametrize(
    ("written", "understood"),
    [
        ("https://coolify.example.com/", URL),
        (" https://coolify.example.com/api/v1/ ", URL),
        ("https://coolify.example.com:8443", "https://coolify.example.com:8443"),
        ("https://example.com/coolify", "https://example.com/coolify"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("http://localhost:8000/api/v1", "http://localhost:8000"),
        ("http://[::1]:8000", "http://[::1]:8000"),
    ],
)
def test_address_as_people_write_it(written: str, understood: str) -> None:
    """With or without the path of the API; plain HTTP only on this host."""
    found = find_address(NOTHING, {**GIVEN, "PREFLIGHT_COOLIFY_URL": written})

    assert found is not None
    assert found.url == understood


@pytest.mark.parametrize(
    "written",
    [
        "coolify.example.com",
        "ftp://coolify.example.com",
        "https://",
        "https://user:password@coolify.example.com",
        "https://coolify.example.com?x=1",
        "https://coolify.example.com#x",
        "https://coolify.example.com:port",
        "https://[coolify",
        "https://coolify.example.com/\x1b[2J",
        "https://coolify example.com",
        "https://cöolify.example.com",
    ],
)
def test_address_of_no_use(written: str) -> None:
    """What is no https:// address is refused without being shown: it may hold a password."""
    error = refused(NOTHING, {**GIVEN, "PREFLIGHT_COOLIFY_URL": written})

    assert error.message == "PREFLIGHT_COOLIFY_URL is no https:// address"


@pytest.mark.parametrize(
    "host", ["coolify.example.com", "10.0.0.5:8000", "host.docker.internal:8000", "127.0.0.1.evil.example"]
)
def test_plain_http_elsewhere(host: str) -> None:
    """The token is not sent where anybody could read it on the way."""
    error = refused(NOTHING, {**GIVEN, "PREFLIGHT_COOLIFY_URL": f"http://{host}"})

    assert "anybody on the way could read the token" in error.message
    assert "https://" in error.hint


@pytest.mark.parametrize("token", ["two words", "line\nAuthorization: x", "ünïcode", " "])
def test_token_of_no_use(token: str) -> None:
    """A token that cannot be one is refused by the name of its variable, and not shown."""
    error = refused(NOTHING, {"PREFLIGHT_COOLIFY_URL": URL, "PREFLIGHT_COOLIFY_TOKEN": token})

    assert error.message.startswith("PREFLIGHT_COOLIFY_TOKEN ")
