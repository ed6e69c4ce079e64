"""Where Coolify's API is and with which token it is asked: from the configuration or the environment, never guessed.

Whoever names the address is handed the token, so everything unclear about the two is refused before anything is sent.
"""

from collections.abc import Mapping
from dataclasses import field
from pathlib import Path

from preflight.coolify.settings import CoolifySettings
from preflight.errors import CouldNotLook
from preflight.http.address import bare_scheme, is_safe_for_token
from preflight.lib.files import read_text
from preflight.lib.records import frozen
from preflight.lib.regex import regex

URL, TOKEN = "PREFLIGHT_COOLIFY_URL", "PREFLIGHT_COOLIFY_TOKEN"
TOKEN_FILE, CA_FILE = "PREFLIGHT_COOLIFY_TOKEN_FILE", "PREFLIGHT_COOLIFY_CA_FILE"
_PLAIN_URL, _PLAIN_TOKEN, _PLAIN_TOKEN_FILE = "COOLIFY_URL", "COOLIFY_TOKEN", "COOLIFY_TOKEN_FILE"
_INSIDE = ("COOLIFY_RESOURCE_UUID", "COOLIFY_FQDN", "COOLIFY_CONTAINER_NAME")
"""Variables that Coolify gives the containers of an application (AJ 3072-3167, P 1179-1240)."""
_API = "/api/v1"
_SENDABLE = regex(r"[\x21-\x7e]+")
_TOKEN_BYTES = 4096
_OTHERS = 0o077
_SECRETS = Path("/run/secrets")
"""Where Compose mounts secrets, readable by all in that container and by nobody outside."""


@frozen
class ApiAddress:
    """How the API is asked.

    Args:
        url: Coolify's own address without a slash at its end and without ``/api/v1``.
        token: An API token of Coolify's. A secret.
        ca_file: Certificates (PEM) that alone are trusted; None: those of the machine and the environment.
        url_from: Where the address stands, for people, e.g. "COOLIFY_URL".
        token_from: Where the token stands, for people.
        caution: What the operator should know of the token's file; empty if nothing.
    """

    url: str
    token: str = field(repr=False)
    ca_file: Path | None = None
    url_from: str = "the address"
    token_from: str = "the token"  # noqa: S105 -- says where it stands
    caution: str = ""


def find_address(settings: CoolifySettings, environ: Mapping[str, str]) -> ApiAddress | None:
    """Return how the API is to be asked, or None when neither address nor token is given.

    The first that is given counts: ``PREFLIGHT_COOLIFY_…``, the configuration, ``COOLIFY_…``. Coolify itself sets
    ``COOLIFY_URL`` in an application's containers, to the application's address; it does not count there.

    Raises:
        CouldNotLook: Only one of the two is given, or one cannot be used.
    """
    named = _named_url(settings, environ)
    found = _find_token(settings, environ)
    if named is None and found is None:
        return None
    if named is None:
        raise _no_url(environ, found[1] if found else "")
    if found is None:
        raise CouldNotLook(
            f"{named[1]} gives Coolify's address, but there is no API token",
            f"Set {TOKEN} or {TOKEN_FILE} (Coolify: Keys & Tokens, API Tokens, permission read), or unset {named[1]}.",
        )
    url = _checked_url(*named)
    token, token_from, caution = found
    ca_file = Path(environ[CA_FILE]) if environ.get(CA_FILE) else settings.ca_file
    return ApiAddress(url, token, ca_file, named[1], token_from, caution)


def _named_url(settings: CoolifySettings, environ: Mapping[str, str]) -> tuple[str, str] | None:
    """Return the address as written, and where."""
    if environ.get(URL):
        return environ[URL], URL
    if settings.url:
        return settings.url, "coolify.url"
    if environ.get(_PLAIN_URL) and not _is_inside(environ):
        return environ[_PLAIN_URL], _PLAIN_URL
    return None


def _is_inside(environ: Mapping[str, str]) -> bool:
    return any(name in environ for name in _INSIDE)


def _no_url(environ: Mapping[str, str], token_from: str) -> CouldNotLook:
    if environ.get(_PLAIN_URL):
        return CouldNotLook(
            f"in a container of Coolify's, {_PLAIN_URL} is the application's own address: the token is not sent there",
            f"Set {URL} to the address of Coolify itself, e.g. https://coolify.example.com.",
        )
    return CouldNotLook(
        f"{token_from} gives an API token, but Coolify's address is not given",
        f"Set {URL}, e.g. https://coolify.example.com, or unset {token_from}.",
    )


def _checked_url(text: str, source: str) -> str:
    """Return the address without ``/api/v1``; it may hold a password and is not shown when it is refused."""
    base = text.strip().rstrip("/").removesuffix(_API).rstrip("/")
    if not bare_scheme(base):
        raise _bad_url(source)
    if not is_safe_for_token(base):
        raise CouldNotLook(
            f"{source} is a plain http:// address: anybody on the way could read the token",
            "Give Coolify's https:// address (Settings, General, URL); http:// is for 127.0.0.1 only.",
        )
    return base


def _bad_url(source: str) -> CouldNotLook:
    return CouldNotLook(
        f"{source} is no https:// address", f"Write {source} as https://coolify.example.com, without user or query."
    )


def _find_token(settings: CoolifySettings, environ: Mapping[str, str]) -> tuple[str, str, str] | None:
    """Return the token, where it stands, and a word of caution."""
    if environ.get(TOKEN):
        return _checked_token(environ[TOKEN], TOKEN), TOKEN, ""
    if environ.get(TOKEN_FILE):
        return _from_file(Path(environ[TOKEN_FILE]), TOKEN_FILE)
    if settings.token_file is not None:
        return _from_file(settings.token_file, "coolify.token_file")
    if environ.get(_PLAIN_TOKEN):
        return _checked_token(environ[_PLAIN_TOKEN], _PLAIN_TOKEN), _PLAIN_TOKEN, ""
    if environ.get(_PLAIN_TOKEN_FILE):
        return _from_file(Path(environ[_PLAIN_TOKEN_FILE]), _PLAIN_TOKEN_FILE)
    return None


def _checked_token(text: str, source: str) -> str:
    token = text.strip()
    if not _SENDABLE.fullmatch(token):
        what = "is empty" if not token else "holds no token: it has white space or other characters in it"
        raise CouldNotLook(
            f"{source} {what}", f"Put one API token of Coolify's there, as Coolify showed it, or unset {source}."
        )
    return token


def _from_file(path: Path, source: str) -> tuple[str, str, str]:
    what = f"the file of Coolify's API token ({source})"
    token = _checked_token(read_text(path, limit=_TOKEN_BYTES, what=what), source)
    mode = path.stat().st_mode & 0o777
    if not mode & _OTHERS or path.is_relative_to(_SECRETS):
        return token, source, ""
    return token, source, f"the file of Coolify's API token is open to other users (mode {mode:04o}): {path}"
