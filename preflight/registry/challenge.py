"""`WWW-Authenticate` taken apart (RFC 9110, section 11.6.1), and whom a token realm may belong to."""

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from preflight.http.errors import BadAnswer
from preflight.lib.records import frozen
from preflight.lib.regex import regex
from preflight.lib.text import printable

_WORD = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_PARAMETER = regex(rf'\s*({_WORD})\s*=\s*(?:"((?:[^"\\]|\\.)*)"|({_WORD}))\s*')
_SCHEME = regex(rf"\s*({_WORD})(?:\s+|\s*,|$)")
_TOKEN68 = regex(r"[A-Za-z0-9._~+/-]+=*\s*(?:,|$)")
_MAX_HEADER = 8192

KNOWN_REALM_HOSTS: Mapping[str, str] = {
    "registry-1.docker.io": "auth.docker.io",
    "registry.gitlab.com": "gitlab.com",
}
"""Registries whose token service is known to live elsewhere: API host -> host of the realm.

Docker: docs.docker.com/reference/api/registry/auth; GitLab: its container registry documentation.
"""


@frozen
class Challenge:
    """What a registry asks for.

    Args:
        scheme: In lower case: "bearer" or "basic", or what it said.
        parameters: Names in lower case: realm, service, scope, error.
    """

    scheme: str
    parameters: Mapping[str, str]

    def get(self, name: str) -> str:
        """Return a parameter, or the empty string."""
        return self.parameters.get(name, "")


def parse_challenges(header: str) -> tuple[Challenge, ...]:
    """Return all challenges of the header(s), in order; what cannot be read ends the list."""
    text = header[:_MAX_HEADER]
    found: list[Challenge] = []
    place = 0
    while match := _SCHEME.match(text, place):
        parameters, place = _parameters(text, match.end())
        found.append(Challenge(match[1].lower(), parameters))
    return tuple(found)


def _parameters(text: str, place: int) -> tuple[dict[str, str], int]:
    if token68 := _TOKEN68.match(text, place):
        # "Negotiate abc==" has one opaque word; "Basic, Bearer …" has nothing at all, and no comma is eaten.
        return {}, token68.end()
    parameters: dict[str, str] = {}
    while match := _PARAMETER.match(text, place):
        quoted, plain = match[2], match[3]
        value = plain if quoted is None else re.sub(r"\\(.)", r"\1", quoted)
        parameters.setdefault(match[1].lower(), value)
        place = match.end()
        if text[place : place + 1] != ",":
            break
        place += 1
    return parameters, place


def pick(challenges: tuple[Challenge, ...]) -> Challenge | None:
    """Return the challenge we can meet: bearer before basic."""
    for scheme in ("bearer", "basic"):
        for challenge in challenges:
            if challenge.scheme == scheme:
                return challenge
    return None


@frozen
class Realm:
    """Where tokens come from.

    Args:
        url: As the registry named it, without a fragment.
        host: `host` or `host:port`, default ports left out.
        trusted: Whether credentials for the registry may be sent there.
    """

    url: str
    host: str
    trusted: bool


def judge_realm(url: str, api_host: str, insecure: frozenset[str]) -> Realm:
    """Return the realm a registry named, and whether it is the registry's own.

    Args:
        url: The realm.
        api_host: Host (with port, if not the default) that sent the challenge.
        insecure: Hosts with which plain HTTP is allowed.

    Raises:
        BadAnswer: It is no URL that we would ever ask: another scheme, plain HTTP, a user name in it.
    """
    host, scheme = _origin(url)
    shown = printable(host, 80)
    if scheme == "http" and host not in insecure:
        raise BadAnswer(
            f"{api_host} wants tokens fetched over plain HTTP from {shown}; refused",
            f"Ask the registry's owner for an HTTPS realm, or allow it with --registry-insecure {shown}.",
        )
    trusted = host == api_host or KNOWN_REALM_HOSTS.get(api_host) == host
    return Realm(url.partition("#")[0], host, trusted)


def _origin(url: str) -> tuple[str, str]:
    """Return `host[:port]` in lower case without the scheme's default port, and the scheme."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise _no_realm() from None
    if parts.scheme not in {"http", "https"} or not parts.hostname or "@" in parts.netloc or not url.isprintable():
        raise _no_realm()
    name = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    default = {"http": 80, "https": 443}[parts.scheme]
    return (name if port in {None, default} else f"{name}:{port}"), parts.scheme


def _no_realm() -> BadAnswer:
    return BadAnswer(
        "the registry names a token realm that is no usable URL", "Check the registry's name; ask its owner."
    )
