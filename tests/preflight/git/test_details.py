"""preflight/git/details.py, against real git."""

import pytest

from preflight.errors import CouldNotLook
from preflight.git.command import GitCommand
from preflight.git.details import CommitDetails, commit_details
from preflight.lib.deadline import Deadline
from tests.real.git import GIT_ENVIRON, GitRepository


def details(repository: GitRepository, commit: str) -> CommitDetails:
    """Ask."""
    git = GitCommand({"PATH": "/usr/bin:/bin", **GIT_ENVIRON})
    return commit_details(git, repository.path, commit, Deadline.after(30))


def test_parents_subject_and_files(git_repository: GitRepository) -> None:
    """Of the first commit, of one that renames, and of a merge."""
    first = git_repository.commit({"a.txt": "1\n" * 50, "b/c d.txt": "2\n"}, "First: [skip ci]")
    assert details(git_repository, first) == CommitDetails((), "First: [skip ci]", ("a.txt", "b/c d.txt"))
    git_repository.git("mv", "a.txt", "z.txt")
    second = git_repository.commit(message="Second\n\nBody")
    assert details(git_repository, second) == CommitDetails((first,), "Second", ("a.txt", "z.txt"))
    git_repository.git("switch", "-q", "-c", "side", first)
    side = git_repository.commit({"side.txt": "1\n"})
    git_repository.git("switch", "-q", "main")
    git_repository.git("merge", "-q", "--no-ff", "-m", "Merge", "side")
    assert details(git_repository, git_repository.git("rev-parse", "HEAD")) == CommitDetails(
        (second, side), "Merge", ()
    )


def test_no_such_commit(git_repository: GitRepository) -> None:
    """It could not look."""
    git_repository.commit({"a.txt": "1\n"})
    with pytest.raises(CouldNotLook):
        details(git_repository, "1" * 40)
