"""checks/ghcr_tag_retention.py: a registry that refuses, fails or sends what does not belong there."""

from typing import Any

import pytest

from preflight.model import Status
from tests.checks.ghcr_tag_retention.scene import REPOSITORY, Scene, statuses, words, wrong
from tests.fakes.ghcr import FakeGhcr, Handler
from tests.fakes.http_server import answering, silent


@pytest.mark.parametrize("status", [401, 403])
def test_private_package(stage: Scene, ghcr: FakeGhcr, status: int) -> None:
    """401 and 403 are one error that names both possibilities, not a failure and not a pass."""
    ghcr.always("/v2/", answering(status, b"{}"))

    [finding] = stage.look()

    assert finding.status is Status.ERROR
    assert finding.message.endswith(f"missing or not readable with these credentials (anonymous, {status})")
    assert "docker login" in finding.hint


def test_private_at_the_token_service(stage: Scene, ghcr: FakeGhcr) -> None:
    """So is GHCR's own way of refusing."""
    ghcr.anonymous = False

    assert words(stage.look(), Status.ERROR).endswith("(anonymous, 403)")


def test_repository_that_is_not_there(stage: Scene, ghcr: FakeGhcr) -> None:
    """A repository that does not answer fails, once."""
    ghcr.repositories.clear()
    ghcr.manifests.clear()

    [finding] = stage.look()

    assert (finding.status, finding.code) == (Status.FAIL, "repository-not-found")
    assert finding.message.endswith("missing or not readable with these credentials (anonymous, 404 NAME_UNKNOWN)")


@pytest.mark.parametrize(
    ("script", "what"),
    [
        (answering(429, b"", Retry_After="3600"), "allows no more requests for now (429) and asks to wait 3600 s"),
        (answering(503), "has trouble of its own (503)"),
        (silent, "did not answer in time"),
        (answering(200, b"<html>", Content_Type="text/html"), "does not answer as a container registry does"),
    ],
)
def test_registry_in_trouble(stage: Scene, ghcr: FakeGhcr, script: Any, what: str) -> None:
    """429, 5xx, silence and web pages are each an error of their own, within the time."""
    ghcr.always("/v2/", script)
    stage.seconds = 2

    findings = stage.look()

    assert set(statuses(findings)) == {Status.ERROR}
    assert what in findings[0].message


def test_tags_that_cannot_be_listed(stage: Scene, ghcr: FakeGhcr) -> None:
    """If only the list of tags fails, the digest is judged and the rest is an error."""
    ghcr.always("/tags/list", answering(200, b"{"))

    findings = stage.look()

    assert statuses(findings) == [Status.PASS, Status.ERROR]
    assert findings[0].message.endswith("… answers")


def test_repository_unknown_for_tags_only(stage: Scene, ghcr: FakeGhcr) -> None:
    """A repository that answers for the digest but not for its tags fails."""
    ghcr.always("/tags/list", answering(404, b'{"errors": [{"code": "NAME_UNKNOWN"}]}'))

    assert wrong(stage.look()) == [("fail", "repository-not-found", f"image {stage.host}/{REPOSITORY}")]


def test_registry_that_steers_the_terminal(stage: Scene, ghcr: FakeGhcr) -> None:
    """Nothing that a registry sends reaches a message unclean."""

    def evil(handler: Handler) -> object:
        listed = rb'{"tags": ["1.3.0\u001b[2J", "1.3.0"]}'
        return answering(200, listed)(handler)

    ghcr.always("/tags/list", evil)

    assert "\x1b" not in repr([finding.message for finding in stage.look()])
