"""Clones for the tests of pin-freshness."""

from pathlib import Path

import pytest

from tests.checks.pin_freshness.clones import Clones, clone
from tests.real.git import GitRepository


@pytest.fixture
def clones(tmp_path: Path) -> Clones:
    """A remote with one released pin, and two clones of it."""
    remote = GitRepository(tmp_path / "remote.git")
    remote.path.mkdir()
    remote.git("init", "--quiet", "--bare", "--initial-branch=main")
    developer = GitRepository.create(tmp_path / "developer")
    developer.git("remote", "add", "origin", str(remote.path))
    found = Clones(remote.path, developer, GitRepository(tmp_path / "host"))
    found.publish(1)
    clone(found.remote, found.host.path)
    return found
