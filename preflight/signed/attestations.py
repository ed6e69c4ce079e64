"""What GitHub keeps of attestations: `GET /repos/OWNER/NAME/attestations/sha256:<hex>` (REST API 2022-11-28).

A public repository is asked without a token.
"""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from preflight.errors import CouldNotLook
from preflight.git.address import repository
from preflight.github.client import NOT_FOUND, GitHubApi, NotListed, is_repository
from preflight.lib.deadline import Deadline
from preflight.lib.text import printable
from preflight.signed.find import Found
from preflight.signed.model import Bundle

if TYPE_CHECKING:
    from preflight.lib.reference import ImageReference

_PAGE_BYTES = 16 << 20
_MAX_PAGES = 5
_GHCR = "ghcr.io"
_PUSH = "push attestations to the registry, too (push-to-registry: true in the workflow)"


def likely_repository(image: "ImageReference") -> str:
    """Return the repository that an image on ghcr.io most likely is from; empty elsewhere."""
    words = image.repository.split("/")
    return "/".join(words[:2]) if image.registry == _GHCR and len(words) > 1 else ""


def find_attestations(repository: str, digest: str, environ: Mapping[str, str], deadline: Deadline) -> Found:
    """Return the bundles that GitHub keeps for a digest.

    Args:
        repository: `OWNER/NAME`, in any case.
        digest: `sha256:<hex>`.
        environ: See preflight/github/client.py: proxies, and perhaps a token and ``GITHUB_API_URL``.
        deadline: For all pages.

    Raises:
        CouldNotLook: GitHub cannot be asked.
    """
    api = GitHubApi(environ, deadline, anonymous=True)
    place = f"/repos/{repository}/attestations/{digest}"
    try:
        listing = api.list_rows(place, key="attestations", max_pages=_MAX_PAGES, cap=_PAGE_BYTES)
    except NotListed as refused:
        if refused.status == NOT_FOUND:
            return Found(())
        raise _refusal(refused.status, repository, api.token_name) from None
    bundles = [row["bundle"] for row in listing.rows if isinstance(row, dict) and "bundle" in row]
    if len(bundles) < len(listing.rows):
        raise api.nonsense()
    source = f"GitHub's attestations of {repository}"
    kept = tuple(Bundle(source, json.dumps(bundle).encode()) for bundle in bundles if bundle is not None)
    if listing.complete and len(kept) == len(bundles):
        return Found(kept)
    problem = CouldNotLook(
        f"GitHub keeps more attestations of {digest[:19]}… than it hands out here", f"In the release, {_PUSH}."
    )
    return Found(kept, (problem,))


def _refusal(status: int, repository: str, token_name: str) -> CouldNotLook:
    shown, grant = printable(repository, 100), "a token that may read the repository's attestations"
    if token_name:
        return CouldNotLook(
            f"GitHub does not let the token in {token_name} read the attestations of {shown} ({status})",
            f"Put into {token_name} {grant}, or {_PUSH}.",
        )
    return CouldNotLook(
        f"GitHub does not show the attestations of {shown} without a token ({status})",
        f"Set GITHUB_TOKEN to {grant}, or {_PUSH}.",
    )


def repository_of(value: Any) -> str:
    """Return `owner/name` in lower case of the https address of a repository at github.com; empty for all else."""
    if not isinstance(value, str) or not value.startswith("https://github.com/"):
        return ""
    path = repository(value).path
    return path if is_repository(path) else ""
