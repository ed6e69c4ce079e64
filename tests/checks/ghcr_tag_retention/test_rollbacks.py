"""checks/ghcr_tag_retention.py: a pin that is older than the newest release."""

import pytest

from preflight.model import Stage, Status
from tests.checks.ghcr_tag_retention.scene import FILE, NAME, REPOSITORY, Scene, statuses, words, wrong
from tests.fakes.ghcr import FakeGhcr


def test_pin_of_an_older_release(stage: Scene, ghcr: FakeGhcr) -> None:
    """A pin that stayed behind the newest release, and was never ahead: a warning that names both."""
    assert statuses(stage.look()) == [Status.PASS, Status.PASS]
    stage.git.tag("v1.4.0")
    ghcr.push(REPOSITORY, "1.4.0", content="4")

    findings = stage.look()

    assert wrong(findings) == [("warn", "older-release", "release 1.3.0")]
    assert words(findings, Status.WARN).endswith("answers, but is release 1.3.0; the newest is 1.4.0")
    assert (findings[0].evidence["release"], findings[0].evidence["newest"]) == ("1.3.0", "1.4.0")


@pytest.mark.parametrize("subject", ["Roll back, for v1.3.0 is broken", "Pin", "chore: pin agent image for v1.3.0"])
def test_rollback_is_no_warning(stage: Scene, ghcr: FakeGhcr, subject: str) -> None:
    """A commit that brings back an earlier image is a rollback by what it holds, whatever it says."""
    stage.pin(ghcr.push(REPOSITORY, content="0"), subject)
    commit = stage.git.git("rev-parse", "HEAD")
    for stage.stage in Stage:
        held, kept = stage.look()

        assert (held.status, kept.status) == (Status.PASS, Status.PASS)
        assert held.message.startswith(
            f"release tag 1.0.0 points at the digest; rolled back to 1.0.0 by {commit[:7]}: "
        )
        assert held.evidence["rolled_back_by"] == commit


def test_rollback_by_git_revert(stage: Scene) -> None:
    """As an operator does it."""
    stage.git.git("revert", "--no-edit", "HEAD")

    held, _ = stage.look()

    assert held.status is Status.PASS
    assert "; rolled back to 1.2.0 by " in held.message


def test_release_after_a_rollback_is_missed(stage: Scene, ghcr: FakeGhcr) -> None:
    """The pin went back from 1.3.0; that 1.4.0 came since is another thing."""
    stage.git.git("revert", "--no-edit", "HEAD")
    stage.git.tag("v1.4.0")
    ghcr.push(REPOSITORY, "1.4.0", content="4")

    findings = stage.look()

    assert wrong(findings) == [("warn", "older-release", "release 1.2.0")]
    assert ", but is release 1.2.0 (rolled back by " in findings[0].message
    assert findings[0].message.endswith("; the newest is 1.4.0")


def test_forward_again_is_no_rollback(stage: Scene) -> None:
    """A revert of a revert."""
    stage.git.git("revert", "--no-edit", "HEAD")
    stage.git.git("revert", "--no-edit", "HEAD")

    held, _ = stage.look()

    assert held.status is Status.PASS
    assert held.message.startswith("release tag 1.3.0 points at the digest: ")


def test_edit_that_nobody_committed_is_no_rollback(stage: Scene, ghcr: FakeGhcr) -> None:
    """No commit took the pin back."""
    digest = ghcr.push(REPOSITORY, content="0")
    (stage.git.path / FILE).write_text(f"{NAME}={stage.host}/{REPOSITORY}@{digest}\n")

    assert wrong(stage.look()) == [("warn", "older-release", "release 1.0.0")]
