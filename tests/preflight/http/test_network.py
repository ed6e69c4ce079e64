"""preflight/http/network.py: what the environment says."""

import ssl
from pathlib import Path

import pytest

from preflight.http.errors import ProxyFailed, TlsFailed
from preflight.http.network import asked_pause, backoff, proxy_for, tls_context

PROXY = "http://proxy:3128"


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({}, None),
        ({"HTTPS_PROXY": PROXY}, PROXY),
        ({"https_proxy": PROXY, "HTTPS_PROXY": "http://other"}, PROXY),
        ({"HTTPS_PROXY": "proxy:3128"}, PROXY),
        ({"ALL_PROXY": PROXY}, PROXY),
        ({"HTTP_PROXY": PROXY}, None),
        ({"HTTPS_PROXY": PROXY, "NO_PROXY": "*"}, None),
        ({"HTTPS_PROXY": PROXY, "no_proxy": "a.com, ghcr.io"}, None),
        ({"HTTPS_PROXY": PROXY, "NO_PROXY": "io"}, None),
        ({"HTTPS_PROXY": PROXY, "NO_PROXY": ".ghcr.io"}, PROXY),
        ({"HTTPS_PROXY": PROXY, "NO_PROXY": "cr.io"}, PROXY),
        ({"HTTPS_PROXY": PROXY, "NO_PROXY": "ghcr.io:443"}, None),
        ({"HTTPS_PROXY": PROXY, "NO_PROXY": "ghcr.io:5000"}, PROXY),
        ({"HTTPS_PROXY": PROXY, "NO_PROXY": ",,"}, PROXY),
    ],
)
def test_proxy_for_a_name(environ: dict[str, str], expected: str | None) -> None:
    """Proxies are chosen as Docker chooses them."""
    assert proxy_for("https", "ghcr.io", 443, environ) == expected


@pytest.mark.parametrize(
    ("host", "no_proxy", "expected"),
    [
        ("localhost", "", None),
        ("127.1.2.3", "", None),
        ("::1", "", None),
        ("10.1.2.3", "10.0.0.0/8", None),
        ("10.1.2.3", "10.1.2.3", None),
        ("10.1.2.3", "192.168.0.0/16", PROXY),
        ("fd00::1", "fd00::/8", None),
        ("fd00::1", "[fd00::1]:5000", None),
        ("fd00::1", "[fd00::1]:5001", PROXY),
        ("eu.ghcr.io", "*.ghcr.io", None),
        ("eu.ghcr.io", ".ghcr.io", None),
        ("ghcr.io", "*.ghcr.io", PROXY),
    ],
)
def test_bypassing_the_proxy(host: str, no_proxy: str, expected: str | None) -> None:
    """Loopback never goes through a proxy; names, sub-domains, addresses and ranges can be spared."""
    assert proxy_for("https", host, 5000, {"HTTPS_PROXY": PROXY, "NO_PROXY": no_proxy}) == expected


def test_http_proxy_is_ignored_under_cgi() -> None:
    """Where HTTP_PROXY may be a header that anybody can send, it is not believed."""
    assert proxy_for("http", "x", 80, {"HTTP_PROXY": PROXY, "REQUEST_METHOD": "GET"}) is None
    assert proxy_for("http", "x", 80, {"HTTP_PROXY": PROXY}) == PROXY


def test_socks_is_refused() -> None:
    """A proxy of a kind we do not speak is refused, not ignored."""
    with pytest.raises(ProxyFailed, match="neither http:// nor https://"):
        proxy_for("https", "x", 443, {"ALL_PROXY": "socks5://secret@x"})


def test_without_a_bundle_the_machine_decides() -> None:
    """Certificates are verified against what the machine trusts."""
    context = tls_context({})

    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname


@pytest.mark.parametrize("content", [None, b"no certificate"])
def test_bundle_of_no_use(tmp_path: Path, content: bytes | None) -> None:
    """A bundle that is named, but absent or empty of certificates, is told by the variable that names it."""
    path = tmp_path / "ca.pem"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(TlsFailed, match="SSL_CERT_FILE names a bundle of certificates, but"):
        tls_context({"SSL_CERT_FILE": str(path)})


def test_named_file_counts_alone(tmp_path: Path) -> None:
    """A bundle named for one server is trusted instead of all others, and told by its own name when it is of no use."""
    with pytest.raises(TlsFailed, match="ca_file names a bundle of certificates, but it cannot be read"):
        tls_context({}, tmp_path / "ca.pem")

    context = tls_context({"SSL_CERT_FILE": str(tmp_path / "absent")}, tmp_path)
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
    assert context.get_ca_certs() == []


def test_folder_of_certificates(tmp_path: Path) -> None:
    """A folder is as good as a file."""
    assert tls_context({"REQUESTS_CA_BUNDLE": str(tmp_path), "SSL_CERT_DIR": str(tmp_path)}).check_hostname


@pytest.mark.parametrize(
    ("value", "expected"),
    [("", None), ("0", 0.0), ("12", 12.0), ("Wed, 21 Oct 2015 07:28:00 GMT", 0.0), ("x", None), ("\u0661", None)],
)
def test_asked_pause(value: str, expected: float | None) -> None:
    """`Retry-After` is read in both its forms; a date in the past is no wait."""
    assert asked_pause({"retry-after": value}) == expected


@pytest.mark.parametrize("value", [f"Mon, 01 Jan {'9' * 11} 00:00:00 GMT", f"Mon, {'9' * 30} Jan 2026 00:00:00 GMT"])
def test_date_beyond_all_calendars(value: str) -> None:
    """A date with numbers that no calendar has is none."""
    assert asked_pause({"retry-after": value}) is None


def test_date_without_zone() -> None:
    """A date without a zone is taken for universal time."""
    assert asked_pause({"retry-after": "Wed, 21 Oct 2015 07:28:00 -0000"}) == 0.0


def test_backoff_grows_and_is_bounded() -> None:
    """Waits double, vary, and end at five seconds."""
    assert 0.1 <= backoff(0) <= 0.2
    assert 0.4 <= backoff(2) <= 0.8
    assert backoff(20) <= 5.0
