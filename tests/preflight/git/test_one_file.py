"""preflight/git/one_file.py, with real git."""

from pathlib import Path

import pytest

from preflight.errors import CouldNotLook
from preflight.git.command import GitCommand
from preflight.git.one_file import MAX_BYTES, NewCommit, OneFile, done_well, make_commit, place_of
from preflight.lib.deadline import Deadline
from preflight.lib.process import Completed
from tests.real.git import GIT_ENVIRON, GitRepository

ENVIRON = {"PATH": "/usr/bin:/bin", **GIT_ENVIRON}
AUTHOR = {name: value for name, value in GIT_ENVIRON.items() if name.endswith(("_NAME", "_EMAIL"))}
GIT = GitCommand(ENVIRON)
PLACE = "docker/pin.env"


@pytest.fixture
def repository(git_repository: GitRepository) -> GitRepository:
    """Two files, one of them executable."""
    git_repository.write({PLACE: "old\n", "other.txt": "1\n"})
    (git_repository.path / PLACE).chmod(0o755)
    git_repository.commit()
    return git_repository


def one_file(repository: GitRepository, place: str = PLACE) -> OneFile:
    """The file."""
    return OneFile(GIT, repository.path, place)


def soon() -> Deadline:
    """Time enough."""
    return Deadline.after(30)


def test_what_it_holds(repository: GitRepository) -> None:
    """In a commit, in the index; None where there is none, or a folder in its place."""
    (repository.path / PLACE).write_text("staged\n")
    repository.git("add", PLACE)
    file = one_file(repository)
    assert (file.content("HEAD", soon()), file.content(":0", soon())) == (b"old\n", b"staged\n")
    assert one_file(repository, "none").content("HEAD", soon()) is None
    assert one_file(repository, "docker").content("HEAD", soon()) is None


def test_a_file_that_is_too_large(repository: GitRepository) -> None:
    """It is not read: a line in it would take seconds to find."""
    repository.commit({PLACE: "#" * (MAX_BYTES + 1)})
    with pytest.raises(CouldNotLook, match=r"docker/pin\.env is larger than 1024 KiB in git"):
        one_file(repository).content("HEAD", soon())


def test_a_commit_changes_it_alone(repository: GitRepository, tmp_path: Path) -> None:
    """Mode and other files stay; no ref, index or work tree changes; the message is whole."""
    head, index = repository.git("rev-parse", "HEAD"), repository.git("ls-files", "--stage")
    what = NewCommit(head, {PLACE: b"new\r\n\xff"}, "Subject\n\nBody", AUTHOR)

    commit, [entry] = make_commit(GIT, repository.path, what, tmp_path / "index", soon())

    assert one_file(repository).content(commit, soon()) == b"new\r\n\xff"
    assert repository.git("diff-tree", "-r", "--name-only", head, commit) == PLACE
    assert repository.git("log", "-1", "--format=%P|%an|%B", commit) == f"{head}|Preflight Tests|Subject\n\nBody"
    mode, blob, place = entry.split(",")
    assert (mode, place) == ("100755", PLACE)
    assert repository.git("ls-tree", commit, "--", PLACE).split()[2] == blob
    assert (repository.git("rev-parse", "HEAD"), repository.git("ls-files", "--stage")) == (head, index)
    assert repository.git("status", "--porcelain") == ""


def test_a_commit_changes_several(repository: GitRepository, tmp_path: Path) -> None:
    """Each with its own mode and its own entry."""
    what = NewCommit(repository.git("rev-parse", "HEAD"), {"other.txt": b"2\n", PLACE: b"new\n"}, "Both", AUTHOR)
    commit, entries = make_commit(GIT, repository.path, what, tmp_path / "index", soon())
    assert repository.git("diff-tree", "-r", "--name-only", f"{commit}~", commit).split() == [PLACE, "other.txt"]
    assert [entry.split(",")[::2] for entry in entries] == [["100644", "other.txt"], ["100755", PLACE]]


def test_a_message_that_looks_like_an_option(repository: GitRepository, tmp_path: Path) -> None:
    """It is a message."""
    what = NewCommit(repository.git("rev-parse", "HEAD"), {PLACE: b"new\n"}, "--amend", AUTHOR)
    commit, _ = make_commit(GIT, repository.path, what, tmp_path / "index", soon())
    assert repository.git("log", "-1", "--format=%s", commit) == "--amend"


def test_where_it_lies(repository: GitRepository, tmp_path: Path) -> None:
    """From the root of the work tree; through a link as well."""
    (tmp_path / "link").symlink_to(repository.path)
    assert place_of(GIT, repository.path / PLACE, soon()) == PLACE
    assert place_of(GIT, repository.path / "other.txt", soon()) == "other.txt"
    assert place_of(GIT, tmp_path / "link" / PLACE, soon()) == PLACE


@pytest.mark.parametrize(
    ("error", "words"),
    [
        ("fatal: write error: No space left on device", "no space left on device"),
        ("fatal: sha1 file 'x' write error. Out of diskspace", "no space left on device"),
        ("fatal: detected dubious ownership in repository at '/x'", "belongs to another user"),
        ("fatal: whatever with hunter2", r"git could not make a commit \(exit code 128\)"),
    ],
)
def test_what_git_refuses(error: str, words: str) -> None:
    """In our words, with what to do; git's own are not repeated."""
    with pytest.raises(CouldNotLook, match=words) as caught:
        done_well(Completed(128, b"", error.encode()), Path("/x"))
    assert caught.value.hint
    assert "hunter2" not in caught.value.message
