"""How GitHub's REST API (version 2022-11-28) is asked: one place, one token, pages of a bounded number.

The token goes to the API's address and nowhere else; that address comes from the environment only, never from a
configuration file, for whoever names it is handed the token.
"""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from preflight.errors import CouldNotLook, DoesNotApply
from preflight.http.address import is_safe_for_token
from preflight.http.links import next_link
from preflight.http.server import Server
from preflight.lib.deadline import Deadline
from preflight.lib.records import frozen
from preflight.lib.regex import regex

if TYPE_CHECKING:
    from preflight.http.client import Answer, Http

PUBLIC_API = "https://api.github.com"
TOKENS = ("GHCR_TOKEN", "GITHUB_TOKEN", "GH_TOKEN")
"""Variables in which a token may stand; the first that is set counts."""
PAGE = 100
OK, NOT_FOUND, REFUSED = 200, 404, frozenset({401, 403})
_LIMITED = 429
_PAGE_BYTES = 8 << 20
_SENDABLE = regex(r"[\x21-\x7e]+")
_REPOSITORY = regex(r"[A-Za-z0-9][A-Za-z0-9_-]*/(?!\.{1,2}$)[A-Za-z0-9._-]+")  # "_": managed users
_SERVER = Server(
    check="whether this host may reach GitHub's API (GITHUB_API_URL, if it is set)",
    name="GitHub's API",
)


class NotListed(CouldNotLook):
    """GitHub refuses a list: it does not exist, or whoever asks may not see it.

    Args:
        status: 401, 403 or 404.
    """

    def __init__(self, status: int) -> None:
        super().__init__(
            f"GitHub's API refuses a list ({status})", "Check the name and what the token is allowed to read."
        )
        self.status = status


@frozen
class Listing:
    """The rows of all pages that were read, and whether there are no more."""

    rows: tuple[Any, ...]
    complete: bool


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

    def list_rows(
        self, place: str, *, key: str = "", size: int = PAGE, max_pages: int, cap: int = _PAGE_BYTES
    ) -> Listing:
        """Return the rows of a list, page by page.

        `Link` names the next page, for a page may be short in between; its query is asked for at our own address.
        Without `Link` a full page is followed by the next number.

        Args:
            place: From the API's address on, perhaps with a query.
            key: Where the rows stand in an object, whose pages have no numbers; empty: the answer itself is the list.
            size: Rows on one page.
            max_pages: How many pages to read.
            cap: Bytes of one page accepted.

        Raises:
            NotListed: GitHub answers 401, 403 or 404.
            CouldNotLook: It does not answer, or not as its API does.
        """
        path, _, given = place.partition("?")
        asked = f"{given}&per_page={size}".lstrip("&")
        query = asked if key else f"{asked}&page=1"
        rows: list[Any] = []
        for following in range(2, max_pages + 2):
            answer = self.ask(f"{path}?{query}", cap)
            if answer.status != OK:
                raise NotListed(answer.status)
            page = self.rows(answer, key)
            rows += page
            if link := answer.headers.get("link", ""):
                query = self._query_of(next_link(link))
            elif len(page) < size:
                query = ""
            elif key:
                break
            else:
                query = f"{asked}&page={following}"
            if not query:
                return Listing(tuple(rows), complete=True)
        return Listing(tuple(rows), complete=False)

    def _query_of(self, target: str | None) -> str:
        """Return the query of the next page; empty for none."""
        if target is None:
            return ""
        query = target.partition("?")[2].partition("#")[0]
        if not query or not _SENDABLE.fullmatch(query):
            raise self.nonsense()
        return query

    def _fetch(self, place: str, cap: int) -> "Answer":
        from preflight.http.client import Http, Request

        self._http = self._http or Http(self._environ, _SERVER)
        headers = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        return self._http.fetch(Request("GET", self._base + place, headers, cap), self._deadline)

    def _way_out(self) -> str:
        if self._token:
            return "Wait an hour, or use another token."
        return "Set GITHUB_TOKEN: without a token GitHub answers 60 requests an hour from one address; or wait."

    def rows(self, answer: "Answer", key: str = "") -> list[Any]:
        """Return the list that an answer holds, or that the object in it has under a key."""
        value = self.value(answer)
        rows = value.get(key) if key and isinstance(value, dict) else None if key else value
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
    if not is_safe_for_token(base):
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
