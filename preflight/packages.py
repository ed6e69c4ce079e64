"""What GitHub's API knows of a container package: the versions it has, and those that somebody deleted.

Source: GitHub's REST API, "Packages" (version 2022-11-28): versions of a package, 100 a page; `state=deleted` lists
those deleted within the last 30 days, for an organisation's package or one's own. The token needs `read:packages`.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote, urlsplit

from preflight.deadline import Deadline
from preflight.errors import CouldNotLook, DoesNotApply
from preflight.model import Json
from preflight.text import printable
from preflight.workflows.package import Package

if TYPE_CHECKING:
    from preflight.registry.http import Answer, Http

PUBLIC_API = "https://api.github.com"
TOKENS = ("GHCR_TOKEN", "GITHUB_TOKEN", "GH_TOKEN")
"""Variables in which a token may stand; the first that is set counts."""
MAX_PAGES = 20
_PAGE = 100
_SHOWN = 50
_PAGE_BYTES = 8 << 20
_OK, _NOT_FOUND, _REFUSED, _LIMITED = 200, 404, frozenset({401, 403}), 429
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_TAG = re.compile(r"\w[\w.-]{0,127}", re.ASCII)
_SENDABLE = re.compile(r"[\x21-\x7e]+")
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


@dataclass(frozen=True)
class PackageVersion:
    """One version of a package.

    Args:
        id: By which the API restores it.
        digest: ``sha256:…``.
        changed: When it was changed last (deleted, if it is), as GitHub writes it.
        tags: None for a child, or for an image whose tags moved on.
    """

    id: int
    digest: str
    changed: str
    tags: tuple[str, ...]


@dataclass(frozen=True)
class PackageVersions:
    """The versions of a package.

    Args:
        active: Those that are there.
        deleted: Those deleted within the last 30 days; None if GitHub does not say.
        complete: They are all; otherwise there are more than were read.
        path: Of the package in the API, for commands.
    """

    active: tuple[PackageVersion, ...]
    deleted: tuple[PackageVersion, ...] | None
    complete: bool
    path: str

    @property
    def untagged(self) -> int:
        """How many have no tag."""
        return sum(not version.tags for version in self.active)

    def evidence(self) -> dict[str, Json]:
        """Return it as plain data, the deleted ones bounded."""
        gone = None if self.deleted is None else self.deleted[:_SHOWN]
        rows: Json = (
            None
            if gone is None
            else [{"digest": each.digest, "changed": each.changed, "tags": list(each.tags)} for each in gone]
        )
        return {
            "versions": len(self.active),
            "untagged": self.untagged,
            "deleted": rows,
            "complete": self.complete,
        }


def list_versions(package: Package, environ: Mapping[str, str], deadline: Deadline) -> PackageVersions:
    """Ask GitHub for the versions of a package.

    Args:
        package: In ghcr.io.
        environ: Holds the token (see ``TOKENS``), proxies, and perhaps ``GITHUB_API_URL`` for GitHub Enterprise. The
            token is sent there and nowhere else; no configuration file can name another place.
        deadline: For all of it.

    Raises:
        DoesNotApply: There is no token, or it may not list the versions.
        CouldNotLook: GitHub does not answer, or not as its API does.
    """
    return _Asker(environ, deadline).versions(package)


class _Asker:
    """Asks the API, page by page."""

    def __init__(self, environ: Mapping[str, str], deadline: Deadline) -> None:
        self._environ, self._deadline = environ, deadline
        self._base = _base(environ)
        self._token = _token(environ)
        self._http: Http | None = None
        self._complete = True

    def versions(self, package: Package) -> PackageVersions:
        name = quote(package.name, safe="")
        place = f"/orgs/{quote(package.owner, safe='')}/packages/container/{name}"
        active = self._pages(place, "active")
        if active is not None:
            deleted = self._pages(place, "deleted")
        else:
            place, active, deleted = self._of_a_user(package.owner, name)
        return PackageVersions(active, deleted, self._complete, place)

    def _of_a_user(
        self, owner: str, name: str
    ) -> tuple[str, tuple[PackageVersion, ...], tuple[PackageVersion, ...] | None]:
        """Ask for a user's package; what was deleted from it GitHub tells that user only."""
        place = f"/users/{quote(owner, safe='')}/packages/container/{name}"
        active = self._pages(place, "active")
        if active is None:
            raise DoesNotApply(f"GitHub has no package {printable(unquote(name), 80)} that this token may list")
        login = self._object("/user").get("login")
        if not isinstance(login, str) or login.casefold() != owner.casefold():
            return place, active, None
        own = f"/user/packages/container/{name}"
        return own, active, self._pages(own, "deleted")

    def _pages(self, place: str, state: str) -> tuple[PackageVersion, ...] | None:
        """Return all versions in a state; None if there is no such package for this token."""
        found: dict[int, PackageVersion] = {}
        for page in range(1, MAX_PAGES + 1):
            answer = self._ask(f"{place}/versions?per_page={_PAGE}&state={state}&page={page}")
            if answer.status == _NOT_FOUND:
                return None
            rows = self._json(answer)
            if not isinstance(rows, list):
                raise self._nonsense()
            found.update((version.id, version) for version in map(_version, rows) if version is not None)
            if len(rows) < _PAGE:
                return tuple(found.values())
        self._complete = False
        return tuple(found.values())

    def _object(self, place: str) -> dict[str, Any]:
        answer = self._ask(place)
        value = self._json(answer) if answer.status == _OK else {}
        return value if isinstance(value, dict) else {}

    def _json(self, answer: "Answer") -> Any:
        try:
            return json.loads(answer.body)
        except (ValueError, RecursionError):
            raise self._nonsense() from None

    def _ask(self, place: str) -> "Answer":
        from preflight.registry.http import Http, Request

        self._http = self._http or Http(self._environ)
        headers = {
            "Accept": "application/vnd.github+json",
            "X-GitHub-Api-Version": "2022-11-28",
            "Authorization": f"Bearer {self._token}",
        }
        answer = self._http.fetch(Request("GET", self._base + place, headers, _PAGE_BYTES), self._deadline)
        if answer.status in {_OK, _NOT_FOUND}:
            return answer
        if answer.status in _REFUSED and answer.headers.get("x-ratelimit-remaining") != "0":
            raise DoesNotApply(
                f"the token may not list the versions of the package at GitHub ({answer.status})",
                "Give it the scope read:packages to see what was deleted.",
            )
        if answer.status in _REFUSED or answer.status == _LIMITED:
            raise CouldNotLook("GitHub's API: the limit of requests is reached", "Wait an hour, or use another token.")
        if answer.status in range(300, 400):
            raise CouldNotLook(
                "GitHub's API redirects; the token is not sent elsewhere", "Correct the image's owner in the pin."
            )
        raise CouldNotLook(f"GitHub's API answers with {answer.status}", "Try again later; see githubstatus.com.")

    def _nonsense(self) -> CouldNotLook:
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


def _base(environ: Mapping[str, str]) -> str:
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


def _version(row: Any) -> PackageVersion | None:
    """Return what a row of the API says; None if it is no version of a container."""
    if not isinstance(row, dict) or not isinstance(row.get("id"), int) or not isinstance(row.get("name"), str):
        return None
    if not _DIGEST.fullmatch(row["name"]):
        return None
    metadata = row.get("metadata")
    container = metadata.get("container") if isinstance(metadata, dict) else None
    tags = container.get("tags") if isinstance(container, dict) else None
    kept = [tag for tag in tags if isinstance(tag, str) and _TAG.fullmatch(tag)] if isinstance(tags, list) else []
    changed = row.get("deleted_at") or row.get("updated_at")
    return PackageVersion(row["id"], row["name"], printable(str(changed or ""), 40), tuple(kept))
