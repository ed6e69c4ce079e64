"""Scenes for the tests of ghcr-tag-retention."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from preflight.model import Status
from tests.checks.ghcr_tag_retention.scene import REPOSITORY, Scene, statuses
from tests.fakes.ghcr import FakeGhcr
from tests.fakes.github import FakeGitHub, release
from tests.real.git import GitRepository
from tests.real.registry import RealRegistry


@pytest.fixture
def ghcr() -> Iterator[FakeGhcr]:
    """A fake GHCR."""
    with FakeGhcr() as fake:
        yield fake


@pytest.fixture
def stage(git_repository: GitRepository, ghcr: FakeGhcr, tmp_path: Path) -> Scene:
    """A repository whose releases v1.0.0 … v1.3.0 all have an image, and whose pin is that of the newest."""
    stage = Scene(git_repository, ghcr.host, {"DOCKER_CONFIG": str(tmp_path / "none"), "PATH": os.environ["PATH"]})
    for minor in range(4):
        digest = ghcr.push(REPOSITORY, f"1.{minor}.0", "latest", content=str(minor))
        stage.pin(digest, f"chore: pin agent image for v1.{minor}.0")
        git_repository.tag(f"v1.{minor}.0")
    return stage


@pytest.fixture
def github(stage: Scene) -> Iterator[FakeGitHub]:
    """A fake of GitHub's API with the same releases, which the check is told to ask."""
    releases = [release(f"v1.{minor}.0") for minor in (3, 2, 1, 0)]
    with FakeGitHub(releases={REPOSITORY: releases}) as fake:
        stage.environ["GITHUB_API_URL"] = fake.url
        stage.settings = {"source": "github", "repository": REPOSITORY}
        yield fake


@pytest.fixture
def real(git_repository: GitRepository, registry: RealRegistry, tmp_path: Path, request: Any) -> Scene:
    """The same as ``stage``, with a real registry."""
    repository = f"preflight-tests/retention-{abs(hash(request.node.name))}"
    environ = {"DOCKER_CONFIG": str(tmp_path / "none"), "PATH": os.environ["PATH"]}
    stage = Scene(git_repository, registry.host, environ, repository=repository)
    for minor in range(4):
        digest = registry.push_image(repository, f"1.{minor}.0", "latest", content=str(minor))
        stage.pin(digest, f"chore: pin agent image for v1.{minor}.0")
        git_repository.tag(f"v1.{minor}.0")
    assert statuses(stage.look()) == [Status.PASS, Status.PASS]
    return stage
