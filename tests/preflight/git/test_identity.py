"""preflight/git/identity.py."""

import pytest

from preflight.git.command import GitCommand
from preflight.git.identity import identity
from preflight.lib.deadline import Deadline
from tests.real.git import GitRepository

BARE = {"PATH": "/usr/bin:/bin", "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null"}
BY_ENVIRONMENT = {
    "GIT_AUTHOR_NAME": "A",
    "GIT_AUTHOR_EMAIL": "a@example.com",
    "GIT_COMMITTER_NAME": "C",
    "GIT_COMMITTER_EMAIL": "c@example.com",
}


@pytest.mark.parametrize(
    ("configured", "environ", "author"),
    [
        ({}, {}, ""),
        ({"user.name": "N"}, {}, ""),
        ({"user.name": "N", "user.email": "n@example.com"}, {}, "N"),
        ({"user.name": "N", "user.email": "n@example.com"}, BY_ENVIRONMENT, "A"),
        ({}, BY_ENVIRONMENT, "A"),
        ({}, {"GIT_AUTHOR_NAME": "A", "GIT_AUTHOR_EMAIL": "a@example.com"}, ""),
    ],
)
def test_environment_overrides_configuration(
    git_repository: GitRepository, configured: dict[str, str], environ: dict[str, str], author: str
) -> None:
    """As for git itself; nothing where any of the four is missing."""
    for key, value in configured.items():
        git_repository.git("config", key, value)
    given = {**BARE, **environ}
    found = identity(GitCommand(given), git_repository.path, given, Deadline.after(10))
    assert found.get("GIT_AUTHOR_NAME", "") == author
    assert len(found) == (4 if author else 0)
