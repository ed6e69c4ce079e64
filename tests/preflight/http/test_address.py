"""preflight/http/address.py"""

import pytest

from preflight.http.address import bare_scheme, is_loopback, is_safe_for_token


@pytest.mark.parametrize(
    ("url", "scheme", "is_safe"),
    [
        ("https://api.github.com", "https", True),
        ("https://git.example:8443/api/v3", "https", True),
        ("http://127.0.0.1:8000", "http", True),
        ("http://[::1]", "http", True),
        ("http://localhost/x", "http", True),
        ("http://localhost.evil.example", "http", False),
        ("http://10.0.0.1", "http", False),
        ("ftp://x", "", False),
        ("https://", "", False),
        ("https://user@host", "", False),
        ("https://host?x=1", "", False),
        ("https://host#x", "", False),
        ("https://host:0", "", False),
        ("https://host:99999", "", False),
        ("https://[x", "", False),
        ("https://ho st", "", False),
        ("https://host/\x1b", "", False),
        ("https://höst", "", False),
        ("host", "", False),
        ("", "", False),
    ],
)
def test_addresses(url: str, scheme: str, *, is_safe: bool) -> None:
    """A token goes over https, or to this machine, and to nothing that is not plainly an address."""
    assert bare_scheme(url) == scheme
    assert is_safe_for_token(url) is is_safe


@pytest.mark.parametrize(
    ("host", "is_here"),
    [
        ("127.0.0.1:5000", True),
        ("localhost", True),
        ("LOCALHOST:1", True),
        ("[::1]:5000", True),
        ("localhost.evil.example", False),
        ("x@127.0.0.1.evil", False),
        ("registry:5000", False),
        ("[::1", False),
        ("", False),
    ],
)
def test_hosts_of_this_machine(host: str, *, is_here: bool) -> None:
    """With or without a port."""
    assert is_loopback(host) is is_here
