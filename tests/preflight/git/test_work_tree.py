"""preflight/git/work_tree.py: what cannot be read is never taken for absent."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from preflight.errors import CouldNotLook
from preflight.git.command import GitCommand
from preflight.git.model import WorkTree
from preflight.git.work_tree import find_git, find_work_tree
from preflight.lib.deadline import Deadline
from tests.real.git import GIT_ENVIRON, GitRepository
from tests.real.plain_user import as_plain_user

ENVIRON = {"PATH": os.environ.get("PATH", os.defpath), **GIT_ENVIRON}


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user may enter."""
    with tempfile.TemporaryDirectory(prefix="open-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


def look(folder: Path, **environ: str) -> WorkTree | None:
    """Ask for the work tree around a folder."""
    given = {**ENVIRON, **environ}
    return find_work_tree(GitCommand(given), folder, given, Deadline.after(30))


def refusal(folder: Path, **environ: str) -> CouldNotLook:
    """Return why it cannot be told."""
    with pytest.raises(CouldNotLook) as caught:
        look(folder, **environ)
    assert caught.value.hint
    return caught.value


def test_a_work_tree_is_found_from_below(git_repository: GitRepository) -> None:
    """Its root comes from git."""
    git_repository.commit({"docker/pin.env": "A=1\n"})

    assert look(git_repository.path / "docker") == WorkTree(git_repository.path.resolve(), shallow=False)


def test_without_a_git_above_there_is_none(tmp_path: Path) -> None:
    """Git need not even be installed for that."""
    assert look(tmp_path, PATH="/nonexistent") is None


def empty_head(git: Path) -> None:
    """Leave nothing in HEAD, as a full disk does."""
    (git / "HEAD").write_text("")


def no_head(git: Path) -> None:
    """Remove HEAD."""
    (git / "HEAD").unlink()


def no_objects(git: Path) -> None:
    """Remove the objects."""
    shutil.rmtree(git / "objects")


def nothing(git: Path) -> None:
    """Leave an empty folder, as Docker makes for a mount."""
    shutil.rmtree(git)
    git.mkdir()


@pytest.mark.parametrize(
    ("break_it", "words"),
    [
        (empty_head, "the file HEAD in it is empty"),
        (no_head, "the file HEAD in it is missing"),
        (no_objects, "it is not a repository"),
        (nothing, "the file HEAD in it is missing"),
    ],
)
def test_a_broken_git_folder_is_an_error(
    git_repository: GitRepository, break_it: Callable[[Path], None], words: str
) -> None:
    """Git itself calls all of these "not a git repository"."""
    git_repository.commit({"docker/pin.env": "A=1\n"})
    break_it(git_repository.path / ".git")

    error = refusal(git_repository.path / "docker")

    assert error.message == f"git cannot use {git_repository.path / '.git'}: {words}"


@pytest.mark.parametrize(
    ("text", "words"),
    [("gitdir: ../gone\n", "it points to ../gone, which is not there"), ("nonsense", "it is not a repository")],
)
def test_a_broken_git_file_is_an_error(tmp_path: Path, text: str, words: str) -> None:
    """As in a linked work tree or a submodule whose repository was moved."""
    (tmp_path / ".git").write_text(text)

    assert words in refusal(tmp_path).message


def test_a_link_to_nothing_is_an_error(tmp_path: Path) -> None:
    """Nobody's permissions are at fault."""
    (tmp_path / ".git").symlink_to(tmp_path / "gone")

    error = refusal(tmp_path)

    assert error.message.endswith("it is a link to what is not there")
    assert "owner" not in error.hint


def test_a_broken_repository_inside_of_another_is_an_error(git_repository: GitRepository) -> None:
    """Git goes on to the one around it, which is not the one that holds the files."""
    git_repository.commit({"README": "x"})
    (git_repository.path / "inner/.git").mkdir(parents=True)

    assert "inner/.git: the file HEAD in it is missing" in refusal(git_repository.path / "inner").message


def test_a_git_folder_that_may_not_be_read_is_an_error(open_folder: Path) -> None:
    """One of another user, closed to all others."""
    GitRepository.create(open_folder / "app").commit({"pin.env": "A=1\n"})
    (open_folder / "app/.git").chmod(0o000)

    with as_plain_user():
        error = refusal(open_folder / "app")

    assert error.message == f"git cannot use {open_folder / 'app/.git'}: permission denied"
    assert "as its owner, or as root" in error.hint


def test_a_working_folder_that_may_not_be_entered_is_named(open_folder: Path) -> None:
    """Nobody can tell whether a `.git` lies in it."""
    (open_folder / "closed/docker").mkdir(parents=True)
    (open_folder / "closed").chmod(0o000)

    with as_plain_user():
        error = refusal(open_folder / "closed/docker")

    assert error.message == f"the folder {open_folder / 'closed/docker'} cannot be read: permission denied"


def test_another_file_system_is_an_error(git_repository: GitRepository, tmp_path: Path) -> None:
    """As where `docker/` is a mount of its own; a git that says so stands in for the mount."""
    git_repository.commit({"docker/pin.env": "A=1\n"})
    script = tmp_path / "bin/git"
    script.parent.mkdir()
    script.write_text(
        "#!/bin/sh\necho 'fatal: not a git repository (or any parent up to mount point /x)' >&2\n"
        "echo 'Stopping at filesystem boundary (GIT_DISCOVERY_ACROSS_FILESYSTEM not set).' >&2\nexit 128\n"
    )
    script.chmod(0o755)

    error = refusal(git_repository.path / "docker", PATH=f"{script.parent}:{ENVIRON['PATH']}")

    assert "it does not look beyond the file system that is mounted here" in error.message
    assert "GIT_DISCOVERY_ACROSS_FILESYSTEM=1" in error.hint


def test_where_the_operator_bids_git_stop_nobody_looks(git_repository: GitRepository) -> None:
    """GIT_CEILING_DIRECTORIES: above it there may be a repository of somebody else."""
    docker = git_repository.path / "docker"
    docker.mkdir()

    assert look(docker, GIT_CEILING_DIRECTORIES=str(git_repository.path)) is None
    assert look(docker, GIT_CEILING_DIRECTORIES=f"relative:{git_repository.path.parent}") is not None
    assert find_git(docker, {}) == git_repository.path.resolve() / ".git"
