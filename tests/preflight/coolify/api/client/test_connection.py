"""preflight/coolify/api/client.py: addresses, certificates and silence."""

from pathlib import Path

import pytest

from preflight.coolify.api import client as api
from preflight.coolify.api.client import ApiAddress, CoolifyApi
from preflight.errors import DeadlineExceeded
from tests.fakes.authority import Authority, make_authority
from tests.fakes.coolify_api import TOKEN, FakeCoolify
from tests.fakes.http_server import Script, answering, dripping, silent
from tests.limits import not_waiting_for
from tests.preflight.coolify.api.client.asking import UUID, client, refused, soon


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """An authority that no machine knows."""
    return make_authority(tmp_path_factory.mktemp("tls"))


@pytest.mark.parametrize("reply", [silent, dripping])
def test_no_answer_in_time(coolify: FakeCoolify, reply: Script) -> None:
    """A Coolify that never answers, or drop by drop, costs no more than the time it was given."""
    coolify.always("/applications", reply)
    with not_waiting_for(30):
        error = refused(coolify, 0.5)

    assert isinstance(error, DeadlineExceeded)
    assert "did not answer in time" in error.message


def test_nothing_listens(coolify: FakeCoolify) -> None:
    """A Coolify that does not run is not reached, and the operating system's reason is given."""
    address = ApiAddress("http://127.0.0.1:1", TOKEN, url_from="COOLIFY_URL")

    with pytest.raises(api.ApiUnreachable, match="could not be reached: connection refused") as caught:
        CoolifyApi(address, {}).application(UUID, soon())
    assert caught.value.hint.startswith("Check the address in COOLIFY_URL.")
    assert "firewall" in caught.value.hint
    assert coolify.requests == []


def test_name_that_nobody_knows() -> None:
    """A misspelt host is told as such."""
    address = ApiAddress("https://coolify.invalid", TOKEN, url_from="COOLIFY_URL")

    with pytest.raises(api.ApiUnreachable, match=r"the name coolify\.invalid could not be resolved") as caught:
        CoolifyApi(address, {}).application(UUID, soon())
    assert "the address in COOLIFY_URL" in caught.value.hint


def test_proxy_of_no_use() -> None:
    """A proxy that does not let us through is named, not the registry's way around it."""
    address = ApiAddress("https://coolify.example.com", TOKEN)

    with pytest.raises(api.ApiUnreachable, match="the proxy in the environment does not let us through") as caught:
        CoolifyApi(address, {"HTTPS_PROXY": "http://127.0.0.1:1"}).application(UUID, soon())
    assert "NO_PROXY" in caught.value.hint


def test_own_authority(authority: Authority) -> None:
    """A certificate of one's own authority is trusted when its bundle is named, and only then."""
    with FakeCoolify(tls=authority.server) as fake:
        fake.add_application(UUID)
        assert client(fake, ca_file=authority.ca_file).application(UUID, soon()).uuid == UUID
        fake.requests.clear()

        with pytest.raises(api.ApiUnreachable, match="is not trusted") as caught:
            client(fake).application(UUID, soon())

        assert "PREFLIGHT_COOLIFY_CA_FILE" in caught.value.hint
        assert fake.requests == []


def test_certificate_for_another_name(authority: Authority) -> None:
    """A certificate for another host is refused, although its authority is known."""
    with FakeCoolify(tls=authority.server) as fake:
        address = ApiAddress(fake.url.replace("127.0.0.1", "localhost"), TOKEN, authority.ca_file)

        with pytest.raises(api.ApiUnreachable, match="is not trusted: Hostname mismatch"):
            CoolifyApi(address, {}).application(UUID, soon())

        assert fake.requests == []


def test_bundle_of_no_use(tmp_path: Path) -> None:
    """A bundle that cannot be read is named before anything is sent."""
    address = ApiAddress("https://127.0.0.1:1", TOKEN, tmp_path / "absent.pem")

    with pytest.raises(
        api.ApiUnreachable, match="ca_file names a bundle of certificates, but it cannot be read"
    ) as caught:
        CoolifyApi(address, {}).application(UUID, soon())
    assert "Correct the path in ca_file" in caught.value.hint


def test_plain_http_where_tls_is_due(coolify: FakeCoolify) -> None:
    """An https:// address with the port of Coolify's plain HTTP says so."""
    address = ApiAddress(coolify.url.replace("http:", "https:"), TOKEN, url_from="COOLIFY_URL")

    with pytest.raises(api.ApiUnreachable, match="plain HTTP") as caught:
        CoolifyApi(address, {}).application(UUID, soon())
    assert "8000 is plain HTTP" in caught.value.hint


def test_redirect_is_not_followed(coolify: FakeCoolify) -> None:
    """Another host that the answer points to never sees the token."""
    with FakeCoolify() as other:
        coolify.always("/applications", answering(307, Location=f"{other.url}/api/v1/applications/{UUID}"))
        error = refused(coolify)

        assert "redirects (307)" in error.message
        assert other.requests == []
