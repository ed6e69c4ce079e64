"""Stages for the tests of image-provenance."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.checks.image_provenance.stage import Stage
from tests.fakes.github import FakeGitHub
from tests.real.git import GitRepository
from tests.real.registry import RealRegistry
from tests.real.signing import push_unsigned, require_sigstore


@pytest.fixture
def github() -> Iterator[FakeGitHub]:
    """A fake GitHub that knows nothing yet."""
    with FakeGitHub() as fake:
        yield fake


@pytest.fixture
def stage(registry: RealRegistry, github: FakeGitHub, git_repository: GitRepository, tmp_path: Path) -> Stage:
    """A repository with the releases v1.4.0 and v1.4.1, whose pin is for the latter."""
    require_sigstore()
    repository = "provenance/" + tmp_path.name.lower().strip("_").replace("_", "-")
    stage = Stage(registry, git_repository, github, repository, push_unsigned(registry, repository))
    git_repository.commit({"app.txt": "1"}, "Release 1.4.0")
    git_repository.tag("v1.4.0")
    git_repository.commit({"app.txt": "2"}, "Release 1.4.1")
    git_repository.tag("v1.4.1")
    stage.pin()
    return stage
