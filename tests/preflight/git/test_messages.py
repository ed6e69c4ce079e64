"""preflight/git/messages.py"""

import os

import pytest

from preflight.errors import CouldNotLook
from preflight.git.command import GitCommand
from preflight.git.messages import Push, commits_since
from preflight.lib.deadline import Deadline
from tests.real.git import GitRepository


def since(repository: GitRepository, start: str, *, included: bool = True) -> Push:
    """Return what HEAD has had since a commit."""
    return commits_since(GitCommand(os.environ), repository.path, start, Deadline.after(20), included=included)


def test_messages_and_files_of_a_push(git_repository: GitRepository) -> None:
    """Whole messages, newest first, and every file that was added, changed or removed."""
    git_repository.commit({"a.txt": "1", "docker/pin.env": "A=1\n"}, "first")
    start = git_repository.git("rev-parse", "HEAD").strip()
    git_repository.commit({"docker/pin.env": "A=2\n", "ä ö.txt": "x"}, "second\n\nbody of it [skip ci]")
    git_repository.git("rm", "-q", "a.txt")
    git_repository.git("commit", "-q", "-m", "third")

    push = since(git_repository, start)
    later = since(git_repository, start, included=False)

    assert [each.message.strip() for each in push.commits] == ["third", "second\n\nbody of it [skip ci]", "first"]
    assert [len(each.hash) for each in push.commits] == [40, 40, 40]
    assert [each.message.strip() for each in later.commits] == ["third", "second\n\nbody of it [skip ci]"]
    assert push.files == later.files == ("a.txt", "docker/pin.env", "ä ö.txt")
    assert since(git_repository, push.commits[0].hash, included=False) == Push((), ())


def test_a_merge_brings_the_commits_of_its_branch(git_repository: GitRepository) -> None:
    """As in the list that a git host sends for a push."""
    git_repository.commit({"a.txt": "1"}, "base")
    base = git_repository.git("rev-parse", "HEAD").strip()
    git_repository.git("checkout", "-q", "-b", "feature")
    git_repository.commit({"b.txt": "1"}, "on the branch")
    git_repository.git("checkout", "-q", "-")
    git_repository.git("merge", "-q", "--no-ff", "-m", "merged", "feature")

    push = since(git_repository, base, included=False)

    assert {each.message.strip() for each in push.commits} == {"merged", "on the branch"}
    assert push.files == ("b.txt",)


def test_a_commit_that_is_not_here(git_repository: GitRepository) -> None:
    """Git cannot tell."""
    git_repository.commit({"a.txt": "1"})

    with pytest.raises(CouldNotLook):
        since(git_repository, "0" * 40)
