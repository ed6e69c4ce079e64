"""preflight/git/commit_here.py, with real git; more of it, killed and locked, in tests/preflight/pin."""

from collections.abc import Sequence

import pytest

from preflight.errors import CouldNotLook
from preflight.git.commit_here import Checkout, NotAsCommitted
from preflight.lib.deadline import Deadline
from tests.real.git import GIT_ENVIRON, GitRepository

ENVIRON = {"PATH": "/usr/bin:/bin", **GIT_ENVIRON}
AUTHOR = {name: value for name, value in GIT_ENVIRON.items() if name.endswith(("_NAME", "_EMAIL"))}


class Bench:
    """A repository with a committed pin file.

    Args:
        repository: It.
    """

    def __init__(self, repository: GitRepository) -> None:
        self.git, self.file = repository.git, repository.path / "docker/pin.env"
        repository.commit({"docker/pin.env": "old\n", "other.txt": "1\n"})
        self.checkout = Checkout(ENVIRON, self.file.parent)
        self.edits = {self.file: new}

    def demand(self) -> bytes:
        """Demand that the file is as committed, or already changed."""
        return self.checkout.demand_as_committed(self.edits, Deadline.after(30))[self.file]

    def commit(self, message: str = "Change it") -> str:
        """Commit the change; return the commit."""
        return self.checkout.commit(self.edits, message, AUTHOR, Deadline.after(30)).commit


def new(data: bytes) -> bytes:
    """The change."""
    return data.replace(b"old", b"new")


@pytest.fixture
def bench(git_repository: GitRepository) -> Bench:
    """The repository."""
    return Bench(git_repository)


def test_a_file_as_committed(bench: Bench) -> None:
    """What the last commit has; a file that has the change already is accepted, staged or not."""
    assert bench.demand() == b"old\n"
    bench.file.write_text("new\n")
    assert bench.demand() == b"old\n"
    bench.git("add", "docker/pin.env")
    assert bench.demand() == b"old\n"


def test_line_ends_that_git_converts_are_no_change(bench: Bench) -> None:
    """core.autocrlf, or an editor on Windows."""
    bench.file.write_bytes(b"old\r\n")
    assert bench.demand() == b"old\n"


def test_changes_of_somebody_else(bench: Bench) -> None:
    """In the file, in the index, or not in git at all: each by name."""
    bench.file.write_text("old\n# mine\n")
    with pytest.raises(NotAsCommitted, match=r"pin\.env has uncommitted changes"):
        bench.demand()
    bench.git("add", "docker/pin.env")
    bench.file.write_text("old\n")
    with pytest.raises(NotAsCommitted, match=r"pin\.env has uncommitted changes"):
        bench.demand()
    bench.git("rm", "-q", "-f", "--cached", "docker/pin.env")
    with pytest.raises(NotAsCommitted, match=r"pin\.env is not committed to git"):
        bench.demand()
    bench.git("reset", "-q")
    bench.file.unlink()
    with pytest.raises(CouldNotLook, match="no such file"):
        bench.demand()


def test_the_work_tree_only(bench: Bench) -> None:
    """The second time nothing is written."""
    first = bench.checkout.write(bench.edits, Deadline.after(30))
    second = bench.checkout.write(bench.edits, Deadline.after(30))
    file = bench.file
    assert (first.before[file], first.after[file], first.commit, first.written) == (b"old\n", b"new\n", "", True)
    assert (second.after[file], second.written) == (b"new\n", False)
    assert bench.git("status", "--porcelain") == "M docker/pin.env"


def test_a_commit_with_its_trace(bench: Bench) -> None:
    """The reflog tells of it by the subject, as of any commit; nothing to commit, no commit."""
    commit = bench.commit("Change it\n\nBecause")
    assert bench.git("log", "-1", "--format=%H", "HEAD") == commit
    assert bench.git("reflog", "-1", "--format=%gs") == "commit: Change it"
    assert bench.git("status", "--porcelain") == ""
    assert bench.commit() == ""


def test_somebody_commits_meanwhile(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Their commit stays the newest; the change is staged, and the next run goes on."""
    update_index = Checkout._update_index

    def late(self: Checkout, entries: Sequence[str], deadline: Deadline) -> None:
        bench.git("commit", "-q", "--allow-empty", "-m", "Theirs")
        update_index(self, entries, deadline)

    monkeypatch.setattr(Checkout, "_update_index", late)
    with pytest.raises(CouldNotLook, match="somebody else committed meanwhile"):
        bench.commit()
    assert bench.git("log", "-1", "--format=%s") == "Theirs"
    assert bench.git("diff", "--cached", "--name-only") == "docker/pin.env"
    monkeypatch.undo()
    assert bench.commit()
    assert bench.git("log", "-2", "--format=%s").split("\n") == ["Change it", "Theirs"]


def test_two_files_whose_folders_are_one(bench: Bench) -> None:
    """One of them is reached through a link: the lock of the folder is taken once."""
    (bench.file.parent / "second.env").write_text("old\n")
    link = bench.file.parent.with_name("link")
    link.symlink_to("docker")
    bench.git("add", "--all")
    bench.git("commit", "-q", "-m", "Add a second file and a link")
    done = bench.checkout.commit({bench.file: new, link / "second.env": new}, "Change both", AUTHOR, Deadline.after(30))
    assert bench.git("diff-tree", "--no-commit-id", "-r", "--name-only", done.commit).split() == [
        "docker/pin.env",
        "docker/second.env",
    ]
