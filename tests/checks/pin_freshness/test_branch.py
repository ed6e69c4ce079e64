"""checks/pin_freshness.py: the pin of this checkout and that of its branch."""

from preflight.model import Stage, Status
from tests.checks.pin_freshness.clones import FILE, NAME, Clones, clone, fingerprint, look, pin


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
