"""preflight/registry/challenge.py and pages.py: headers taken apart."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from preflight.http.errors import BadAnswer, Oversized, Redirected
from preflight.registry import pages as pages_module
from preflight.registry.challenge import Challenge, judge_realm, parse_challenges, pick
from preflight.registry.pages import Pages, next_page

GHCR = 'Bearer realm="https://ghcr.io/token",service="ghcr.io",scope="repository:o/n:pull"'
BEARER = Challenge("bearer", {"realm": "https://ghcr.io/token", "service": "ghcr.io", "scope": "repository:o/n:pull"})


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("", ()),
        (GHCR, (BEARER,)),
        (GHCR.replace(",", " ,\t").replace("Bearer", "BEARER"), (BEARER,)),
        ("Basic", (Challenge("basic", {}),)),
        (f'Basic realm="a, b", {GHCR}', (Challenge("basic", {"realm": "a, b"}), BEARER)),
        (f"Negotiate abc==, {GHCR}", (Challenge("negotiate", {}), BEARER)),
        (f"Basic, {GHCR}", (Challenge("basic", {}), BEARER)),
        (r'Basic realm="say \"hi\""', (Challenge("basic", {"realm": 'say "hi"'}),)),
        ("Bearer realm=x,realm=y", (Challenge("bearer", {"realm": "x"}),)),
        ('Bearer realm="unterminated', (Challenge("bearer", {}),)),
        ("=,=", ()),
    ],
)
def test_challenges(header: str, expected: tuple[Challenge, ...]) -> None:
    """A challenge is read as RFC 9110 writes it; what cannot be read is left."""
    assert parse_challenges(header)[: len(expected) or None] == expected


@given(st.text())
def test_no_header_breaks_the_parser(header: str) -> None:
    """Whatever a registry writes there, it is read without an error."""
    pick(parse_challenges(header))


def test_bearer_is_preferred() -> None:
    """A token is better than a password with each request."""
    chosen = pick(parse_challenges(f'Basic realm="x", {GHCR}'))

    assert chosen == BEARER
    assert pick(parse_challenges("Digest realm=x")) is None


@pytest.mark.parametrize(
    ("realm", "host", "trusted"),
    [
        ("https://ghcr.io/token", "ghcr.io", True),
        ("https://GHCR.io:443/token?x=1#f", "ghcr.io", True),
        ("https://auth.docker.io/token", "registry-1.docker.io", True),
        ("https://gitlab.com/jwt/auth", "registry.gitlab.com", True),
        ("https://evil.example/token", "ghcr.io", False),
        ("https://ghcr.io.evil.example/token", "ghcr.io", False),
        ("https://ghcr.io:444/token", "ghcr.io", False),
        ("https://auth.docker.io/token", "ghcr.io", False),
        ("http://127.0.0.1:5000/t", "127.0.0.1:5000", True),
        ("https://[::1]:5000/t", "[::1]:5000", True),
    ],
)
def test_realms(realm: str, host: str, *, trusted: bool) -> None:
    """Only a realm on the registry's own host and port, or one known to be its own, gets credentials."""
    found = judge_realm(realm, host, frozenset({"127.0.0.1:5000"}))

    assert found.trusted is trusted
    assert "#" not in found.url


@pytest.mark.parametrize(
    "realm",
    ["", "ghcr.io/token", "ftp://ghcr.io/", "https://user@ghcr.io/", "https://", "https://x:99999/", "https://g\x00"],
)
def test_realms_that_are_none(realm: str) -> None:
    """What is no plain URL is never asked for a token."""
    with pytest.raises(BadAnswer, match="no usable URL"):
        judge_realm(realm, "ghcr.io", frozenset())


def test_plain_http_realm() -> None:
    """A realm over plain HTTP is refused, unless its host is listed."""
    with pytest.raises(BadAnswer, match=r"over plain HTTP from ghcr\.io; refused") as caught:
        judge_realm("http://ghcr.io/token", "ghcr.io", frozenset())
    assert "--registry-insecure ghcr.io" in caught.value.hint


BASE = "https://ghcr.io"
HERE = f"{BASE}/v2/o/n/tags/list?n=1000"


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ("", None),
        ('</v2/o/n/tags/list?last=a>; rel="next"', f"{BASE}/v2/o/n/tags/list?last=a"),
        ("<?last=a>; rel=next", f"{BASE}/v2/o/n/tags/list?last=a"),
        ('<list?last=a>;rel="prev next"', f"{BASE}/v2/o/n/tags/list?last=a"),
        (f'<{BASE}:443/x?last=a>; rel="next"', f"{BASE}/x?last=a"),
        ('<http://ghcr.io/x?last=a>; rel="next"', f"{BASE}/x?last=a"),
        ('</a?b>; rel="prev", </c?d>; title="t"; REL="next"', f"{BASE}/c?d"),
        ('</a>; rel="prev"', None),
        ("nonsense", None),
    ],
)
def test_next_page(link: str, expected: str | None) -> None:
    """The next page is found in every form of `Link`, and always on the registry itself."""
    assert next_page(link, HERE, BASE, "ghcr.io") == expected


@pytest.mark.parametrize(
    "target", ["https://evil.example/x", "//evil.example/x", "https://ghcr.io:444/x", "https://u@ghcr.io/x"]
)
def test_next_page_elsewhere(target: str) -> None:
    """A next page on another host is refused."""
    with pytest.raises(Redirected):
        next_page(f'<{target}>; rel="next"', HERE, BASE, "ghcr.io")


@pytest.mark.parametrize("target", ["ftp://ghcr.io/x", "https://ghcr.io:x/", "https://[::1", "/x\x1b[m"])
def test_next_page_that_is_no_address(target: str) -> None:
    """A next page that is no address is an error, not the end."""
    with pytest.raises(BadAnswer, match="is no address"):
        next_page(f'<{target}>; rel="next"', HERE, BASE, "ghcr.io")


@pytest.mark.parametrize("link", ['/v2/x>; rel="next"', "/v2/x; rel=next"])
def test_next_page_that_nobody_can_find(link: str) -> None:
    """A header that promises a next page without an address is an error: half a list is not the whole one."""
    with pytest.raises(BadAnswer, match="is no address"):
        next_page(link, HERE, BASE, "ghcr.io")


def test_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages and tags are bounded."""
    monkeypatch.setattr(pages_module, "MAX_PAGES", 2)
    monkeypatch.setattr(pages_module, "MAX_TAGS", 3)
    pages = Pages("ghcr.io")
    pages.turn_to("1")
    pages.turn_to("2")
    with pytest.raises(BadAnswer, match="more than 2"):
        pages.turn_to("3")
    pages.add(["a", "b", "c"])
    with pytest.raises(Oversized, match="more than 3 tags"):
        pages.add(["d"])
