"""Tests of checks/pin_freshness.py: real git, real remotes."""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from checks.pin_freshness import PinFreshness, Settings
from preflight.context import Options
from preflight.git.door import Git
from preflight.model import Finding, Stage, Status
from preflight.project import Pin
from preflight.testing import fake_context, run_check
from tests.real.git import GIT_ENVIRON, GitRepository

ENVIRON = {"PATH": os.environ.get("PATH", os.defpath), **GIT_ENVIRON}
FILE = "docker/pin.env"
NAME = "AGENT_IMAGE"


def pin(number: int) -> str:
    """Return the text of a pin file."""
    return f"{NAME}=ghcr.io/acme/agent@sha256:{number:064x}\n"


def look(
    path: Path,
    *,
    files: tuple[str, ...] = (FILE,),
    environ: dict[str, str] | None = None,
    stage: Stage = Stage.BEFORE,
    **settings: Any,
) -> list[Finding]:
    """Run the check as an operator who stands in ``path``."""
    pins = tuple(Pin(NAME, "app", path / file) for file in files)
    used = environ or ENVIRON
    ctx = fake_context(path, pins=pins, environ=used, git=Git(path, used), options=Options(stage=stage), seconds=60)
    return run_check(PinFreshness(Settings(**settings)), ctx)


@dataclass
class Clones:
    """A remote, the clone of a developer who pushes to it, and that of the host."""

    remote: Path
    developer: GitRepository
    host: GitRepository

    def publish(self, number: int, message: str = "chore: pin the agent image for v1.2.0") -> str:
        """Commit a pin and push it."""
        commit = self.developer.commit({FILE: pin(number)}, message)
        self.developer.git("push", "--quiet", "origin", "main")
        return commit

    def look(self, **settings: Any) -> list[Finding]:
        """Run the check on the host."""
        return look(self.host.path, **settings)


@pytest.fixture
def clones(tmp_path: Path) -> Clones:
    """A remote with one released pin, and two clones of it."""
    remote = GitRepository(tmp_path / "remote.git")
    remote.path.mkdir()
    remote.git("init", "--quiet", "--bare", "--initial-branch=main")
    developer = GitRepository.create(tmp_path / "developer")
    developer.git("remote", "add", "origin", str(remote.path))
    found = Clones(remote.path, developer, GitRepository(tmp_path / "host"))
    found.publish(1)
    clone(found.remote, found.host.path)
    return found


def clone(remote: Path, into: Path, *options: str) -> GitRepository:
    """Clone a remote through its file:// address."""
    GitRepository(into.parent).git("clone", "--quiet", *options, f"file://{remote}", str(into))
    return GitRepository(into)


def fingerprint(path: Path) -> dict[str, str]:
    """Return a digest of every file below a folder."""
    return {
        str(file.relative_to(path)): hashlib.sha256(file.read_bytes()).hexdigest() + str(file.stat().st_mtime_ns)
        for file in sorted(path.rglob("*"))
        if file.is_file()
    }


def test_pin_of_the_head_passes(clones: Clones) -> None:
    """A fresh clone has the pin of the branch, and a release put it there."""
    head = clones.host.git("rev-parse", "HEAD")

    [finding] = clones.look()

    assert finding.status is Status.PASS
    assert finding.message.startswith(f"origin/main pins the same, since {head[:7]} (")
    assert finding.message.endswith(f"Preflight Tests): {NAME}")
    assert finding.evidence["relation"] == "equal"
    assert finding.evidence["changed_by"] == "Preflight Tests"
    assert finding.evidence["changed_in"] == head
    assert finding.evidence["head"] == head
    assert finding.evidence["subject"] == "chore: pin the agent image for v1.2.0"


def test_checkout_behind_fails(clones: Clones) -> None:
    """A host that was not pulled deploys the old pin: how far it is behind, and what the branch pins."""
    clones.developer.commit({"README": "x"})
    clones.publish(2)

    [finding] = clones.look()

    assert (finding.status, finding.code) == (Status.FAIL, "behind")
    assert finding.message == (
        f"{NAME} is 2 commits behind origin/main, which pins ghcr.io/acme/agent@sha256:000000000000…"
    )
    assert finding.hint == "git pull --ff-only"
    assert finding.evidence["relation"] == "behind"
    assert (str(finding.subject), str(finding.location)) == (f"variable {NAME}", f"{FILE}:1")


def test_behind_with_the_same_pin_passes(clones: Clones) -> None:
    """Commits that do not change the pin are no matter."""
    clones.developer.commit({"README": "x"})
    clones.developer.git("push", "--quiet", "origin", "main")

    [finding] = clones.look()

    assert finding.status is Status.PASS
    assert "(1 commit behind, none changes it)" in finding.message


def test_looking_changes_nothing(clones: Clones) -> None:
    """Neither objects nor refs nor FETCH_HEAD appear in the repository, nor does its work tree change."""
    clones.publish(2)
    clones.developer.git("tag", "v9")
    clones.developer.git("push", "--quiet", "origin", "v9")
    before = fingerprint(clones.host.path)

    clones.look()

    assert fingerprint(clones.host.path) == before


def test_shallow_clone_is_compared_and_not_changed(clones: Clones) -> None:
    """A shallow clone knows its pin and the branch's, but not who made it; its boundary stays where it is."""
    clones.developer.commit({"README": "x"})
    clones.developer.git("push", "--quiet", "origin", "main")
    host = clone(clones.remote, clones.host.path.parent / "shallow", "--depth=1")
    fresh = look(host.path)
    clones.publish(2)
    before = fingerprint(host.path)

    [behind] = look(host.path)

    assert [finding.status for finding in fresh] == [Status.PASS, Status.SKIP]
    assert fresh[1].code == "not-looked-at"
    assert fresh[1].message.endswith(f"changed {NAME} last cannot be told: the history here is cut off before it")
    assert fresh[1].hint.endswith("git fetch --unshallow")
    assert (behind.status, behind.code) == (Status.FAIL, "behind")
    assert "1 commit behind origin/main" in behind.message
    assert behind.evidence["shallow"] is True
    assert behind.evidence["changed_by"] == "Preflight Tests"
    assert fingerprint(host.path) == before


def test_unpushed_pin_fails(clones: Clones) -> None:
    """A pin that was committed on the host only is seen by nobody else."""
    clones.host.commit({FILE: pin(3)})

    [finding] = clones.look()

    assert (finding.status, finding.code) == (Status.FAIL, "unpushed")
    assert f"{NAME} was changed in 1 commit here that nobody pushed to origin/main" in finding.message
    assert finding.hint == "Push it: git push origin HEAD:main; or go back: git reset --keep origin/main"


def test_ahead_with_the_same_pin_passes(clones: Clones) -> None:
    """Unpushed commits of other files are no matter."""
    clones.host.commit({"notes": "x"})

    [finding] = clones.look()

    assert finding.status is Status.PASS
    assert "(1 commit ahead, none changes it)" in finding.message


def test_diverged_checkout_fails(clones: Clones) -> None:
    """Commits on both sides: which of them count is for a person to say."""
    clones.host.commit({FILE: pin(3)})
    clones.publish(2)

    [finding] = clones.look()

    assert (finding.status, finding.code) == (Status.FAIL, "diverged")
    assert f"{NAME} is 1 commit ahead of and 1 commit behind origin/main" in finding.message
    assert "git log --oneline --left-right HEAD...origin/main" in finding.hint
    assert finding.evidence["relation"] == "diverged"


def test_diverged_with_the_same_pin_warns(clones: Clones) -> None:
    """The same pin on both sides works today."""
    clones.host.commit({"notes": "x"})
    clones.developer.commit({"README": "x"})
    clones.developer.git("push", "--quiet", "origin", "main")

    found = clones.look()

    assert [(finding.status, finding.code) for finding in found] == [(Status.WARN, "diverged-same-pin")]
    assert "but the checkout has diverged: 1 ahead, 1 behind" in found[0].message


def test_forced_push_that_removed_the_pin_fails(clones: Clones) -> None:
    """The host pulled a pin that a forced push has since taken off the branch: not merely ahead."""
    clones.publish(2)
    clones.host.git("pull", "--quiet", "--ff-only")
    clones.developer.git("reset", "--quiet", "--hard", "HEAD~1")
    clones.developer.git("push", "--quiet", "--force", "origin", "main")

    [finding] = clones.look()

    assert (finding.status, finding.code) == (Status.FAIL, "force-pushed")
    assert f"{NAME} was on origin/main before a forced push, which pins" in finding.message
    assert finding.hint.startswith("Ask who forced the push and why; then: git fetch && git reset --keep origin/main")
    assert finding.evidence["relation"] == "force-pushed"


def test_forced_push_is_told_after_a_fetch_too(clones: Clones) -> None:
    """The reflog remembers what the branch was, also when somebody has fetched since."""
    clones.publish(2)
    clones.host.git("pull", "--quiet", "--ff-only")
    clones.developer.git("reset", "--quiet", "--hard", "HEAD~1")
    clones.developer.commit({FILE: pin(4)})
    clones.developer.git("push", "--quiet", "--force", "origin", "main")
    clones.host.git("fetch", "--quiet")

    [finding] = clones.look()

    assert "before a forced push" in finding.message


def test_forced_push_with_the_same_pin_warns(clones: Clones) -> None:
    """Where the pin is the same on the rewritten branch, it works today."""
    clones.developer.git("commit", "--quiet", "--amend", "--message", "chore: pin the agent image for v1.2.1")
    clones.developer.git("push", "--quiet", "--force", "origin", "main")

    found = clones.look()

    assert [(finding.status, finding.code) for finding in found] == [(Status.WARN, "force-pushed-same-pin")]
    assert "but the branch was force-pushed" in found[0].message


def test_old_forced_push_does_not_matter_to_a_checkout_that_is_on_the_branch(clones: Clones) -> None:
    """A host that was reset to the rewritten branch is well."""
    clones.developer.git("commit", "--quiet", "--amend", "--message", "chore: pin the agent image for v1.2.1")
    clones.developer.git("push", "--quiet", "--force", "origin", "main")
    clones.host.git("fetch", "--quiet")
    clones.host.git("reset", "--quiet", "--hard", "origin/main")

    [finding] = clones.look()

    assert finding.status is Status.PASS


def test_edit_on_disk_fails(clones: Clones) -> None:
    """An edit that is not even committed has a remedy of its own."""
    clones.host.write({FILE: pin(5)})

    [finding] = clones.look()

    assert (finding.status, finding.code) == (Status.FAIL, "edited")
    assert f"{NAME} was edited here and is not on origin/main" in finding.message
    assert finding.hint == f"Commit and push it, or restore it: git checkout HEAD -- {FILE}"


def test_detached_head_is_compared(clones: Clones) -> None:
    """A detached HEAD is judged by its commit; the remedy names the branch."""
    clones.host.git("switch", "--quiet", "--detach")
    clones.publish(2)

    [finding] = clones.look()

    assert (finding.status, finding.code) == (Status.FAIL, "behind")
    assert finding.hint == "git switch main && git pull --ff-only"
    assert finding.evidence["checked_out"] == "(detached)"


def test_other_branch_by_setting(clones: Clones) -> None:
    """The branch to compare with is the remote's default one, unless the configuration names another."""
    clones.developer.git("switch", "--quiet", "--create", "production")
    clones.developer.commit({FILE: pin(7)})
    clones.developer.git("push", "--quiet", "origin", "production")

    assert [finding.status for finding in clones.look()] == [Status.PASS]
    [finding] = clones.look(branch="production")

    assert (finding.status, finding.code) == (Status.FAIL, "behind")
    assert "1 commit behind origin/production" in finding.message


def test_pin_that_no_release_made_warns(clones: Clones) -> None:
    """A commit whose subject names no release changed the pin last: by whom and in which commit."""
    commit = clones.publish(2, "fix: try another image")
    clones.host.git("pull", "--quiet", "--ff-only")

    passed, warned = clones.look()

    assert passed.status is Status.PASS
    assert (warned.status, warned.code) == (Status.WARN, "no-release-commit")
    assert warned.message == f"{NAME} was changed last by {commit[:7]} “fix: try another image”, which makes no release"
    assert (str(warned.subject), str(warned.location)) == (f"variable {NAME}", f"{FILE}:1")
    assert warned.evidence["changed_in"] == commit


def test_a_comment_that_nobody_released_is_no_matter(clones: Clones) -> None:
    """What counts is the last change of the pin, not of its file."""
    released = clones.host.git("rev-parse", "HEAD")
    clones.developer.commit({FILE: f"# The image of the agent\n{pin(1)}"}, "docs: explain the pin")
    clones.developer.git("push", "--quiet", "origin", "main")
    clones.host.git("pull", "--quiet", "--ff-only")

    [finding] = clones.look()

    assert finding.status is Status.PASS
    assert finding.evidence["changed_in"] == released


def test_a_revert_is_a_rollback_to_an_earlier_release(clones: Clones) -> None:
    """By what it holds: its subject names no release, or the one it takes back."""
    clones.publish(2, "chore: pin the agent image for v1.3.0")
    clones.developer.git("revert", "--no-edit", "HEAD")
    clones.developer.git("push", "--quiet", "origin", "main")
    clones.host.git("pull", "--quiet", "--ff-only")
    commit = clones.host.git("rev-parse", "HEAD")

    [finding] = clones.look()

    assert finding.status is Status.PASS
    assert f"origin/main pins the same; rolled back to 1.2.0 by {commit[:7]} (" in finding.message
    assert finding.evidence["returns_to"] == clones.host.git("rev-parse", "HEAD~2")


@pytest.mark.parametrize("subject", ["Go back, v1.3.0 is broken", "chore: pin the agent image for v1.3.0 again"])
def test_a_rollback_by_hand_is_told_by_its_content(clones: Clones, subject: str) -> None:
    """Whatever its subject says, also where that names another release."""
    clones.publish(2, "chore: pin the agent image for v1.3.0")
    commit = clones.publish(1, subject)
    clones.host.git("pull", "--quiet", "--ff-only")

    [finding] = clones.look()

    assert f"rolled back to 1.2.0 by {commit[:7]}" in finding.message


def test_a_revert_of_a_revert_is_back_at_the_newer_release(clones: Clones) -> None:
    """Forward again is no rollback, and no change without a release either."""
    clones.publish(2, "chore: pin the agent image for v1.3.0")
    clones.publish(1, "Revert")
    commit = clones.publish(2, "Reapply")
    clones.host.git("pull", "--quiet", "--ff-only")

    [finding] = clones.look()

    assert finding.status is Status.PASS
    assert f"; back at 1.3.0 by {commit[:7]} (" in finding.message
    assert "rolled back" not in finding.message


def test_a_revert_that_holds_something_new_is_no_rollback(clones: Clones) -> None:
    """Its subject is that of a revert, and no release ever pinned what it holds."""
    clones.publish(2, "fix: try another image")
    clones.publish(3, "chore: pin the agent image for v1.3.0")
    for number, subject in ((4, 'Revert "chore: pin the agent image"'), (2, "Revert")):
        commit = clones.publish(number, subject)
        clones.host.git("pull", "--quiet", "--ff-only")

        same, warned = clones.look()

        assert f", since {commit[:7]} (" in same.message
        assert (warned.status, warned.code) == (Status.WARN, "no-release-commit")


def test_a_rollback_to_what_the_setting_calls_a_release(clones: Clones) -> None:
    """Where subjects name no version, the subject itself is the name."""
    clones.publish(2, "Release 2026-11")
    clones.publish(3, "Release 2026-12")
    commit = clones.publish(2, "Revert")
    clones.host.git("pull", "--quiet", "--ff-only")

    [finding] = clones.look(release_subject=r"^Release \d")

    assert f"; rolled back to “Release 2026-11” by {commit[:7]} (" in finding.message


def test_a_rollback_beyond_a_shallow_clone_warns_with_where_the_history_ends(clones: Clones) -> None:
    """What the oldest commit here seems to have made, a release may have made or not."""
    clones.publish(2, "chore: pin the agent image for v1.3.0")
    clones.publish(1, "Revert")
    host = clone(clones.remote, clones.host.path.parent / "shallow", "--depth=2")
    oldest = host.git("rev-parse", "HEAD~1")

    same, warned = look(host.path)

    assert same.status is Status.PASS
    assert (warned.status, warned.code) == (Status.WARN, "no-release-commit")
    assert warned.message.endswith(f"; whether it brings back one from before {oldest[:7]} is not known")
    assert warned.hint.endswith("git fetch --unshallow")


def test_a_partial_clone_is_compared_by_what_it_has(clones: Clones) -> None:
    """It lacks what older commits held: a release commit passes by its subject, of another it is not known."""
    GitRepository(clones.remote).git("config", "uploadpack.allowFilter", "true")
    clones.publish(2, "chore: pin the agent image for v1.3.0")
    host = clone(clones.remote, clones.host.path.parent / "partial", "--filter=blob:none")
    assert [finding.status for finding in look(host.path)] == [Status.PASS]
    clones.publish(1, "Revert")
    host = clone(clones.remote, clones.host.path.parent / "again", "--filter=blob:none")

    same, warned = look(host.path)

    assert same.status is Status.PASS
    assert (warned.status, warned.code) == (Status.WARN, "no-release-commit")
    assert "whether it brings back an earlier one is not known" in warned.message
    assert "Fetch it once" in warned.hint


def test_the_branch_counts_at_both_stages(clones: Clones) -> None:
    """A pin that the branch has not is no more right after the rollout."""
    clones.publish(2)
    edited = clone(clones.remote, clones.host.path.parent / "edited")
    edited.write({FILE: pin(5)})
    for stage in Stage:
        [behind], [changed] = look(clones.host.path, stage=stage), look(edited.path, stage=stage)

        assert (behind.status, behind.code) == (Status.FAIL, "behind")
        assert (changed.status, changed.code) == (Status.FAIL, "edited")
        assert "deploy" not in f"{behind.hint} {changed.hint}"


def test_release_commits_by_setting(clones: Clones) -> None:
    """How a release commit is told, and whether it matters, is for the configuration to say."""
    clones.publish(2, "Release 2026-11")
    clones.host.git("pull", "--quiet", "--ff-only")

    assert [finding.status for finding in clones.look(release_subject=r"^Release \d")] == [Status.PASS]
    assert [finding.status for finding in clones.look(release_commits_only=False)] == [Status.PASS]


def test_branch_without_the_file_fails(clones: Clones) -> None:
    """The branch may have lost the file, or the variable."""
    clones.developer.git("rm", "--quiet", FILE)
    clones.developer.commit(message="Remove it")
    clones.developer.git("push", "--quiet", "origin", "main")
    [gone] = clones.look()
    clones.developer.commit({FILE: "OTHER=1\n"})
    clones.developer.git("push", "--quiet", "origin", "main")
    [undefined] = clones.look()

    assert (gone.status, gone.code) == (Status.FAIL, "missing-on-branch")
    assert gone.message == f"origin/main has no {FILE}"
    assert (undefined.status, undefined.code) == (Status.FAIL, "undefined-on-branch")
    assert undefined.message == f"{FILE} on origin/main does not define {NAME}"


def test_secrets_beside_the_pin_are_not_shown(clones: Clones) -> None:
    """A value that is no image is not quoted, whatever it is."""
    clones.developer.commit({FILE: f"{NAME}=hunter2\n"})
    clones.developer.git("push", "--quiet", "origin", "main")

    [finding] = clones.look()

    assert "which pins another value" in finding.message
    assert "hunter2" not in repr(finding)


def test_broken_file_on_the_branch_is_an_error(clones: Clones) -> None:
    """What cannot be read there was not compared."""
    clones.developer.commit({FILE: f'{NAME}="x\n'})
    clones.developer.git("push", "--quiet", "origin", "main")

    [finding] = clones.look()

    assert (finding.status, finding.code) == (Status.ERROR, "refused-on-branch")
    assert finding.message == f"{FILE} on origin/main is not an env file that Compose reads"


def test_broken_commit_here_counts_as_an_edit(clones: Clones) -> None:
    """A pin that only the disk has, while the commit's file is broken, was edited."""
    clones.host.commit({FILE: f'{NAME}="x\n'})
    clones.host.write({FILE: pin(6)})

    [finding] = clones.look()

    assert "was edited here" in finding.message


def test_missing_pin_file_is_an_error(clones: Clones) -> None:
    """Without the file there is nothing to compare; what to do about it says pin-file."""
    (clones.host.path / FILE).unlink()

    [finding] = clones.look()

    assert (finding.status, finding.code) == (Status.ERROR, "could-not-look")


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


def test_link_is_followed_to_the_file_in_git(clones: Clones) -> None:
    """A pin file that is a link is compared where it leads."""
    (clones.host.path / "pin.env").symlink_to(FILE)
    clones.publish(2)

    [finding] = look(clones.host.path, files=("pin.env",))

    assert (finding.status, finding.code) == (Status.FAIL, "behind")
    assert "1 commit behind" in finding.message


def test_two_pins_are_compared_with_one_question(clones: Clones) -> None:
    """Each pin is judged; what concerns the file is said once."""
    clones.developer.commit({"b.env": pin(1)}, "feat: another")
    clones.developer.git("push", "--quiet", "origin", "main")
    clones.host.git("pull", "--quiet", "--ff-only")

    found = look(clones.host.path, files=(FILE, FILE, "b.env"))

    assert [finding.status for finding in found] == [Status.PASS, Status.PASS, Status.PASS, Status.WARN]


def test_git_that_is_missing_is_an_error(clones: Clones) -> None:
    """Without git nothing was compared."""
    [finding] = clones.look(environ={"PATH": "/nowhere"})

    assert (finding.status, finding.code) == (Status.ERROR, "could-not-look")
    assert "git is not installed" in finding.message


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"remote": "--upload-pack=x"}, "remote: must be the plain name"),
        ({"branch": "a b"}, "branch: must be the plain name"),
        ({"branch": "a..b"}, "branch: must be the plain name"),
        ({"release_subject": "("}, "release_subject: is no regular expression"),
        ({"release_subject": "(?=v)"}, "release_subject: is no regular expression .*look-around"),
    ],
)
def test_settings_are_checked(settings: dict[str, Any], words: str) -> None:
    """A name that git could take for an option, or no pattern, is refused."""
    with pytest.raises(ValueError, match=words):
        Settings(**settings)
