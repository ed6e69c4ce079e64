"""What GitHub's API knows of a container package: the versions it has, and those that somebody deleted.

Source: GitHub's REST API, "Packages" (version 2022-11-28): versions of a package, 100 a page; `state=deleted` lists
those deleted within the last 30 days, for an organisation's package or one's own. The token needs `read:packages`.
"""

import re
from collections.abc import Mapping
from enum import Enum
from typing import Any
from urllib.parse import quote, unquote

from preflight.errors import DoesNotApply
from preflight.github.client import NOT_FOUND, OK, GitHubApi, NotListed
from preflight.lib.deadline import Deadline
from preflight.lib.records import frozen
from preflight.lib.reference import is_digest
from preflight.lib.regex import regex
from preflight.lib.text import printable
from preflight.model import Json
from preflight.releases.names import find_releases
from preflight.workflows.package import Package

MAX_PAGES = 20


class Loss(Enum):
    """What GitHub says was deleted from a package within the last 30 days."""

    UNTOLD = "GitHub does not tell this token"
    NOTHING = "nothing"
    PINNED = "the pinned image"
    RELEASES = "releases, but not the pinned image"
    OTHERS = "other versions only"


_SHOWN = 50
_TAG = regex(r"\w[\w.-]{0,127}", re.ASCII)


@frozen
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


@frozen
class PackageVersions:
    """The versions of a package.

    Args:
        active: Those that are there.
        deleted: Those deleted within the last 30 days; None if GitHub does not say.
        complete: Whether they are all; otherwise there are more than were read.
        path: The path of the package in the API, for commands.
    """

    active: tuple[PackageVersion, ...]
    deleted: tuple[PackageVersion, ...] | None
    complete: bool
    path: str

    @property
    def untagged(self) -> int:
        """How many have no tag."""
        return sum(not version.tags for version in self.active)

    @property
    def releases_gone(self) -> tuple[str, ...]:
        """The tags of releases among the deleted."""
        gone = self.deleted or ()
        return tuple(tag for version in gone for release in find_releases(version.tags) for tag in release.tags)

    def loss(self, pinned: str | None) -> Loss:
        """Return the worst of what was deleted, for the digest that is pinned."""
        if self.deleted is None:
            return Loss.UNTOLD
        if not self.deleted:
            return Loss.NOTHING
        if any(version.digest == pinned for version in self.deleted):
            return Loss.PINNED
        return Loss.RELEASES if self.releases_gone else Loss.OTHERS

    def worst(self, pinned: str | None) -> "PackageVersion | None":
        """Return the deleted version to restore first: the pinned one, a release, or any."""
        gone = sorted(self.deleted or (), key=lambda each: (each.digest != pinned, not find_releases(each.tags)))
        return gone[0] if gone else None

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
        environ: Holds the token, proxies, and perhaps ``GITHUB_API_URL`` (see preflight/github/client.py). The
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
        self._api = GitHubApi(environ, deadline)
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
        try:
            listing = self._api.list_rows(f"{place}/versions?state={state}", max_pages=MAX_PAGES)
        except NotListed as refused:
            if refused.status == NOT_FOUND:
                return None
            raise _may_not(refused.status) from None
        self._complete = self._complete and listing.complete
        found = (version for version in map(_version, listing.rows) if version is not None)
        return tuple({version.id: version for version in found}.values())

    def _object(self, place: str) -> dict[str, Any]:
        answer = self._api.ask(place)
        if answer.status not in {OK, NOT_FOUND}:
            raise _may_not(answer.status)
        value = self._api.value(answer) if answer.status == OK else {}
        return value if isinstance(value, dict) else {}


def _may_not(status: int) -> DoesNotApply:
    return DoesNotApply(
        f"the token may not list the versions of the package at GitHub ({status})",
        "Give it the scope read:packages to see what was deleted.",
    )


def _version(row: Any) -> PackageVersion | None:
    """Return what a row of the API says; None if it is no version of a container."""
    if not isinstance(row, dict) or not isinstance(row.get("id"), int) or not isinstance(row.get("name"), str):
        return None
    if not is_digest(row["name"]):
        return None
    metadata = row.get("metadata")
    container = metadata.get("container") if isinstance(metadata, dict) else None
    tags = container.get("tags") if isinstance(container, dict) else None
    kept = [tag for tag in tags if isinstance(tag, str) and _TAG.fullmatch(tag)] if isinstance(tags, list) else []
    changed = row.get("deleted_at") or row.get("updated_at")
    return PackageVersion(row["id"], row["name"], printable(str(changed or ""), 40), tuple(kept))
