"""Tests of preflight/git: against the real git."""

import os
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from preflight.errors import CouldNotLook
from preflight.git.door import Git
from preflight.git.model import FileState
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


def test_root_is_found_from_below(pinned: GitRepository, soon: Deadline) -> None:
    """The work tree is found from a folder inside it."""
    assert door(pinned.path / "docker").root(soon) == pinned.path.resolve()


def test_root_is_found_through_a_link(pinned: GitRepository, tmp_path: Path, soon: Deadline) -> None:
    """A link from elsewhere into a work tree leads into that work tree."""
    (tmp_path / "link").symlink_to(pinned.path / "docker")

    assert door(tmp_path / "link").root(soon) == pinned.path.resolve()
    assert door(tmp_path).state(tmp_path / "link" / "pin.env", soon).committed


def test_outside_a_work_tree_nothing_is_known(tmp_path: Path, soon: Deadline) -> None:
    """Where there is no repository, git need not even be installed."""
    git = door(tmp_path, PATH="/nonexistent")

    assert git.root(soon) is None
    assert git.state(tmp_path / "pin.env", soon) == FileState(None)
    assert git.tags(soon) == ()
    assert git.remote_url(soon) is None
    assert git.head(soon) is None
    assert git.history(tmp_path / "pin.env", 5, soon) == ()
    assert not git.is_ignored(tmp_path / "pin.env", soon)
    assert not git.is_shallow(soon)
    with pytest.raises(CouldNotLook, match="not in a git work tree"):
        git.remote_tags(soon)


def test_bare_repository_is_no_work_tree(tmp_path: Path, soon: Deadline) -> None:
    """A bare repository holds no files to look at."""
    bare = GitRepository(tmp_path / "bare")
    bare.path.mkdir()
    bare.git("init", "--quiet", "--bare", ".git")

    assert door(bare.path / ".git").root(soon) is None


def test_missing_git_is_said(pinned: GitRepository, soon: Deadline) -> None:
    """In a work tree, git that is not installed is an error, not a pass."""
    with pytest.raises(CouldNotLook, match="git is not installed"):
        door(pinned.path, PATH="/nonexistent").root(soon)


def test_broken_git_file_is_an_error(tmp_path: Path, soon: Deadline) -> None:
    """A `.git` file that points nowhere is broken, not absent."""
    (tmp_path / ".git").write_text("gitdir: /nonexistent\n")

    with pytest.raises(CouldNotLook, match="points to /nonexistent, which is not there"):
        door(tmp_path).root(soon)


def test_before_the_first_commit_nothing_is_committed(git_repository: GitRepository, soon: Deadline) -> None:
    """A repository without commits can be looked at."""
    git_repository.write({"pin.env": "PIN=b\n"})
    git = door(git_repository.path)

    assert git.state(git_repository.path / "pin.env", soon) == FileState(git_repository.path.resolve())
    assert git.head(soon) is None
    assert git.history(git_repository.path / "pin.env", 5, soon) == ()


def test_ignored(pinned: GitRepository, soon: Deadline) -> None:
    """An override covered by an ignore rule is ignored; a tracked file never is."""
    pinned.write({".gitignore": "*.local.env\ndocker/pin.env\n"})
    git = door(pinned.path)

    assert git.is_ignored(pinned.path / "docker/pin.local.env", soon)
    assert not git.is_ignored(pinned.path / "docker/other.env", soon)
    assert not git.is_ignored(pinned.path / "docker/pin.env", soon)


def test_tags_and_head(pinned: GitRepository, soon: Deadline) -> None:
    """Local tags come sorted by name."""
    pinned.tag("v1.0.0", "1.1.0", "rc/2")
    git = door(pinned.path)

    assert git.tags(soon) == ("1.1.0", "rc/2", "v1.0.0")
    assert git.head(soon) == pinned.git("rev-parse", "HEAD")


def test_remote_tags(pinned: GitRepository, tmp_path: Path, soon: Deadline) -> None:
    """A clone asks its origin, and sees tags that it has not fetched."""
    clone = GitRepository(tmp_path / "clone")
    pinned.git("clone", "--quiet", str(pinned.path), str(clone.path))
    pinned.tag("v1.0.0")
    pinned.git("tag", "--annotate", "--message=x", "v2.0.0")
    git = door(clone.path)

    assert git.tags(soon) == ()
    assert git.remote_tags(soon) == ("v1.0.0", "v2.0.0")
    with pytest.raises(CouldNotLook, match="git has no remote upstream"):
        git.remote_tags(soon, "upstream")


def test_remote_url(pinned: GitRepository, soon: Deadline) -> None:
    """The address of a remote is that which git would ask, its own short forms written out."""
    assert door(pinned.path).remote_url(soon) is None
    pinned.git("remote", "add", "origin", "gh:acme/agent.git")
    assert door(pinned.path).remote_url(soon) == "gh:acme/agent.git"
    pinned.git("config", "url.https://github.com/.insteadOf", "gh:")

    assert door(pinned.path).remote_url(soon, "origin") == "https://github.com/acme/agent.git"
    assert door(pinned.path).remote_url(soon, "upstream") is None
    assert door(pinned.path).remote_url(soon, "--all") is None


def test_remote_url_of_a_broken_configuration(pinned: GitRepository, soon: Deadline) -> None:
    """Git that cannot read its configuration is an error, not a missing remote."""
    git = door(pinned.path)
    assert git.root(soon) == pinned.path
    (pinned.path / ".git/config").write_text("[remote\n")

    with pytest.raises(CouldNotLook, match="git could not look"):
        git.remote_url(soon)


def test_history_holds_the_file_of_each_commit(pinned: GitRepository, soon: Deadline) -> None:
    """The history is newest first, with the whole file each time, and leaves out commits that did not touch it."""
    pinned.commit({"README": "x"}, "Say something")
    pinned.commit({"docker/pin.env": "PIN=b\nX=ü\n"}, "Pin b\n\nLong story")
    pinned.git("rm", "--quiet", "docker/pin.env")
    pinned.git("commit", "--quiet", "--message", "Drop")
    path = pinned.path / "docker/pin.env"
    path.parent.mkdir(exist_ok=True)
    git = door(pinned.path)

    history = git.history(path, 10, soon)

    assert [(commit.subject, commit.text) for commit in history] == [
        ("Drop", ""),
        ("Pin b", "PIN=b\nX=ü\n"),
        ("Pin a", "PIN=a\n"),
    ]
    assert all(commit.when.tzinfo for commit in history)
    assert history[0].hash == git.head(soon)
    assert [commit.subject for commit in git.history(path, 1, soon)] == ["Drop"]


def test_shallow_clone_says_so(pinned: GitRepository, tmp_path: Path, soon: Deadline) -> None:
    """A clone of depth one has one commit, and says that there may be more."""
    pinned.commit({"docker/pin.env": "PIN=b\n"}, "Pin b")
    clone = tmp_path / "clone"
    pinned.git("clone", "--quiet", "--depth=1", f"file://{pinned.path}", str(clone))
    git = door(clone)

    assert git.is_shallow(soon)
    assert [commit.subject for commit in git.history(clone / "docker/pin.env", 10, soon)] == ["Pin b"]
    assert not door(pinned.path).is_shallow(soon)


def test_linked_work_tree_and_submodule(pinned: GitRepository, tmp_path: Path, soon: Deadline) -> None:
    """Linked work trees and submodules are work trees of their own."""
    pinned.git("worktree", "add", "--quiet", str(tmp_path / "linked"))
    outer = GitRepository.create(tmp_path / "outer")
    outer.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(pinned.path), "inner")
    outer.commit()

    assert door(tmp_path / "linked").state(tmp_path / "linked/docker/pin.env", soon).committed
    inner = outer.path / "inner/docker/pin.env"
    assert door(outer.path).state(inner, soon) == FileState(
        (outer.path / "inner").resolve(), tracked=True, committed=True
    )


def test_environment_does_not_turn_git_elsewhere(pinned: GitRepository, tmp_path: Path, soon: Deadline) -> None:
    """GIT_DIR and its kin, as set in hooks, do not change which repository is looked at."""
    other = GitRepository.create(tmp_path / "other")

    git = door(pinned.path, GIT_DIR=str(other.path / ".git"), GIT_WORK_TREE=str(other.path))

    assert git.root(soon) == pinned.path.resolve()


def test_foreign_owner_is_said_with_the_command(pinned: GitRepository, soon: Deadline, tmp_path: Path) -> None:
    """A repository that belongs to somebody else is an error that names the one command to run."""
    git = door(pinned.path, GIT_TEST_ASSUME_DIFFERENT_OWNER="1")
    shim = tmp_path / "bin"  # git has a switch for its own tests, which our door takes out: put it back
    shim.mkdir()
    script = shim / "git"
    script.write_text(f'#!/bin/sh\nGIT_TEST_ASSUME_DIFFERENT_OWNER=1 PATH="{ENVIRON["PATH"]}" exec git "$@"\n')
    script.chmod(0o755)
    assert git.root(soon) is not None

    with pytest.raises(CouldNotLook) as caught:
        door(pinned.path, PATH=f"{shim}:{ENVIRON['PATH']}").root(soon)

    assert "belongs to another user" in caught.value.message
    assert f"git config --system --add safe.directory {pinned.path.resolve()}" in caught.value.hint


def test_line_break_in_a_name_is_refused(pinned: GitRepository, soon: Deadline) -> None:
    """A file name with a line break cannot be asked for in one line."""
    with pytest.raises(CouldNotLook, match="line break"):
        door(pinned.path).state(pinned.path / "a\nb", soon)


def test_damaged_repository_is_an_error(pinned: GitRepository, soon: Deadline) -> None:
    """What git cannot read is an error, not a pass."""
    git = door(pinned.path)
    assert git.root(soon) is not None
    (pinned.path / ".git/index").write_bytes(b"no index")
    path = pinned.path / "docker/pin.env"

    for ask in (git.state, git.is_ignored):
        with pytest.raises(CouldNotLook, match="its index is damaged") as caught:
            ask(path, soon)
        assert "reset" in caught.value.hint
    (pinned.path / ".git/config").write_text("[broken")
    for question in (lambda: git.tags(soon), lambda: git.history(path, 3, soon), lambda: door(pinned.path).root(soon)):
        with pytest.raises(CouldNotLook, match="its configuration cannot be read"):
            question()


def test_checkout_does_not_run_itself(git_repository: GitRepository, tmp_path: Path, soon: Deadline) -> None:
    """Nothing that a repository's configuration names is started, whatever is asked."""
    ran = tmp_path / "ran"
    evil = tmp_path / "evil"
    evil.write_text(f'#!/bin/sh\necho "$0 $*" >> {ran}\nexit 1\n')
    evil.chmod(0o755)
    git_repository.commit({"pin.env": "PIN=a\n"})
    git_repository.write({".gitattributes": "*.env filter=evil diff=evil\n"})
    hooks = git_repository.path / ".git/hooks"
    for hook in ("post-index-change", "fsmonitor-watchman", "reference-transaction"):
        (hooks / hook).write_text(evil.read_text())
        (hooks / hook).chmod(0o755)
    command = str(evil)
    for name in (
        "core.fsmonitor", "core.sshCommand", "core.askPass", "core.pager", "core.gitProxy", "credential.helper",
        "filter.evil.clean", "filter.evil.smudge", "filter.evil.process", "diff.evil.textconv", "diff.evil.command",
        "diff.external", "gpg.program", "remote.origin.uploadpack", "uploadpack.packObjectsHook",
        "core.alternateRefsCommand", "pager.log", "core.editor",
    ):  # fmt: skip
        git_repository.git("config", name, command)
    git_repository.git("config", "log.showSignature", "true")
    git_repository.git("config", "protocol.ext.allow", "always")
    path = git_repository.path / "pin.env"
    git = door(git_repository.path)

    assert not git.state(path, soon).modified
    git.tags(soon)
    git.head(soon)
    git.is_ignored(path, soon)
    assert len(git.history(path, 5, soon)) == 1
    path.write_text("PIN=b\n")
    with pytest.raises(CouldNotLook, match="passes through git's filter, which is not run here"):
        door(git_repository.path).state(path, soon)
    for url in (
        f"ext::{evil}",
        "ssh://localhost.invalid/x",
        "git://localhost.invalid/x",
        "https://localhost.invalid/x",
    ):
        git_repository.git("config", "remote.origin.url", url)
        with pytest.raises(CouldNotLook, match="the remote origin cannot be asked"):
            door(git_repository.path).remote_tags(soon)
    git_repository.git("config", "remote.origin.url", str(git_repository.path))
    assert door(git_repository.path).remote_tags(soon) == ()

    assert not ran.exists(), ran.read_text()


def test_password_helper_of_a_repository_is_not_run(
    git_repository: GitRepository, tmp_path: Path, soon: Deadline
) -> None:
    """A remote that wants a password gets none from a program that the repository names."""
    ran = tmp_path / "ran"
    git_repository.commit()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _WantsPassword)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}"
    git_repository.git("config", "remote.origin.url", f"{url}/x")
    for name in ("credential.helper", f"credential.{url}.helper"):
        git_repository.git("config", name, f"!echo ran >> {ran}")
    try:
        with pytest.raises(CouldNotLook, match="the remote origin cannot be asked"):
            door(git_repository.path).remote_tags(soon)
    finally:
        server.shutdown()
        server.server_close()

    assert not ran.exists()


class _WantsPassword(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        """Answer that a password is needed."""
        self.send_response(401)
        self.send_header("WWW-Authenticate", 'Basic realm="x"')
        self.end_headers()

    def log_message(self, *_words: object) -> None:
        """Stay quiet."""


def test_signatures_are_not_checked(git_repository: GitRepository, tmp_path: Path, soon: Deadline) -> None:
    """A signed commit does not start the gpg that the repository names."""
    ran = tmp_path / "ran"
    gpg = tmp_path / "gpg"
    gpg.write_text(f"#!/bin/sh\necho ran >> {ran}\n")
    gpg.chmod(0o755)
    git_repository.commit({"pin.env": "PIN=a\n"}, "Pin a")
    head, _, message = git_repository.git("cat-file", "commit", "HEAD").partition("\n\n")
    signature = "gpgsig -----BEGIN PGP SIGNATURE-----\n \n x\n -----END PGP SIGNATURE-----"
    write = ["git", "hash-object", "-t", "commit", "-w", "--stdin"]
    signed = f"{head}\n{signature}\n\n{message}\n".encode()
    made = subprocess.run(write, input=signed, cwd=git_repository.path, env=ENVIRON, capture_output=True, check=True)
    git_repository.git("reset", "--quiet", "--soft", made.stdout.decode().strip())
    git_repository.git("config", "gpg.program", str(gpg))
    git_repository.git("config", "log.showSignature", "true")

    history = door(git_repository.path).history(git_repository.path / "pin.env", 5, soon)

    assert [commit.subject for commit in history] == ["Pin a"]
    assert not ran.exists()


def test_lost_objects_are_an_error(pinned: GitRepository, soon: Deadline) -> None:
    """A history that git cannot read is an error, not an empty one."""
    path = pinned.path / "docker/pin.env"
    tree = pinned.git("rev-parse", "HEAD^{tree}")
    (pinned.path / ".git/objects" / tree[:2] / tree[2:]).unlink()

    with pytest.raises(CouldNotLook, match="objects are missing or damaged"):
        door(pinned.path).history(path, 5, soon)


def test_history_of_a_file_that_never_was_is_empty(pinned: GitRepository, soon: Deadline) -> None:
    """No commit changed a file that git has never seen; names are taken literally."""
    git = door(pinned.path)

    assert git.history(pinned.path / "docker/other.env", 5, soon) == ()
    assert git.history(pinned.path / "docker/*.env", 5, soon) == ()
