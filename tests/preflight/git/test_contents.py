"""preflight/git/contents.py"""

import os
from pathlib import Path

import pytest

from preflight.errors import CouldNotLook
from preflight.git.command import GitCommand
from preflight.git.contents import file_in, in_folder
from preflight.lib.deadline import Deadline
from tests.real.git import GIT_ENVIRON, GitRepository

GIT = GitCommand({"PATH": os.environ.get("PATH", os.defpath), **GIT_ENVIRON})


def soon() -> Deadline:
    """Time enough."""
    return Deadline.after(30)


def test_what_commits_held(git_repository: GitRepository) -> None:
    """None where there is no such file, or a folder in its place; bytes as they are."""
    path = git_repository.path / "pin.env"
    commits = [git_repository.commit({"pin.env": "A=1\r\n\n"}), git_repository.commit({"other": ""})]
    git_repository.git("rm", "--quiet", "pin.env")
    commits.append(git_repository.commit())
    commits.append(git_repository.commit({"pin.env/x": ""}))

    assert file_in(GIT, path, commits, soon()) == [b"A=1\r\n\n", b"A=1\r\n\n", None, None]
    assert file_in(GIT, path, [], soon()) == []


@pytest.mark.parametrize("lost", ["HEAD:pin.env", "HEAD^{tree}"])
def test_what_is_lost_is_not_absent(git_repository: GitRepository, lost: str) -> None:
    """`git cat-file` calls both missing."""
    head = git_repository.commit({"pin.env": "A=1\n"})
    gone = git_repository.git("rev-parse", lost)
    (git_repository.path / ".git/objects" / gone[:2] / gone[2:]).unlink()

    with pytest.raises(CouldNotLook, match="missing") as caught:
        file_in(GIT, git_repository.path / "pin.env", [head], soon())
    assert "fsck" in caught.value.hint


def test_a_name_with_a_line_break_is_refused() -> None:
    """It cannot be asked for in one line."""
    with pytest.raises(CouldNotLook, match="contains a line break"):
        in_folder(Path("/a\nb"))
