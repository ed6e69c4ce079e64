"""Tests of preflight/git/remote.py: what the tests of the check do not reach with a git that works."""

import os
import shutil
import tempfile
from pathlib import Path

import pytest

from preflight.errors import CouldNotLook, DeadlineExceeded
from preflight.git.remote import Relation, RemoteView, look_at_remote
from preflight.lib.deadline import Deadline
from tests.real.git import GIT_ENVIRON, GitRepository

ENVIRON = {"PATH": os.environ.get("PATH", os.defpath), **GIT_ENVIRON}


@pytest.fixture
def host(tmp_path: Path) -> GitRepository:
    """A clone that is one commit behind its remote."""
    origin = GitRepository.create(tmp_path / "origin")
    origin.commit({"pin.env": "A=1\n"})
    GitRepository(tmp_path).git("clone", "--quiet", str(origin.path), "host")
    origin.commit({"pin.env": "A=2\n"}, "Pin 2")
    return GitRepository(tmp_path / "host")


def look(host: GitRepository, environ: dict[str, str], seconds: float = 30) -> RemoteView:
    """Compare the pin file of a clone with the default branch of its remote."""
    return look_at_remote(environ, [host.path / "pin.env"], "origin", "", Deadline.after(seconds))


def broken_git(folder: Path, word: str, *, answer: str = "exit 128") -> dict[str, str]:
    """Return an environ with a git that does something else when a word is among its arguments."""
    git = shutil.which("git")
    (folder / "bin").mkdir()
    script = folder / "bin" / "git"
    script.write_text(f'#!/bin/sh\ncase " $* " in *" {word} "*) {answer};; esac\nexec {git} "$@"\n', encoding="utf-8")
    script.chmod(0o755)
    return {**ENVIRON, "PATH": f"{folder / 'bin'}:{ENVIRON['PATH']}"}


def test_file_on_the_remote_is_seen(host: GitRepository) -> None:
    """The view holds both texts and the commit between them."""
    view = look(host, {**ENVIRON, "GIT_SSH_COMMAND": "ssh -v"})

    [file] = view.files
    assert (view.branch, view.relation, view.behind, view.ahead) == ("main", Relation.BEHIND, 1, 0)
    assert (file.text, file.committed) == ("A=2\n", "A=1\n")
    assert file.commits
    assert file.commits[0].subject == "Pin 2"
    assert not view.rewritten


def test_no_place_for_temporary_files_is_said(
    host: GitRepository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file system that cannot be written to, as in a container, is one clear line with the way out."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "absent"))

    with pytest.raises(CouldNotLook, match="no temporary folder can be made") as caught:
        look(host, ENVIRON)

    assert "--tmpfs /tmp" in caught.value.hint


@pytest.mark.parametrize(
    ("word", "words"),
    [
        ("rev-parse", "git could not look at"),
        ("rev-list", "git could not look at"),
        ("log", "git could not look at"),
        ("fetch", "the remote origin cannot be asked (git ended with 128)"),
    ],
)
def test_git_that_fails_is_an_error(host: GitRepository, tmp_path: Path, word: str, words: str) -> None:
    """Whatever git refuses to say, the error says so and what to run."""
    with pytest.raises(CouldNotLook, match=words.replace("(", r"\(").replace(")", r"\)")) as caught:
        look(host, broken_git(tmp_path, word))

    assert caught.value.hint


def test_branch_that_moves_meanwhile_is_an_error(host: GitRepository, tmp_path: Path) -> None:
    """A head that cannot be had any more was not compared."""
    with pytest.raises(CouldNotLook, match="origin/main moved meanwhile"):
        look(host, broken_git(tmp_path, "fetch", answer="exit 0"))


def test_file_without_a_known_change(host: GitRepository, tmp_path: Path) -> None:
    """Where git names no commit, none is made up."""
    [file] = look(host, broken_git(tmp_path, "--literal-pathspecs", answer="exit 0")).files

    assert file.commits == ()


def test_remote_that_hangs_ends_with_the_deadline(host: GitRepository, tmp_path: Path) -> None:
    """Nobody waits for a remote beyond the time that is left."""
    with pytest.raises(DeadlineExceeded):
        look(host, broken_git(tmp_path, "ls-remote", answer="sleep 60"), seconds=1)
