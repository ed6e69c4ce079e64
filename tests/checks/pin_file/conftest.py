"""Commits a pin file, then looks at it."""

from collections.abc import Callable

import pytest

from preflight.model import Finding
from tests.checks.pin_file.look import FILE, look
from tests.real.git import GitRepository


@pytest.fixture
def committed(git_repository: GitRepository) -> Callable[[str], list[Finding]]:
    """Commits a pin file with the given text and looks at it."""

    def commit(text: str) -> list[Finding]:
        git_repository.commit({FILE: text})
        return look(git_repository.path)

    return commit
