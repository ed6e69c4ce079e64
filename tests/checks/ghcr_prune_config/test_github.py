"""checks/ghcr_prune_config.py: what GitHub and the remote tell of the package."""

from typing import Any

import pytest

from preflight.model import Stage, Status, Subject
from tests.checks.ghcr_prune_config.place import HEX, IMAGE, FakeRegistry, Place
from tests.fakes.package_api import PackageApi, version


@pytest.mark.parametrize(
    ("deleted", "status", "code", "words", "hint"),
    [
        (
            (),
            Status.PASS,
            "",
            "nothing was deleted from ghcr.io/acme/agent/runner in the last 30 days; 2 of 3 versions",
            "",
        ),
        (
            (version(7), version(8, "1.2.0", "1.2"), version(9, "v1.3.0")),
            Status.FAIL,
            "releases-deleted",
            "releases were deleted from ghcr.io/acme/agent/runner in the last 30 days: 1.2.0, v1.3.0",
            "gh api -X POST /orgs/acme/packages/container/agent%2Frunner/versions/8/restore",
        ),
        (
            (version(8, "1.2.0"), {**version(5), "name": f"sha256:{HEX}"}),
            Status.FAIL,
            "pinned-deleted",
            "the pinned image was deleted from ghcr.io/acme/agent/runner (2026-11-20",
            "versions/5/restore",
        ),
        (
            (version(1),),
            Status.WARN,
            "versions-deleted",
            f"1 version of {IMAGE} deleted in the last 30 days, no release tag among them, all untagged",
            "Find what deletes them, here or in another repository; 2 of 3 versions untagged are left.",
        ),
        (
            (version(1, "pr-1"), version(2)),
            Status.WARN,
            "versions-deleted",
            "2 versions of ghcr.io/acme/agent/runner deleted",
            "",
        ),
    ],
)
def test_what_github_says_was_deleted(
    *,
    place: Place,
    api: PackageApi,
    deleted: tuple[dict[str, Any], ...],
    status: Status,
    code: str,
    words: str,
    hint: str,
) -> None:
    """With a token GitHub tells what went lately: a release, the pinned image or others; the hint restores it."""
    api.active, api.deleted = (version(1, "v1.0.0"), version(2), version(3)), deleted

    skip, finding = place.look(registry=FakeRegistry(), environ=api.environ)

    assert skip.status is Status.SKIP
    assert (finding.status, finding.code, finding.subject) == (status, code, Subject("image", IMAGE))
    assert words in finding.message
    assert hint in finding.hint
    assert finding.evidence["untagged"] == 2
    before = place.look(registry=FakeRegistry(), environ=api.environ, stage=Stage.BEFORE)[-1].status
    assert before is (Status.WARN if code == "releases-deleted" else status)


@pytest.mark.parametrize(
    ("kind", "status", "expected", "words"),
    [
        ("users/acme", 200, Status.SKIP, "what was deleted from ghcr.io/acme/agent/runner is not told to this token"),
        ("orgs/acme", 403, Status.SKIP, "the token may not list the versions of the package at GitHub (403)"),
        ("orgs/acme", 418, Status.ERROR, "GitHub's API answers with 418"),
    ],
)
def test_what_github_does_not_say(
    *, place: Place, api: PackageApi, kind: str, status: int, expected: Status, words: str
) -> None:
    """A token without the right is no fault of the release; an API in trouble was not looked at."""
    api.kind, api.status = kind, status

    finding = place.look(registry=FakeRegistry(), environ=api.environ)[-1]

    assert finding.status is expected
    assert words in finding.message
    assert finding.hint
    assert "hunter2" not in repr(finding)


def test_github_is_not_asked_without_a_token_or_offline(place: Place, api: PackageApi) -> None:
    """Without a token, and with --offline, only the workflows are judged."""
    assert len(place.look(registry=FakeRegistry(), environ={"GITHUB_API_URL": api.url})) == 1
    assert len(place.look(environ=api.environ)) == 1
    assert not api.asked


@pytest.mark.parametrize(
    ("remote", "settings", "status", "words"),
    [
        ("https://github.com/acme/agent.git", {}, Status.FAIL, "can delete release tags of ghcr.io/acme/agent"),
        ("git@github.com:acme/other.git", {}, Status.PASS, "nothing in 1 workflow file"),
        ("git@github.com:acme/other.git", {"repository": "acme/agent"}, Status.FAIL, "can delete release tags"),
        ("", {}, Status.WARN, "git has no remote origin"),
        ("https://git.example.org/acme/agent", {}, Status.WARN, "is no repository at github.com"),
    ],
)
@pytest.mark.parametrize(
    ("uses", "inputs"),
    [
        ("dataaxiom/ghcr-cleanup-action@v1", "keep-n-tagged: 3"),
        ("dataaxiom/ghcr-cleanup-action@v1", "package: '${{ github.event.repository.name }}', keep-n-tagged: 3"),
        ("vlaurin/action-ghcr-prune@v0.6.0", "container: '${{ github.event.repository.name }}', prune-tags-regexes: ."),
    ],
)
def test_remote_says_which_package_this_repository_has(
    *, place: Place, remote: str, settings: dict[str, str], status: Status, words: str, uses: str, inputs: str
) -> None:
    """A step that names the repository is judged like one that writes the package out, or the reason is told."""
    if remote:
        place.repository.git("remote", "add", "origin", remote)

    finding = place.one(uses, inputs, pinned=f"AGENT=ghcr.io/acme/agent@sha256:{HEX}\n", **settings)

    assert finding.status is status
    assert words in finding.message
