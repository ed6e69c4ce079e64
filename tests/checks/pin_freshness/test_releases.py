"""checks/pin_freshness.py: which commit made the pin: a release, a rollback or neither."""

from typing import Any

import pytest

from checks.pin_freshness import Settings
from preflight.model import Status
from tests.checks.pin_freshness.clones import FILE, NAME, Clones, clone, look, pin
from tests.real.git import GitRepository


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


def test_release_commits_by_setting(clones: Clones) -> None:
    """How a release commit is told, and whether it matters, is for the configuration to say."""
    clones.publish(2, "Release 2026-11")
    clones.host.git("pull", "--quiet", "--ff-only")

    assert [finding.status for finding in clones.look(release_subject=r"^Release \d")] == [Status.PASS]
    assert [finding.status for finding in clones.look(release_commits_only=False)] == [Status.PASS]


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
