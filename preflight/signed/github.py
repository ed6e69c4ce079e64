"""GitHub's attestation API: `GET /repos/OWNER/NAME/attestations/sha256:<hex>` (public repositories: no token)."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from preflight.errors import CouldNotLook
from preflight.lib.deadline import Deadline
from preflight.lib.text import printable
from preflight.signed.find import Found
from preflight.signed.model import Bundle

if TYPE_CHECKING:
    from preflight.http.client import Answer
    from preflight.lib.reference import ImageReference

API = "https://api.github.com"
_LIMIT = 16 << 20
_PAGE = 100
_OK, _NOT_FOUND, _REFUSED = 200, 404, frozenset({401, 403, 429})
_TOKENS = ("GH_TOKEN", "GITHUB_TOKEN")
_GHCR = "ghcr.io"


def likely_repository(image: "ImageReference") -> str:
    """Return the repository that an image on ghcr.io most likely is from; empty elsewhere."""
    words = image.repository.split("/")
    return "/".join(words[:2]) if image.registry == _GHCR and len(words) > 1 else ""


@dataclass(frozen=True)
class GitHubAttestations:
    """Where GitHub keeps attestations.

    Args:
        repository: `OWNER/NAME`; empty: not asked.
        api: Base address.
    """

    repository: str
    api: str = API


def find_attestations(api: str, repository: str, digest: str, environ: Mapping[str, str], deadline: Deadline) -> Found:
    """Return the bundles that GitHub keeps for a digest.

    Args:
        api: Base address.
        repository: `OWNER/NAME`, in any case.
        digest: `sha256:<hex>`.
        environ: Names proxies, and perhaps a token (for private repositories, and a higher limit).
        deadline: For the answer.

    Raises:
        CouldNotLook: GitHub cannot be asked.
    """
    answer = _ask(f"{api}/repos/{repository}/attestations/{digest}?per_page={_PAGE}", environ, deadline)
    if answer.status == _NOT_FOUND:
        return Found(())
    if answer.status != _OK:
        raise _refusal(answer, repository)
    try:
        attestations = json.loads(answer.body)["attestations"]
        bundles = [each["bundle"] for each in attestations]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise CouldNotLook(
            "GitHub's attestation API answers with something else", "Try again; look at the proxy on the way."
        ) from None
    source = f"GitHub's attestations of {repository}"
    kept = tuple(Bundle(source, json.dumps(bundle).encode()) for bundle in bundles if bundle is not None)
    if len(kept) == len(bundles) < _PAGE:
        return Found(kept)
    problem = CouldNotLook(
        f"GitHub keeps more attestations of {digest[:19]}… than it hands out at once",
        "Push the attestation to the registry, too: push-to-registry: true in the workflow.",
    )
    return Found(kept, (problem,))


def _ask(url: str, environ: Mapping[str, str], deadline: Deadline) -> "Answer":
    from preflight.http.client import Http, Request

    headers = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}
    token = next((environ[name] for name in _TOKENS if environ.get(name)), "")
    if token and url.startswith(f"{API}/") and token.isascii() and token.isprintable():
        headers["Authorization"] = f"Bearer {token}"
    try:
        return Http(environ).fetch(Request("GET", url, headers, _LIMIT), deadline)
    except CouldNotLook as problem:
        raise type(problem)(
            f"GitHub's attestation API: {problem.message}",
            "Check the network to api.github.com, or push attestations to the registry (push-to-registry: true).",
        ) from problem


def _refusal(answer: "Answer", repository: str) -> CouldNotLook:
    shown = printable(repository, 100)
    if answer.status in _REFUSED:
        return CouldNotLook(
            f"GitHub's attestation API refuses to answer for {shown} ({answer.status}: rate limit or rights)",
            "Set GITHUB_TOKEN to a token that may read the repository, or wait for an hour.",
        )
    return CouldNotLook(
        f"GitHub's attestation API answers with {answer.status} for {shown}", "Try again later; see githubstatus.com."
    )


def repository_of(value: Any) -> str:
    """Return `owner/name` in lower case of a repository's URL; empty for anything else."""
    match = re.fullmatch(r"https://github\.com/([^/]+/[^/]+?)(?:\.git)?/?", value if isinstance(value, str) else "")
    return match[1].lower() if match else ""
