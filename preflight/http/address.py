"""Addresses that a token may be sent to."""

from urllib.parse import urlsplit

from preflight.lib.regex import regex

_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_PLAIN = regex(r"[\x21-\x7e]+")


def is_loopback(host: str) -> bool:
    """Whether a host, perhaps with a port, is this machine: ``127.0.0.1``, ``[::1]`` or ``localhost``."""
    try:
        return urlsplit(f"//{host}").hostname in _LOOPBACK
    except ValueError:
        return False


def bare_scheme(url: str) -> str:
    """Return "http" or "https" for an address of host, perhaps port, and perhaps path.

    Returns:
        The empty string for anything else: with a user, a query or a fragment in it, or no address at all.
    """
    try:
        parts = urlsplit(url)
        usable = bool(parts.hostname) and parts.port != 0
    except ValueError:
        return ""
    is_bare = not (parts.query or parts.fragment or "@" in parts.netloc) and _PLAIN.fullmatch(url) is not None
    return parts.scheme if usable and is_bare and parts.scheme in {"http", "https"} else ""


def is_safe_for_token(url: str) -> bool:
    """Whether nobody on the way can read what is sent there: https, or http on this machine."""
    scheme = bare_scheme(url)
    return scheme == "https" or (scheme == "http" and urlsplit(url).hostname in _LOOPBACK)
