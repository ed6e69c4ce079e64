"""preflight/git/state.py, through the door and against the real git."""

import os
import subprocess
from pathlib import Path

import pytest

from preflight.errors import CouldNotLook
from preflight.git.door import Git
from preflight.git.model import FileState
from preflight.git.state import MAX_FILE
from preflight.lib.deadline import Deadline
from tests.real.git import GIT_ENVIRON, GitRepository

ENVIRON = {"PATH": os.environ.get("PATH", os.defpath), **GIT_ENVIRON}


@pytest.fixture
def soon() -> Deadline:
    """Time enough for some calls of git."""
    return Deadline.after(30)


@pytest.fixture
def pinned(git_repository: GitRepository) -> GitRepository:
    """A repository with one committed env file."""
    git_repository.commit({"docker/pin.env": "PIN=a\n"}, "Pin a")
    return git_repository


def door(base: Path, **environ: str) -> Git:
    """The door as it stands in ``base``."""
    return Git(base, {**ENVIRON, **environ})


def test_committed_file_is_clean(pinned: GitRepository, soon: Deadline) -> None:
    """A file that is as committed is tracked and unmodified."""
    path = pinned.path / "docker/pin.env"
    git = door(pinned.path)

    assert git.state(path, soon) == FileState(pinned.path.resolve(), tracked=True, committed=True)
    assert not git.is_modified(path, soon)


@pytest.mark.parametrize("assumed", ["--assume-unchanged", "--skip-worktree"])
def test_changed_file_is_modified(pinned: GitRepository, soon: Deadline, assumed: str) -> None:
    """A change shows even where git was told to look away."""
    pinned.git("update-index", assumed, "docker/pin.env")
    pinned.write({"docker/pin.env": "PIN=b\n"})

    state = door(pinned.path).state(pinned.path / "docker/pin.env", soon)

    assert state.changed
    assert not state.staged
    assert state.modified


def test_staged_change_is_modified(pinned: GitRepository, soon: Deadline) -> None:
    """A staged change that was not committed shows."""
    pinned.write({"docker/pin.env": "PIN=b\n"})
    pinned.git("add", "docker/pin.env")

    state = door(pinned.path).state(pinned.path / "docker/pin.env", soon)

    assert state.staged
    assert not state.changed


def test_staged_change_that_was_undone_on_disk_is_modified(pinned: GitRepository, soon: Deadline) -> None:
    """Index and disk may differ while disk and commit agree; the next commit would change the pin."""
    pinned.write({"docker/pin.env": "PIN=b\n"})
    pinned.git("add", "docker/pin.env")
    pinned.write({"docker/pin.env": "PIN=a\n"})

    state = door(pinned.path).state(pinned.path / "docker/pin.env", soon)

    assert state.staged
    assert state.changed


def test_added_file_is_not_committed(pinned: GitRepository, soon: Deadline) -> None:
    """A file that was added and never committed is tracked, but differs from the commit."""
    pinned.write({"new.env": "PIN=b\n"})
    pinned.git("add", "new.env")

    state = door(pinned.path).state(pinned.path / "new.env", soon)

    assert state == FileState(pinned.path.resolve(), tracked=True, committed=False, staged=True)


def test_deleted_file_is_changed(pinned: GitRepository, soon: Deadline) -> None:
    """A tracked file that is gone from disk is changed."""
    (pinned.path / "docker/pin.env").unlink()

    assert door(pinned.path).state(pinned.path / "docker/pin.env", soon).changed


def test_conflict_is_modified(pinned: GitRepository, soon: Deadline) -> None:
    """A file with an unresolved merge is modified."""
    pinned.git("checkout", "--quiet", "-b", "other")
    pinned.commit({"docker/pin.env": "PIN=b\n"})
    pinned.git("checkout", "--quiet", "main")
    pinned.commit({"docker/pin.env": "PIN=c\n"})
    subprocess.run(["git", "merge", "other"], cwd=pinned.path, env=ENVIRON, capture_output=True, check=False)

    state = door(pinned.path).state(pinned.path / "docker/pin.env", soon)

    assert state.conflict
    assert state.tracked
    assert state.modified


def test_line_ends_that_git_converts_are_no_change(pinned: GitRepository, soon: Deadline) -> None:
    """CRLF on disk counts as unmodified only where git is told to convert line ends."""
    path = pinned.path / "docker/pin.env"
    pinned.write({"docker/pin.env": "PIN=a\r\n"})

    assert door(pinned.path).is_modified(path, soon)

    pinned.git("config", "core.autocrlf", "true")

    assert not door(pinned.path).is_modified(path, soon)


def test_line_ends_follow_attributes(git_repository: GitRepository, soon: Deadline) -> None:
    """The attribute `text` converts line ends as well."""
    git_repository.commit({".gitattributes": "*.env text\n", "pin.env": "PIN=a\n"})
    git_repository.write({"pin.env": "PIN=a\r\n"})

    assert not door(git_repository.path).is_modified(git_repository.path / "pin.env", soon)


def test_link_is_compared_by_where_it_points(git_repository: GitRepository, soon: Deadline) -> None:
    """A committed link is unmodified as long as it points to the same place."""
    link = git_repository.path / "link.env"
    link.symlink_to("pin.env")
    git_repository.commit({"pin.env": "PIN=a\n"})

    assert not door(git_repository.path).is_modified(link, soon)

    link.unlink()
    link.symlink_to("other.env")

    assert door(git_repository.path).is_modified(link, soon)


def test_sha256_repository(tmp_path: Path, soon: Deadline) -> None:
    """Repositories with SHA-256 ids are compared likewise."""
    repository = GitRepository(tmp_path / "r")
    repository.path.mkdir()
    repository.git("init", "--quiet", "--object-format=sha256")
    repository.commit({"pin.env": "PIN=a\n"})

    assert not door(repository.path).is_modified(repository.path / "pin.env", soon)


@pytest.mark.parametrize("attribute", ["filter=lfs", "working-tree-encoding=UTF-16", "ident"])
def test_what_git_would_convert_is_not_guessed(git_repository: GitRepository, soon: Deadline, attribute: str) -> None:
    """A file of other bytes may be as committed once git's filter has run, and that is not run."""
    git_repository.commit({"pin.env": "PIN=a\n"})
    git_repository.write({".gitattributes": f"*.env {attribute}\n", "pin.env": "PIN=b\n"})

    with pytest.raises(CouldNotLook, match=f"passes through git's {attribute.partition('=')[0]}"):
        door(git_repository.path).state(git_repository.path / "pin.env", soon)


def test_a_huge_file_is_not_read(git_repository: GitRepository, soon: Deadline) -> None:
    """One line, with its size."""
    git_repository.commit({"pin.env": "PIN=a\n"})
    with (git_repository.path / "pin.env").open("wb") as file:
        file.truncate(MAX_FILE + 1)

    with pytest.raises(CouldNotLook, match="is larger than 8192 KiB"):
        door(git_repository.path).state(git_repository.path / "pin.env", soon)
