"""Repositories for the tests of ghcr-prune-config."""

from collections.abc import Iterator

import pytest

from tests.checks.ghcr_prune_config.place import Place
from tests.fakes.package_api import PackageApi
from tests.real.git import GitRepository


@pytest.fixture
def place(git_repository: GitRepository) -> Place:
    """A repository with a pin and nothing else."""
    return Place(git_repository)


@pytest.fixture
def api() -> Iterator[PackageApi]:
    """A server of GitHub's API."""
    with PackageApi() as fake:
        yield fake
