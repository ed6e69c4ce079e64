"""How GitHub's REST API (version 2022-11-28) is asked: one place, one token, pages of a bounded number.

The token goes to the API's address and nowhere else; that address comes from the environment only, never from a
configuration file, for whoever names it is handed the token.
"""

import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from preflight.errors import CouldNotLook, DeadlineExceeded, DoesNotApply
from preflight.lib.deadline import Deadline

if TYPE_CHECKING:
    from preflight.http.client import Answer, Http

PUBLIC_API = "https://api.github.com"
TOKENS = ("GHCR_TOKEN", "GITHUB_TOKEN", "GH_TOKEN")
"""Variables in which a token may stand; the first that is set counts."""
PAGE = 100
OK, NOT_FOUND, REFUSED = 200, 404, frozenset({401, 403})
_LIMITED = 429
_WAY = "Check the way from this host to GitHub's API: name server, firewall, HTTPS_PROXY, SSL_CERT_FILE."
_PAGE_BYTES = 8 << 20
_SENDABLE = re.compile(r"[\x21-\x7e]+")
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_REPOSITORY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*/(?!\.{1,2}$)[A-Za-z0-9._-]+")  # "_": managed users
_NEXT = re.compile(r'<[^<>]*>[^<]*;\s*rel="?next\b')


class GitHubApi:
    """Asks the API. Its methods raise ``CouldNotLook`` when GitHub does not answer, or not as its API does.

    Args:
        environ: Holds the token (see ``TOKENS``), proxies, and perhaps ``GITHUB_API_URL`` for GitHub Enterprise.
        deadline: For all that is asked.
        anonymous: Ask without a token if there is none, as one may about what is public.

    Attributes:
        token_name: The variable that holds the token; empty if it asks without one.

    Raises:
        DoesNotApply: There is no token.
        CouldNotLook: The token or ``GITHUB_API_URL`` is none.
    """

    def __init__(self, environ: Mapping[str, str], deadline: Deadline, *, anonymous: bool = False) -> None:
        self._environ, self._deadline = environ, deadline
        self._base = api_base(environ)
        self.token_name = _token_name(environ)
        self._token = "" if anonymous and not self.token_name else _token(environ)
        self._http: Http | None = None

    def ask(self, place: str, cap: int = _PAGE_BYTES) -> "Answer":
        """Return the answer for a path: 200, 404, or 401 and 403 where GitHub refuses for want of rights.

        Args:
            place: From the API's address on.
            cap: Bytes of the answer accepted.
        """
        answer = self._fetch(place, cap)
        # GitHub's secondary limits answer 403 with Retry-After while requests are left.
        limited = answer.status == _LIMITED or _is_limited(answer)
        if answer.status in {OK, NOT_FOUND} or (answer.status in REFUSED and not limited):
            return answer
        if answer.status in REFUSED or answer.status == _LIMITED:
            raise CouldNotLook("GitHub's API: the limit of requests is reached", self._way_out())
        if answer.status in range(300, 400):
            token = "; the token is not sent elsewhere" if self._token else ", and that is not followed"
            raise CouldNotLook(
                f"GitHub's API redirects{token}",
                "Correct the name of the owner or repository: GitHub redirects from what was renamed.",
            )
        raise CouldNotLook(f"GitHub's API answers with {answer.status}", "Try again later; see githubstatus.com.")

    def _fetch(self, place: str, cap: int) -> "Answer":
        from preflight.http.client import Http, Request
        from preflight.http.errors import HttpError

        self._http = self._http or Http(self._environ)
        headers = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        try:
            return self._http.fetch(Request("GET", self._base + place, headers, cap), self._deadline)
        except HttpError as problem:
            late = isinstance(problem, DeadlineExceeded)
            raise type(problem)(f"GitHub's API: {problem.message}", problem.hint if late else _WAY) from None

    def _way_out(self) -> str:
        if self._token:
            return "Wait an hour, or use another token."
        return "Set GITHUB_TOKEN: without a token GitHub answers 60 requests an hour from one address; or wait."

    def rows(self, answer: "Answer") -> list[Any]:
        """Return the list that an answer holds."""
        rows = self.value(answer)
        if not isinstance(rows, list):
            raise self.nonsense()
        return rows

    def value(self, answer: "Answer") -> Any:
        """Return the JSON that an answer holds."""
        try:
            return json.loads(answer.body)
        except (ValueError, RecursionError):
            raise self.nonsense() from None

    def nonsense(self) -> CouldNotLook:
        """Return the error for an answer that GitHub's API does not give."""
        return CouldNotLook("GitHub's API answers with something else", "Look at the proxy on the way.")


def _is_limited(answer: "Answer") -> bool:
    return answer.headers.get("x-ratelimit-remaining") == "0" or "retry-after" in answer.headers


def is_followed(answer: "Answer", *, full: bool) -> bool:
    """Whether there is another page: `Link` says so, for pages may be short in between; without it, a full page."""
    link = answer.headers.get("link", "")
    return bool(_NEXT.search(link)) if link else full


def has_token(environ: Mapping[str, str]) -> bool:
    """Whether there is a token to ask with."""
    return bool(_token_name(environ))


def is_repository(text: str) -> bool:
    """Whether it is an `OWNER/NAME` as GitHub has them."""
    return _REPOSITORY.fullmatch(text) is not None


def _token_name(environ: Mapping[str, str]) -> str:
    return next((name for name in TOKENS if environ.get(name)), "")


def _token(environ: Mapping[str, str]) -> str:
    name = _token_name(environ)
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


def web_hosts(environ: Mapping[str, str]) -> tuple[str, ...]:
    """Return the hosts, in lower case, from which the repositories that the API knows are cloned; the usual one first.

    GitHub itself has `api.github.com` for `github.com` (and `ssh.github.com:443`), its Enterprise Cloud with data
    residency `api.NAME.ghe.com` for `NAME.ghe.com`, Enterprise Server `HOST/api/v3` for `HOST`.

    Raises:
        CouldNotLook: As ``api_base``.
    """
    host = urlsplit(api_base(environ)).hostname or ""
    plain = host.removeprefix("api.")
    return plain, f"ssh.{plain}", f"www.{plain}", host
