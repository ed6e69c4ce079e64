"""How GitHub's REST API (version 2022-11-28) is asked: one place, one token, pages of a bounded number.

The token goes to the API's address and nowhere else; that address comes from the environment only, never from a
configuration file, for whoever names it is handed the token.
"""

import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from preflight.deadline import Deadline
from preflight.errors import CouldNotLook, DoesNotApply

if TYPE_CHECKING:
    from preflight.registry.http import Answer, Http

PUBLIC_API = "https://api.github.com"
TOKENS = ("GHCR_TOKEN", "GITHUB_TOKEN", "GH_TOKEN")
"""Variables in which a token may stand; the first that is set counts."""
PAGE = 100
OK, NOT_FOUND, REFUSED = 200, 404, frozenset({401, 403})
_LIMITED = 429
_PAGE_BYTES = 8 << 20
_SENDABLE = re.compile(r"[\x21-\x7e]+")
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


class GitHubApi:
    """Asks the API. Its methods raise ``CouldNotLook`` when GitHub does not answer, or not as its API does.

    Args:
        environ: Holds the token (see ``TOKENS``), proxies, and perhaps ``GITHUB_API_URL`` for GitHub Enterprise.
        deadline: For all that is asked.
        anonymous: Ask without a token if there is none, as one may about what is public.

    Raises:
        DoesNotApply: There is no token.
        CouldNotLook: The token or ``GITHUB_API_URL`` is none.
    """

    def __init__(self, environ: Mapping[str, str], deadline: Deadline, *, anonymous: bool = False) -> None:
        self._environ, self._deadline = environ, deadline
        self._base = api_base(environ)
        self.has_token = has_token(environ)
        self._token = "" if anonymous and not self.has_token else _token(environ)
        self._http: Http | None = None

    def ask(self, place: str) -> "Answer":
        """Return the answer for a path: 200, 404, or 401 and 403 where GitHub refuses for want of rights."""
        from preflight.registry.http import Http, Request

        self._http = self._http or Http(self._environ)
        headers = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        answer = self._http.fetch(Request("GET", self._base + place, headers, _PAGE_BYTES), self._deadline)
        limited = answer.status == _LIMITED or answer.headers.get("x-ratelimit-remaining") == "0"
        if answer.status in {OK, NOT_FOUND} or (answer.status in REFUSED and not limited):
            return answer
        if answer.status in REFUSED or answer.status == _LIMITED:
            raise CouldNotLook("GitHub's API: the limit of requests is reached", "Wait an hour, or use another token.")
        if answer.status in range(300, 400):
            raise CouldNotLook(
                "GitHub's API redirects; the token is not sent elsewhere",
                "Correct the name of the owner or repository: GitHub redirects from what was renamed.",
            )
        raise CouldNotLook(f"GitHub's API answers with {answer.status}", "Try again later; see githubstatus.com.")

    def rows(self, answer: "Answer") -> list[Any]:
        """Return the list that an answer holds."""
        rows = self.value(answer)
        if not isinstance(rows, list):
            raise _nonsense()
        return rows

    def value(self, answer: "Answer") -> Any:
        """Return the JSON that an answer holds."""
        try:
            return json.loads(answer.body)
        except (ValueError, RecursionError):
            raise _nonsense() from None


def _nonsense() -> CouldNotLook:
    return CouldNotLook("GitHub's API answers with something else", "Look at the proxy on the way.")


def has_token(environ: Mapping[str, str]) -> bool:
    """Whether there is a token to ask with."""
    return any(environ.get(name) for name in TOKENS)


def _token(environ: Mapping[str, str]) -> str:
    name = next((name for name in TOKENS if environ.get(name)), "")
    if not name:
        raise DoesNotApply("there is no token to ask GitHub with")
    token = environ[name].strip()
    if not _SENDABLE.fullmatch(token):
        raise CouldNotLook(f"{name} holds no token: it has white space or other characters in it", f"Correct {name}.")
    return token


def api_base(environ: Mapping[str, str]) -> str:
    """Return the API's address, without a slash at its end.

    Raises:
        CouldNotLook: ``GITHUB_API_URL`` is no plain https:// address.
    """
    base = (environ.get("GITHUB_API_URL") or PUBLIC_API).rstrip("/")
    try:
        parts = urlsplit(base)
        safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
        plain = bool(parts.hostname) and not (parts.query or parts.fragment or "@" in parts.netloc)
    except ValueError:
        safe = plain = False
    if not (safe and plain and base.isprintable()):
        raise CouldNotLook("GITHUB_API_URL is no https:// address", "Correct or unset GITHUB_API_URL.")
    return base
