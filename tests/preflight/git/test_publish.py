"""preflight/git/publish.py, against a real remote."""

import os
import subprocess
from pathlib import Path

import pytest
from provision.errors import ProvisionError

from preflight.errors import ConfigurationError, CouldNotLook
from preflight.git.publish import Publisher, PushDeclined, Target
from preflight.lib.deadline import Deadline
from tests.real.git import GIT_ENVIRON, GitRepository
from tests.real.missing import missing

PIN = "AGENT_IMAGE=ghcr.io/example/agent@sha256:" + "1" * 64 + "\n"
LINE = b"PREFLIGHT_SENTINEL=" + b"a" * 32 + b"\n"


def add(data: bytes) -> bytes:
    """Put a line on top, once."""
    return data if data.startswith(LINE) else LINE + data


def take(data: bytes) -> bytes:
    """Take it away again."""
    return data.removeprefix(LINE)


class Remote:
    """A checkout with a bare repository as its origin."""

    def __init__(self, checkout: GitRepository, bare: Path) -> None:
        self.checkout, self.bare = checkout, bare
        self.pin = checkout.path / "docker/pin.env"
        checkout.commit({"docker/pin.env": PIN, "other.txt": "1\n"})
        subprocess.run(["git", "clone", "-q", "--bare", str(checkout.path), str(bare)], check=True)
        checkout.git("remote", "add", "origin", str(bare))
        checkout.git("fetch", "-q", "origin")

    def publisher(self, branch: str = "main", remote: str = "origin") -> Publisher:
        """What is tried."""
        environ = {name: value for name, value in GIT_ENVIRON.items() if not name.endswith(("_NAME", "_EMAIL"))}
        return Publisher({"PATH": "/usr/bin:/bin", **environ}, Target(self.pin, remote, branch))

    def show(self, what: str) -> str:
        """What the remote has."""
        return GitRepository(self.bare).git("show", what)

    def state(self) -> tuple[str, ...]:
        """What must not change in the checkout."""
        git = self.checkout.git
        return git("rev-parse", "HEAD"), git("status", "--porcelain"), git("ls-files", "--stage"), self.pin.read_text()


@pytest.fixture
def remote(git_repository: GitRepository, tmp_path: Path) -> Remote:
    """A remote that accepts what is pushed."""
    return Remote(git_repository, tmp_path / "remote.git")


def soon() -> Deadline:
    """A minute."""
    return Deadline.after(60)


def test_one_file_is_changed_on_the_branch_and_nothing_here(remote: Remote) -> None:
    """There and back: two commits on the remote, each of one file; index, branch and work tree as before."""
    before = remote.state()
    publisher = remote.publisher()
    publisher.check(soon())

    first = publisher.publish(add, "Arm it", soon())
    assert first is not None
    assert remote.show(f"{first}:docker/pin.env").startswith("PREFLIGHT_SENTINEL=")
    assert publisher.publish(add, "Arm it", soon()) is None
    second = publisher.publish(take, "Disarm it", soon())

    bare = GitRepository(remote.bare)
    assert bare.git("rev-parse", "main") == second
    assert bare.git("log", "--format=%s", "--name-only", "-2").split() == [
        *("Disarm", "it", "docker/pin.env", "Arm", "it", "docker/pin.env")
    ]
    assert remote.show("main:docker/pin.env") + "\n" == PIN
    assert remote.state() == before


def test_nothing_of_the_repository_is_run(remote: Remote, tmp_path: Path) -> None:
    """No hook, no filter, no signing program, on neither way."""
    ran = tmp_path / "ran"
    hooks = remote.checkout.path / ".git/hooks"
    hooks.mkdir(exist_ok=True)
    for name in ("pre-commit", "pre-push", "post-commit", "reference-transaction", "commit-msg"):
        (hooks / name).write_text(f"#!/bin/sh\ntouch {ran}\n")
        (hooks / name).chmod(0o755)
    git = remote.checkout.git
    git("config", "filter.evil.clean", f"touch {ran}; cat")
    git("config", "commit.gpgSign", "true")
    git("config", "gpg.program", f"touch {ran}")
    git("config", "remote.origin.receivepack", f"touch {ran}; git-receive-pack")
    (remote.checkout.path / ".git/info").mkdir(exist_ok=True)
    (remote.checkout.path / ".git/info/attributes").write_text("other.txt filter=evil\n")
    (remote.checkout.path / "other.txt").touch()
    publisher = remote.publisher()

    publisher.check(soon())
    publisher.publish(add, "Arm it", soon())

    assert not ran.exists()


def test_commits_that_others_pushed_meanwhile_stay(remote: Remote, tmp_path: Path) -> None:
    """The change goes on top of them."""
    publisher = remote.publisher()
    publisher.publish(add, "Arm it", soon())
    subprocess.run(["git", "clone", "-q", str(remote.bare), str(tmp_path / "other")], check=True)
    other = GitRepository(tmp_path / "other")
    other.commit({"new.txt": "2\n"})
    other.git("push", "-q", "origin", "main")

    publisher.publish(take, "Disarm it", soon())

    assert remote.show("main:new.txt") == "2"
    assert remote.show("main:docker/pin.env") + "\n" == PIN


def test_a_line_end_of_windows_is_not_converted(remote: Remote) -> None:
    """What git has is changed, not what lies in the work tree."""
    remote.checkout.git("config", "core.autocrlf", "true")
    remote.pin.write_bytes(PIN.replace("\n", "\r\n").encode())
    publisher = remote.publisher()
    publisher.check(soon())
    publisher.publish(add, "Arm it", soon())
    assert "\r" not in remote.show("main:docker/pin.env")


def break_staged(remote: Remote) -> None:
    """Stage a change of another file."""
    (remote.checkout.path / "other.txt").write_text("2\n")
    remote.checkout.git("add", "other.txt")


def break_other(remote: Remote) -> None:
    """Change another file."""
    (remote.checkout.path / "other.txt").write_text("2\n")


def break_pin(remote: Remote) -> None:
    """Change the pin."""
    remote.pin.write_text(PIN.replace("1", "2"))


def break_branch(remote: Remote) -> None:
    """Stand on another branch."""
    remote.checkout.git("switch", "-q", "-c", "mine")


def break_detached(remote: Remote) -> None:
    """Stand on no branch."""
    remote.checkout.git("switch", "-q", "--detach")


def break_behind(remote: Remote) -> None:
    """Have another pin than the remote."""
    remote.checkout.commit({"docker/pin.env": PIN.replace("1", "3")})


def break_url(remote: Remote) -> None:
    """Have a remote that is not there."""
    remote.checkout.git("remote", "set-url", "origin", str(remote.bare) + "-none")


def break_untracked(remote: Remote) -> None:
    """Take the pin out of git."""
    remote.checkout.git("rm", "-q", "--cached", "docker/pin.env")
    remote.checkout.git("commit", "-q", "-m", "Gone")


REFUSALS = {
    "staged": (break_staged, "changes are staged here"),
    "other": (break_other, "other.txt has uncommitted changes"),
    "pin": (break_pin, "pin.env has uncommitted changes"),
    "branch": (break_branch, "the branch mine is checked out, not main"),
    "detached": (break_detached, "is in a detached HEAD"),
    "behind": (break_behind, "pin.env here is not what origin/main has"),
    "gone": (break_url, "the remote origin cannot be asked: there is no such repository"),
    "untracked": (break_untracked, "pin.env is not tracked by git"),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_a_checkout_that_is_not_what_the_branch_has_is_refused(remote: Remote, name: str) -> None:
    """First it is accepted; then one thing is wrong, and nothing is written anywhere."""
    remote.publisher().check(soon())
    breaks, words = REFUSALS[name]
    breaks(remote)
    head = GitRepository(remote.bare).git("rev-parse", "main")

    with pytest.raises(CouldNotLook) as caught:
        remote.publisher().check(soon())

    assert words in caught.value.message
    assert caught.value.hint
    assert GitRepository(remote.bare).git("rev-parse", "main") == head


def test_a_branch_that_is_not_there(remote: Remote) -> None:
    """It is not made."""
    with pytest.raises(CouldNotLook, match="there is no branch origin/none"):
        remote.publisher("none").publish(add, "Arm it", soon())


@pytest.mark.parametrize(
    ("remote_name", "branch"), [("--upload-pack=x", "main"), ("origin", "a..b"), ("origin", "refs/heads/main")]
)
def test_names_that_are_none_are_refused(remote: Remote, remote_name: str, branch: str) -> None:
    """Before git sees them."""
    with pytest.raises(ConfigurationError, match=r"is not (?:a name that git allows|the name of a branch)"):
        remote.publisher(branch, remote_name)


def test_a_push_that_is_declined(remote: Remote) -> None:
    """By a hook there: said as such, and the branch is as it was."""
    hook = remote.bare / "hooks/pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho secret-of-the-hook >&2\nexit 1\n")
    hook.chmod(0o755)
    before = remote.state()

    with pytest.raises(PushDeclined, match="origin/main refuses the push") as caught:
        remote.publisher().publish(add, "Arm it", soon())

    assert "secret-of-the-hook" not in caught.value.message + caught.value.hint
    assert remote.state() == before
    assert remote.show("main:docker/pin.env") + "\n" == PIN


def test_a_branch_that_always_moves(remote: Remote) -> None:
    """Three tries, then it is said."""
    hook = remote.bare / "hooks/update"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho 'cannot lock ref' >&2\nexit 1\n")
    hook.chmod(0o755)

    with pytest.raises(PushDeclined):
        remote.publisher().publish(add, "Arm it", soon())


def test_without_a_name_the_tool_signs(remote: Remote) -> None:
    """Cron has no name; git would refuse to commit."""
    commit = remote.publisher().publish(add, "Arm it", soon())
    assert commit is not None
    assert GitRepository(remote.bare).git("log", "-1", "--format=%an <%ae>") == "preflight <preflight@localhost>"


def test_outside_a_repository(tmp_path: Path) -> None:
    """Said, with the way without --push."""
    (tmp_path / "pin.env").write_text(PIN)
    publisher = Publisher({"PATH": "/usr/bin:/bin"}, Target(tmp_path / "pin.env", "origin", "main"))
    with pytest.raises(CouldNotLook, match="is in no git repository"):
        publisher.check(soon())


def test_a_file_that_the_branch_has_not(remote: Remote) -> None:
    """Nothing is made of it."""
    (remote.checkout.path / "docker/new.env").write_text(PIN)
    target = Target(remote.checkout.path / "docker/new.env", "origin", "main")
    with pytest.raises(CouldNotLook, match=r"origin/main has no new\.env"):
        Publisher({"PATH": "/usr/bin:/bin", **GIT_ENVIRON}, target).publish(add, "Arm it", soon())


def test_a_repository_of_somebody_else(remote: Remote) -> None:
    """Git refuses it: said with the way to trust it."""
    if os.geteuid() != 0:
        missing("not root", ProvisionError("only root can give a repository away", "run the tests as root"))
    for path in (remote.checkout.path, remote.checkout.path / ".git"):
        os.chown(path, 12345, 12345)
    with pytest.raises(CouldNotLook, match="belongs to another user"):
        remote.publisher().check(soon())


def test_more_changes_than_are_looked_at(remote: Remote) -> None:
    """Each would have to be compared with git."""
    remote.checkout.commit({f"many/{number}": "1\n" for number in range(60)})
    remote.checkout.git("push", "-q", "origin", "main")
    for number in range(60):
        (remote.checkout.path / f"many/{number}").write_text("2\n")
    with pytest.raises(CouldNotLook, match="60 files seem to be changed"):
        remote.publisher().check(soon())


def test_a_file_that_only_looks_changed(remote: Remote) -> None:
    """A new time is no change."""
    os.utime(remote.checkout.path / "other.txt", (1, 1))
    remote.publisher().check(soon())


def test_a_repository_that_takes_no_objects(remote: Remote) -> None:
    """Said; nothing is pushed."""
    if os.geteuid() == 0:
        objects = remote.checkout.path / ".git/objects"
        objects.rename(objects.with_name("objects-away"))
        objects.write_text("")
        with pytest.raises(CouldNotLook):
            remote.publisher().publish(add, "Arm it", soon())
        assert remote.show("main:docker/pin.env") + "\n" == PIN


def test_a_push_that_goes_nowhere(remote: Remote) -> None:
    """Asking answers, pushing does not: nobody knows then, so it is not called declined."""
    remote.checkout.git("remote", "set-url", "--push", "origin", f"{remote.bare}-none")
    with pytest.raises(CouldNotLook, match="nothing could be pushed to origin/main") as caught:
        remote.publisher().publish(add, "Arm it", soon())
    assert not isinstance(caught.value, PushDeclined)
