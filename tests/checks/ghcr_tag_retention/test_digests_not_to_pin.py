"""checks/ghcr_tag_retention.py: digests that are not the one to pin."""

import hashlib
import json

import pytest

from preflight.model import Stage as RolloutStage
from preflight.model import Status
from tests.checks.ghcr_tag_retention.scene import REPOSITORY, Scene, wrong
from tests.fakes.ghcr import FakeGhcr

SUBJECT = "chore: pin agent image for v1.3.0"


def release_index(ghcr: FakeGhcr, tag: str, *children: str) -> str:
    """Let a release's tag point at an index of these images, and return its digest."""
    index = ghcr.push_index(REPOSITORY, *children)
    ghcr.manifests[REPOSITORY, tag] = ghcr.manifests[REPOSITORY, index]
    return index


@pytest.mark.parametrize("at", list(RolloutStage))
def test_one_platform_of_the_pinned_release(stage: Scene, ghcr: FakeGhcr, at: RolloutStage) -> None:
    """The tag was not moved, and no remedy replaces all platforms by one."""
    child = ghcr.push_image(REPOSITORY, "amd64")
    index = release_index(ghcr, "1.3.0", child, ghcr.push_image(REPOSITORY, "other"))
    stage.pin(child, SUBJECT)
    stage.stage = at

    findings = stage.look()

    [(status, code, _)] = wrong(findings)
    assert (status, code) == ("warn", "platform-image")
    [finding] = [each for each in findings if each.status is Status.WARN]
    assert f": you pinned the linux/amd64 image of 1.3.0, whose index is {index[:19]}…" in finding.message
    assert finding.hint == f"Pin the index, for every platform: {stage.host}/{REPOSITORY}@{index}"
    assert finding.evidence["index"] == index


def test_one_platform_that_no_commit_tells_of(stage: Scene, ghcr: FakeGhcr) -> None:
    """The newest releases are asked, too."""
    child = ghcr.push_image(REPOSITORY, "amd64")
    release_index(ghcr, "1.3.0", child)
    stage.pin(child, "Try something")

    assert [code for _, code, subject in wrong(stage.look()) if subject.startswith("image")] == ["platform-image"]


def test_one_platform_of_an_old_release(stage: Scene, ghcr: FakeGhcr) -> None:
    """A dozen releases came after it."""
    child = ghcr.push_image(REPOSITORY, "amd64")
    ghcr.push(REPOSITORY, "1.0.1")
    release_index(ghcr, "1.0.1", child)
    for minor in range(5, 17):
        ghcr.push(REPOSITORY, f"1.{minor}.0", content=str(minor))
    stage.pin(child, "Try something")

    assert [code for _, code, subject in wrong(stage.look()) if subject.startswith("image")] == ["platform-image"]


def test_a_tag_that_was_moved_to_another_index(stage: Scene, ghcr: FakeGhcr) -> None:
    """It does not list what was pinned: it was moved."""
    release_index(ghcr, "1.3.0", ghcr.push_image(REPOSITORY, "stranger"))

    assert [code for _, code, _ in wrong(stage.look())] == ["not-held", "pinned-moved"]


def test_the_id_of_an_image(stage: Scene, ghcr: FakeGhcr) -> None:
    """What `docker images` shows: a configuration, which nobody can pull."""
    body = json.dumps({"architecture": "amd64", "os": "linux", "rootfs": {"type": "layers"}}).encode()
    digest = "sha256:" + hashlib.sha256(body).hexdigest()
    ghcr.blobs[REPOSITORY, digest] = body
    stage.pin(digest, "Pin what docker images says")

    findings = stage.look()

    assert ("fail", "image-id") in [(status, code) for status, code, _ in wrong(findings)]
    assert "is the id of an image" in next(each.message for each in findings if each.code == "image-id")


@pytest.mark.parametrize("body", [b"{}", b"[]", b"a layer"])
def test_another_blob_is_no_image(stage: Scene, ghcr: FakeGhcr, body: bytes) -> None:
    """Only a configuration has a root file system."""
    digest = "sha256:" + hashlib.sha256(body).hexdigest()
    ghcr.blobs[REPOSITORY, digest] = body
    stage.pin(digest, "Pin a layer")

    assert "digest-not-found" in [code for _, code, _ in wrong(stage.look())]
