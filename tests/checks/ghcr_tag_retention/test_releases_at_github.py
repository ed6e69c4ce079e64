"""checks/ghcr_tag_retention.py: releases that GitHub's API lists."""

import time

import pytest

from preflight.model import Status
from tests.checks.ghcr_tag_retention.scene import REPOSITORY, Scene, statuses, words, wrong
from tests.fakes.ghcr import FakeGhcr, Handler
from tests.fakes.github import FakeGitHub, release


def test_releases_at_github(stage: Scene, ghcr: FakeGhcr, github: FakeGitHub) -> None:
    """GitHub's releases are what must be there; git's tags are not asked."""
    stage.git.git("tag", "--delete", *(f"v1.{minor}.0" for minor in range(4)))
    kept = stage.look()[1]
    assert kept.status is Status.PASS
    assert kept.message == f"{ghcr.host}/{REPOSITORY}: 4 releases since 1.0.0 there, tagged without v"
    assert kept.evidence["source"] == f"GitHub ({REPOSITORY})"

    github.releases[REPOSITORY].insert(2, release("v1.1.5"))

    assert wrong(stage.look()) == [("fail", "missing", "release 1.1.5")]


def test_drafts_and_prereleases_at_github(stage: Scene, github: FakeGitHub) -> None:
    """A draft is not released, and a pre-release needs no image unless the settings say so."""
    stage.environ["GITHUB_TOKEN"] = "may-push"
    github.pushers = frozenset({"may-push"})
    new = [release("v1.2.7", draft=True), release("v1.2.5", prerelease=True), release("v1.2.1-rc.1")]
    github.releases[REPOSITORY] += new
    assert statuses(stage.look()) == [Status.PASS, Status.PASS]

    stage.settings["prereleases"] = True

    assert wrong(stage.look()) == [("fail", "missing", "release 1.2.5"), ("fail", "missing", "release 1.2.1-rc.1")]


def test_release_at_github_without_image_yet(stage: Scene, github: FakeGitHub) -> None:
    """It is said where the release stands."""
    github.releases[REPOSITORY].insert(0, release("v1.4.0"))

    message = words(stage.look(), Status.WARN)

    assert message.endswith(f"1.4.0 is released in GitHub ({REPOSITORY}), and has no image yet")


def test_repository_of_the_remote(stage: Scene, github: FakeGitHub) -> None:
    """Without a setting it is that of git's remote, which must be where GitHub is asked."""
    stage.settings.pop("repository")
    message = words(stage.look(), Status.ERROR)
    assert message.endswith("no repository to ask GitHub for: git has no remote origin")

    stage.git.git("remote", "add", "origin", f"https://jane:hunter2@gitlab.com/{REPOSITORY}.git")
    message = words(stage.look(), Status.ERROR)
    assert "git's remote origin is no repository at 127.0.0.1" in message
    assert "hunter2" not in message
    assert not github.questions

    stage.git.git("remote", "set-url", "origin", f"http://127.0.0.1/{REPOSITORY}.git")
    assert statuses(stage.look()) == [Status.PASS, Status.PASS]


@pytest.mark.parametrize(
    ("answer", "what"),
    [
        ((404, {}), f"GitHub has no repository {REPOSITORY} that can be read without a token (404)"),
        ((403, {"X-RateLimit-Remaining": "0"}), "GitHub's API: the limit of requests is reached"),
        ((301, {}), "GitHub's API redirects, and that is not followed"),
    ],
)
def test_github_that_refuses(
    stage: Scene, ghcr: FakeGhcr, github: FakeGitHub, answer: tuple[int, dict[str, str]], what: str
) -> None:
    """Releases that are not known are an error; what can be judged without them is."""
    github.status, github.headers = answer
    held, unknown = stage.look()
    assert (held.status, unknown.status) == (Status.PASS, Status.ERROR)
    assert unknown.message.endswith(f"the releases to compare with are not known: {what}")
    assert unknown.hint

    ghcr.push(REPOSITORY, "1.1.0", content="moved")

    assert "tag 1.1.0 was moved" in words(stage.look(), Status.FAIL)


def test_no_release_at_github(stage: Scene, github: FakeGitHub) -> None:
    """Whoever asks GitHub expects releases: none at all is an error."""
    github.releases[REPOSITORY] = [release("v1.3.0", draft=True)]

    message = words(stage.look(), Status.ERROR)

    assert message.endswith(f"are not known: GitHub has no published release of {REPOSITORY}")


def test_github_that_is_silent_costs_nobody_else_his_time(stage: Scene, github: FakeGitHub) -> None:
    """The digest and its holder are judged in the time that is left."""
    stage.settings["candidates"] = 1
    stage.seconds = 4

    def slow(_handler: Handler) -> bool:
        time.sleep(3)
        return False

    github.always("", slow)

    held, unknown = stage.look()

    assert held.status is Status.PASS
    assert unknown.status is Status.ERROR
    assert "did not answer in time" in unknown.message
