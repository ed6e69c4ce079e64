"""The releases that GitHub lists: `GET /repos/OWNER/NAME/releases` (REST API 2022-11-28, "List releases").

Drafts are listed for whoever may push, and are not released yet. A public repository is asked without a token.
"""

from collections.abc import Mapping
from typing import Any

from preflight.context import Context
from preflight.errors import CouldNotLook
from preflight.git.address import parse_address
from preflight.github.client import NOT_FOUND, PAGE, GitHubApi, NotListed, is_repository, web_hosts
from preflight.lib.deadline import Deadline
from preflight.lib.records import frozen
from preflight.lib.text import plural, printable
from preflight.releases.names import find_releases

MAX_RELEASES = 10_000
"""GitHub lists no more, however many pages are asked for."""
_SMALL_PAGE = 20  # where 100 releases with all their notes and files are too much for one page
_PAGE_BYTES = 16 << 20
_UNAUTHORIZED = 401
_OTHER_SOURCE = "or set `source: remote` for this check: git's tags."


@frozen
class GitHubRelease:
    """One release.

    Args:
        tag: The tag of git.
        prerelease: GitHub marks it as one, whatever its version looks like.
    """

    tag: str
    prerelease: bool


def version_tags(
    repository: str, environ: Mapping[str, str], deadline: Deadline, pattern: str = "", *, prereleases: bool = False
) -> tuple[str, ...]:
    """Return the tags of releases that are versions; at least one.

    Args:
        repository: `OWNER/NAME`.
        environ: Names proxies, and perhaps a token and ``GITHUB_API_URL`` (see preflight/github/client.py).
        deadline: For all pages.
        pattern: See ``find_releases``.
        prereleases: Pre-releases, too, marked as such or by their version.

    Raises:
        CouldNotLook: There is no such release, or GitHub does not say.
    """
    listed = list_releases(repository, environ, deadline)
    if not listed:
        raise CouldNotLook(
            f"GitHub has no published release of {repository}", f"Publish one (a draft is none), {_OTHER_SOURCE}"
        )
    versions = find_releases((each.tag for each in listed), pattern)
    if not versions:
        raise CouldNotLook(
            f"no tag of the {plural(len(listed), 'release')} of {repository} at GitHub is a version",
            f"Set `pattern` for this check to what their tags look like, {_OTHER_SOURCE}",
        )
    marked = frozenset(each.tag for each in listed if each.prerelease)
    kept = [version for version in versions if prereleases or version.is_final]
    tags = tuple(tag for version in kept for tag in version.tags if prereleases or tag not in marked)
    if not tags:
        raise CouldNotLook(
            f"GitHub has pre-releases only of {repository}",
            f"Set `prereleases: true` for this check if they have images, {_OTHER_SOURCE}",
        )
    return tags


def list_releases(repository: str, environ: Mapping[str, str], deadline: Deadline) -> tuple[GitHubRelease, ...]:
    """Return all published releases of a repository, in GitHub's order.

    Raises:
        CouldNotLook: There is no such repository for this token (or without one), or GitHub does not list them all.
    """
    from preflight.http.errors import Oversized

    for size in (PAGE, _SMALL_PAGE):
        try:
            return _Lister(repository, environ, deadline, size).all()
        except Oversized:
            continue
    raise CouldNotLook(
        f"GitHub's list of the releases of {repository} is too large: {_SMALL_PAGE} take more than 16 MiB",
        f"Name them under `releases` for this check, {_OTHER_SOURCE}",
    )


class _Lister:
    """Asks page by page."""

    def __init__(self, repository: str, environ: Mapping[str, str], deadline: Deadline, size: int) -> None:
        self._repository, self._size = repository, size
        self._api = GitHubApi(environ, deadline, anonymous=True)

    def all(self) -> tuple[GitHubRelease, ...]:
        place, pages = f"/repos/{self._repository}/releases", MAX_RELEASES // self._size
        try:
            listing = self._api.list_rows(place, size=self._size, max_pages=pages, cap=_PAGE_BYTES)
        except NotListed as refused:
            raise self._refusal(refused.status) from None
        if not listing.complete:
            raise CouldNotLook(
                f"GitHub lists only the first {MAX_RELEASES} releases of {self._repository}",
                f"Name them under `releases` for this check, {_OTHER_SOURCE}",
            )
        releases = [self._release(row) for row in listing.rows]
        return tuple({release.tag: release for release in releases if release is not None}.values())

    def _release(self, row: Any) -> GitHubRelease | None:
        """Return a release that is published; None for a draft."""
        fields = row if isinstance(row, dict) else {}
        tag, draft, prerelease = (fields.get(name) for name in ("tag_name", "draft", "prerelease"))
        if not isinstance(tag, str) or not isinstance(draft, bool) or not isinstance(prerelease, bool):
            raise self._api.nonsense()
        return None if draft else GitHubRelease(tag, prerelease)

    def _refusal(self, status: int) -> CouldNotLook:
        """Say why a list cannot be read; a private repository and none look alike to whoever may not read it."""
        repository, name = self._repository, self._api.token_name
        grant = f"a token that may read the contents of {repository}"
        if not name:
            words = f"no repository {repository} that can be read" if status == NOT_FOUND else "no answer"
            return CouldNotLook(
                f"GitHub has {words} without a token ({status})", f"Correct the name, or set GITHUB_TOKEN to {grant}."
            )
        if status == _UNAUTHORIZED:
            return CouldNotLook(
                f"GitHub does not accept the token in {name} (401)",
                f"Renew it, or unset {name}: what is public can be read without one.",
            )
        if status == NOT_FOUND:
            return CouldNotLook(
                f"GitHub has no repository {repository} that the token in {name} may read (404)",
                f"Correct the name, or put into {name} {grant}.",
            )
        return CouldNotLook(
            f"GitHub does not let the token in {name} read {repository} ({status})",
            f"Put into {name} {grant} (authorised for its organisation's single sign-on).",
        )


def repository_of_remote(ctx: Context, remote: str) -> str:
    """Return the `OWNER/NAME` that a remote of git has at GitHub.

    Raises:
        CouldNotLook: There is no such remote, or it is elsewhere. Its address, which may hold a password, is not shown.
    """
    unknown, hint = "no repository to ask GitHub for", "Set `repository: OWNER/NAME` for this check."
    if ctx.doors.git.root(ctx.deadline) is None:
        raise CouldNotLook(f"{unknown}: there is no git work tree here", hint)
    url = ctx.doors.git.remote_url(ctx.deadline, remote)
    shown = f"git's remote {printable(remote, 60)}"
    if url is None:
        raise CouldNotLook(f"{unknown}: git has no remote {printable(remote, 60)}", hint)
    hosts = web_hosts(ctx.environ)
    address = parse_address(url)
    found = address.path.strip("/").removesuffix(".git") if address.host in hosts else ""
    if not is_repository(found):
        raise CouldNotLook(f"{unknown}: {shown} is no repository at {printable(hosts[0], 100)}", hint)
    return found
