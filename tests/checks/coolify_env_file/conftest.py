"""Stacks for the tests of coolify-env-file."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.checks.coolify_env_file.stack import Stack
from tests.real.engine import RealEngine
from tests.real.git import GitRepository


@pytest.fixture
def stack(engine: RealEngine, tmp_path: Path) -> Iterator[Stack]:
    """An empty checkout."""
    one = Stack(engine, tmp_path / "checkout")
    yield one
    one.clean()


@pytest.fixture
def in_git(engine: RealEngine, tmp_path: Path) -> Iterator[tuple[Stack, GitRepository]]:
    """A checkout in git, nothing written or committed yet."""
    repository = GitRepository.create(tmp_path / "checkout")
    stack = Stack(engine, repository.path)
    yield stack, repository
    stack.clean()
