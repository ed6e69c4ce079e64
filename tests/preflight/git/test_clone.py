"""preflight/git/clone.py, against real git."""

import os
from pathlib import Path

import pytest

from preflight.errors import ConfigurationError, CouldNotLook
from preflight.git.clone import Branch, check_out, head_of, make_repository, with_token
from preflight.git.command import GitCommand
from preflight.lib.deadline import Deadline
from preflight.lib.process import Completed
from tests.real.git import GitRepository

ENVIRON = {"PATH": os.environ["PATH"], "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
SECRET = "hunter2-the-token"


def soon() -> Deadline:
    """A deadline that is not met here."""
    return Deadline.after(30)


def fetched(tmp_path: Path, branch: Branch, depth: int = 50) -> tuple[Path, str]:
    """Fetch a branch into a folder of its own; return the folder and the commit."""
    folder = tmp_path / "checkout"
    folder.mkdir()
    git = GitCommand(ENVIRON)
    make_repository(git, folder, branch, soon())
    head = head_of(git, branch, soon())
    commit = check_out(git, folder, branch, depth, soon())
    assert commit == head
    return folder, commit


def test_the_newest_commit_is_checked_out(git_repository: GitRepository, tmp_path: Path) -> None:
    """Its files, its history as far as asked for, and `origin`, to be asked again."""
    *_, head = [git_repository.commit({"pin.env": f"X={number}\n"}) for number in range(4)]
    folder, commit = fetched(tmp_path, Branch(f"file://{git_repository.path}", "main"), depth=2)
    assert commit == head
    assert (folder / "pin.env").read_text() == "X=3\n"
    copy = GitRepository(folder)
    assert copy.git("rev-list", "--count", "HEAD") == "2"
    assert copy.git("status", "--porcelain") == ""
    assert copy.git("remote", "get-url", "origin") == f"file://{git_repository.path}"


def test_another_branch(git_repository: GitRepository, tmp_path: Path) -> None:
    """Also one with a slash in its name."""
    git_repository.commit({"a": "main"})
    git_repository.git("checkout", "--quiet", "-b", "release/1.4")
    git_repository.commit({"a": "release"})
    git_repository.git("checkout", "--quiet", "main")
    folder, _ = fetched(tmp_path, Branch(str(git_repository.path), "release/1.4"))
    assert (folder / "a").read_text() == "release"


def test_a_commit_of_the_past(git_repository: GitRepository, tmp_path: Path) -> None:
    """In the place of the branch's newest, also beyond the depth."""
    old = git_repository.commit({"a": "old"})
    for number in range(3):
        git_repository.commit({"a": str(number)})
    folder, commit = fetched(tmp_path, Branch(f"file://{git_repository.path}", "main", old), depth=1)
    assert commit == old
    assert (folder / "a").read_text() == "old"


def test_nothing_of_the_repository_is_run(git_repository: GitRepository, tmp_path: Path) -> None:
    """Neither hooks nor filters that it names, nor submodules that it points to."""
    mark = tmp_path / "ran"
    git_repository.commit(
        {
            ".gitattributes": "* filter=evil\n",
            ".gitmodules": f'[submodule "x"]\n\tpath = x\n\turl = ext::touch {mark}\n',
            ".githooks/post-checkout": f"#!/bin/sh\ntouch {mark}\n",
        }
    )
    folder, _ = fetched(tmp_path, Branch(str(git_repository.path), "main"))
    assert (folder / ".gitmodules").exists()
    assert not mark.exists()


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("https://github.com/a/b.git", "github.com/a/b"),
        ("ssh://git@host:22/a/b", "host/a/b"),
        ("git@github.com:a/b.git", "git@github.com:a/b"),
        ("/srv/git/b.git", "/srv/git/b"),
        ("file:///srv/b.git", "file:///srv/b"),
    ],
)
def test_the_repository_for_people(address: str, shown: str) -> None:
    """Host and path."""
    assert Branch(address, "main").shown == shown


@pytest.mark.parametrize(
    "address",
    ["", "x", "https://", "https://host", "https://host/", "ftp://h/x", "-x", "a b", "https://h/a b", "https://h/a\nb",
     "https://u:p@h/x", "https://u@h/x", "ssh://u:p@h/x", "ext::sh", "h:-x y"],
)  # fmt: skip
def test_what_is_no_address_is_refused(address: str) -> None:
    """Before git sees it; a password in it is refused, not shown."""
    with pytest.raises(ConfigurationError):
        Branch(address, "main")


def test_a_token_is_sent_to_one_host_only() -> None:
    """Git's own rule for which requests get the header is asked; nothing of it stands in a file or command."""
    before = {**ENVIRON, "GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "core.abbrev", "GIT_CONFIG_VALUE_0": "9"}
    environ = with_token(before, "https://git.example:8443/a/b.git", SECRET)
    git = GitCommand(environ)

    def asked(url: str, name: str) -> str:
        words = ("config", "--get-urlmatch", f"http.{name}", url)
        return git(Path("/"), words, soon()).text.strip()

    assert asked("https://git.example:8443/a/b.git/info/refs", "extraHeader").startswith("Authorization: Basic ")
    assert asked("https://git.example:8443/a/b.git", "followRedirects") == "false"
    for other in ("https://git.example/a", "http://git.example:8443/a", "https://evil.example/git.example:8443/"):
        assert asked(other, "extraHeader") == ""
    assert git(Path("/"), ("config", "core.abbrev"), soon()).text.strip() == "9"
    assert SECRET not in repr(environ)


def test_a_token_goes_over_https_only() -> None:
    """Nobody reads it on the way."""
    with pytest.raises(ConfigurationError, match="over https only"):
        with_token({}, "http://host/a", SECRET)


class Full(GitCommand):
    """A git whose disk is full, or that fails without a word."""

    def __init__(self, error: str) -> None:
        super().__init__(ENVIRON)
        self._done = Completed(128, b"", error.encode())

    def _run(self, *_asked: object) -> Completed:
        return self._done


@pytest.mark.parametrize(
    ("error", "words"),
    [
        ("fatal: write error: No space left on device", "the checkout does not fit into /nowhere"),
        ("error: Read-only file system", "the checkout does not fit into /nowhere"),
        ("", "git cannot make a checkout in /nowhere (it ended with 128)"),
    ],
)
def test_a_folder_that_is_too_small_is_told_of(error: str, words: str) -> None:
    """A tmpfs has an end: the hint names the option and the mount."""
    branch, git = Branch("/x", "main"), Full(error)
    with pytest.raises(CouldNotLook) as raised:
        make_repository(git, Path("/nowhere/x"), branch, soon())
    assert words in raised.value.message
    assert "--work-dir" in raised.value.hint
    with pytest.raises(CouldNotLook) as fetching:
        check_out(git, Path("/nowhere/x"), branch, 1, soon())
    assert ("does not fit" in fetching.value.message) == bool(error)
