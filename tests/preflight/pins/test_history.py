"""preflight/pins/history.py, with real git."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from preflight.context import Context
from preflight.errors import CouldNotLook
from preflight.git.door import Git
from preflight.git.model import Commit
from preflight.lib.deadline import Deadline
from preflight.pins.history import Past, read_past
from preflight.project import Pin
from preflight.testing import fake_context
from tests.real.git import GitRepository


def context(root: Path, git: Any = None) -> Context:
    """Only git is asked."""
    return fake_context(root, git=git or Git(root, os.environ), seconds=20)


def past_of(repository: GitRepository, git: Any = None) -> Past:
    """The past of its pin.env."""
    return read_past(context(repository.path, git), Pin("A", "app", repository.path / "pin.env"))


def test_the_values_of_all_commits(git_repository: GitRepository) -> None:
    """Newest first; one that Compose would refuse has none."""
    texts = ("A=1\n", "A='\n", "B=2\n", "A=3\nA=4\n")
    hashes = [git_repository.commit({"pin.env": text}) for text in texts]

    past = past_of(git_repository)

    assert past.values == ("4", None, None, "1")
    commit = past.commit_with("1")
    assert commit is not None
    assert commit.hash == hashes[0]
    assert past.commit_with("9") is None
    assert past.commit_with(None) is None


def test_an_unmodified_file_is_as_old_as_its_commit(git_repository: GitRepository) -> None:
    """A clone made today has files of today."""
    git_repository.commit({"pin.env": "A=1\n"})
    later = (datetime.now(UTC) + timedelta(hours=1)).timestamp()
    os.utime(git_repository.path / "pin.env", (later, later))

    past = past_of(git_repository)

    assert past.changed == past.commits[0].when


def test_a_modified_file_is_as_old_as_it_says(git_repository: GitRepository) -> None:
    """So is one outside git."""
    git_repository.commit({"pin.env": "A=1\n"})
    git_repository.write({"pin.env": "A=2\n"})
    later = datetime(2040, 1, 1, tzinfo=UTC)
    os.utime(git_repository.path / "pin.env", (later.timestamp(), later.timestamp()))

    assert past_of(git_repository).changed == later


class NoGit:
    """Git that cannot be asked."""

    def places(self, path: Path) -> tuple[Path, ...]:
        return (path,)

    def history(self, _path: Path, _limit: int, _deadline: Deadline) -> tuple[Commit, ...]:
        raise CouldNotLook("git is not installed")


def test_without_git_there_is_no_past(git_repository: GitRepository) -> None:
    """It only helps to say why; the verdict stands without it."""
    git_repository.write({"pin.env": "A=1\n"})
    past = past_of(git_repository, NoGit())
    assert past.commits == ()
    assert past.value_at(datetime.now(UTC)) is None
    assert not past.complete
    assert past.problem is not None


def test_a_cut_history_is_not_complete(git_repository: GitRepository, tmp_path: Path) -> None:
    """There may be earlier commits; outside of git nobody knows of any."""
    for value in "12":
        git_repository.commit({"pin.env": f"A={value}\n"})
    assert past_of(git_repository).complete

    git_repository.git("clone", "--quiet", "--depth=1", f"file://{git_repository.path}", str(tmp_path / "clone"))
    shallow = GitRepository(tmp_path / "clone")
    assert not past_of(shallow).complete

    (tmp_path / "plain").mkdir()
    (tmp_path / "plain" / "pin.env").write_text("A=1\n")
    plain = read_past(context(tmp_path / "plain"), Pin("A", "app", tmp_path / "plain" / "pin.env"))
    assert (plain.complete, plain.problem) == (False, None)


def test_a_value_that_comes_back_was_there_before(git_repository: GitRepository) -> None:
    """That is what a rollback does."""
    for value in "121":
        git_repository.commit({"pin.env": f"A={value}\n"})
    past = past_of(git_repository)
    newer = past.commit_with("2")
    assert newer is not None
    assert past.had_before("1", newer)
    assert not past.had_before("2", newer)


@pytest.mark.parametrize(("hour", "value"), [(0, None), (1, "1"), (2, "1"), (3, "3"), (9, "3")])
def test_the_value_at_a_moment(hour: int, value: str | None) -> None:
    """That of the newest commit before."""
    start = datetime(2026, 1, 1, tzinfo=UTC)
    whens = {"3": 3, "1": 1}
    commits = tuple(Commit(text, start + timedelta(hours=at), "", "") for text, at in whens.items())
    past = Past(commits, tuple(whens), start)
    assert past.value_at(start + timedelta(hours=hour)) == value
