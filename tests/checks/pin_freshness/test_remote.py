"""checks/pin_freshness.py: a branch that cannot be asked for."""

from pathlib import Path

import pytest

from preflight.model import Status
from tests.checks.pin_freshness.clones import FILE, Clones, look, pin
from tests.real.git import GitRepository


def test_no_remote_skips(git_repository: GitRepository) -> None:
    """A repository without remotes has no branch to compare with."""
    git_repository.commit({FILE: pin(1)})

    [finding] = look(git_repository.path)

    assert (finding.status, finding.code) == (Status.SKIP, "not-applicable")
    assert finding.message == "this repository has no remote, so there is no branch to compare with"


def test_no_commit_is_an_error(git_repository: GitRepository) -> None:
    """Before the first commit nothing can be compared."""
    git_repository.write({FILE: pin(1)})

    [finding] = look(git_repository.path)

    assert (finding.status, finding.code) == (Status.ERROR, "could-not-look")
    assert finding.message == "nothing is committed here yet"


def test_no_git_skips(tmp_path: Path) -> None:
    """A folder that Coolify deploys to has no .git."""
    (tmp_path / "docker").mkdir()
    (tmp_path / FILE).write_text(pin(1), encoding="utf-8")

    [finding] = look(tmp_path)

    assert (finding.status, finding.code) == (Status.SKIP, "not-applicable")
    assert "is not in a git work tree" in finding.message


def test_other_remote_is_named(clones: Clones) -> None:
    """A remote that is not there is an error that names those that are."""
    [finding] = clones.look(remote="upstream")

    assert (finding.status, finding.code) == (Status.ERROR, "could-not-look")
    assert finding.message == "this repository has no remote upstream; it has origin"


def test_missing_branch_is_an_error(clones: Clones) -> None:
    """A branch that the remote does not have was not compared."""
    [finding] = clones.look(branch="gone")

    assert (finding.status, finding.code) == (Status.ERROR, "could-not-look")
    assert finding.message == "the remote origin has no branch gone"


def test_empty_remote_is_an_error(clones: Clones, tmp_path: Path) -> None:
    """A remote without a commit has nothing to compare with."""
    empty = GitRepository.create(tmp_path / "empty")
    clones.host.git("remote", "set-url", "origin", str(empty.path))

    [finding] = clones.look()

    assert (finding.status, finding.code) == (Status.ERROR, "could-not-look")
    assert finding.message == "the remote origin has no commit on its default branch"


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("file:///nowhere/at/all.git", "there is no such repository, or it is private"),
        ("http://127.0.0.1:1/acme/agent.git", "its host does not answer"),
        ("https://user:hunter2@no-such-host.invalid/acme/agent.git", "its host name does not resolve"),
        ("ext::sh -c touch% evil", "its kind of address is not asked by preflight"),
    ],
)
def test_remote_that_does_not_answer_is_an_error(clones: Clones, address: str, words: str) -> None:
    """Each reason has its own words, and an address with a password is not quoted."""
    clones.host.git("remote", "set-url", "origin", address)

    [finding] = clones.look()

    assert (finding.status, finding.code) == (Status.ERROR, "could-not-look")
    assert finding.message == f"the remote origin cannot be asked: {words}"
    assert "git ls-remote origin" in finding.hint
    assert "hunter2" not in repr(finding)


def test_relative_address_of_a_remote_works(clones: Clones) -> None:
    """An address may be a path from the work tree's root."""
    clones.host.git("remote", "set-url", "origin", "../remote.git")
    clones.publish(2)

    [finding] = clones.look()

    assert "1 commit behind" in finding.message


def test_program_named_by_the_repository_is_not_run(clones: Clones, tmp_path: Path) -> None:
    """A checkout must not run itself: no upload-pack, ssh or hook of its configuration is started."""
    trap = tmp_path / "trap"
    trap.write_text(f"#!/bin/sh\ntouch {tmp_path}/sprung\n", encoding="utf-8")
    trap.chmod(0o755)
    for name in ("remote.origin.uploadpack", "core.sshCommand", "core.fsmonitor", "core.alternateRefsCommand"):
        clones.host.git("config", name, str(trap))
    hook = clones.host.path / ".git" / "hooks" / "reference-transaction"
    hook.write_text(trap.read_text(encoding="utf-8"), encoding="utf-8")
    hook.chmod(0o755)
    clones.publish(2)

    [finding] = clones.look()

    assert (finding.status, finding.code) == (Status.FAIL, "behind")
    assert not (tmp_path / "sprung").exists()


def test_git_that_is_missing_is_an_error(clones: Clones) -> None:
    """Without git nothing was compared."""
    [finding] = clones.look(environ={"PATH": "/nowhere"})

    assert (finding.status, finding.code) == (Status.ERROR, "could-not-look")
    assert "git is not installed" in finding.message
