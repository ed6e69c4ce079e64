"""preflight/git/remotes.py"""

import os
from pathlib import Path

import pytest

from preflight.errors import CouldNotLook
from preflight.git.command import GitCommand
from preflight.git.remotes import reachable_address, remote_address, remote_addresses, remote_names
from preflight.lib.deadline import Deadline
from tests.real.git import GIT_ENVIRON, GitRepository

GIT = GitCommand({"PATH": os.environ.get("PATH", os.defpath), **GIT_ENVIRON})


def soon() -> Deadline:
    """Time enough."""
    return Deadline.after(30)


def test_remotes_of_a_repository(git_repository: GitRepository) -> None:
    """Names, addresses with short forms written out, and where is pushed to."""
    path = git_repository.path
    assert remote_names(GIT, path, soon()) == ()
    assert remote_addresses(GIT, path, soon()) == ()
    git_repository.git("remote", "add", "origin", "gh:a/b")
    git_repository.git("remote", "add", "other", "/srv/c")
    git_repository.git("remote", "set-url", "--push", "origin", "git@host:a/b")
    git_repository.git("config", "url.https://github.com/.insteadOf", "gh:")

    assert remote_names(GIT, path, soon()) == ("origin", "other")
    assert remote_address(GIT, path, "origin", soon()) == "https://github.com/a/b"
    assert remote_address(GIT, path, "origin", soon(), push=True) == "git@host:a/b"
    assert remote_address(GIT, path, "none", soon()) is None
    assert remote_address(GIT, path, "--all", soon()) is None
    assert remote_addresses(GIT, path, soon()) == ("gh:a/b", "/srv/c")


def test_a_configuration_that_cannot_be_read_is_an_error(git_repository: GitRepository) -> None:
    """No remote at all would be another answer."""
    (git_repository.path / ".git/config").write_text("[remote\n")

    for ask in (remote_names, lambda *given: remote_address(given[0], given[1], "origin", given[2])):
        with pytest.raises(CouldNotLook, match="its configuration cannot be read"):
            ask(GIT, git_repository.path, soon())


@pytest.mark.parametrize(
    ("address", "reachable"),
    [
        ("https://host/a", "https://host/a"),
        ("git@host:a", "git@host:a"),
        ("/srv/a", "/srv/a"),
        ("ext::sh", "ext::sh"),
        ("../a", "{root}/../a"),
        ("a/b", "{root}/a/b"),
    ],
)
def test_a_relative_path_counts_from_the_root(git_repository: GitRepository, address: str, reachable: str) -> None:
    """The other forms mean the same everywhere."""
    git_repository.write({"docker/x": ""})
    root = git_repository.path

    found = reachable_address(GIT, root / "docker", address, soon())

    assert found == os.path.normpath(Path(reachable.replace("{root}", str(root)))) or found == reachable
