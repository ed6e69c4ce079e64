"""checks/image_provenance.py: whether the image was built from the commit of its release."""

from pathlib import Path

import pytest

from checks.image_provenance import ImageProvenance, Settings
from preflight.model import Status
from preflight.testing import run_check
from tests.checks.image_provenance.stage import FILE, NAME, REPOSITORY, SLSA, Stage, order
from tests.real.git import GitRepository
from tests.real.signing import COMMIT, PATTERN, Order, push_unsigned, statement

pytestmark = pytest.mark.registry


def test_a_commit_that_came_in_with_the_release_passes(stage: Stage) -> None:
    """The tag may be on a later commit that only bumps the version, even after a pre-release of it."""
    built = stage.git.commit({"app.txt": "3"}, "Feature")
    stage.git.tag("v1.5.0-rc.1")
    stage.git.commit({"version": "1.5.0"}, "Bump")
    stage.git.tag("v1.5.0")
    stage.repository += "/next"
    stage.digest = push_unsigned(stage.registry, stage.repository)
    stage.pin("chore: pin the agent image for v1.5.0")
    stage.attach(order(stage, commit=built, ref="refs/heads/main"))

    finding = stage.verdict()

    assert finding.status is Status.PASS
    assert finding.message.endswith("of release 1.5.0")


def test_a_commit_of_an_earlier_release_fails(stage: Stage) -> None:
    """The bytes of 1.4.0 under the pin of 1.4.1."""
    stage.attach(order(stage, "v1.4.0", ref="refs/heads/main"))

    finding = stage.verdict()

    assert finding.status is Status.FAIL
    assert "was not built from release 1.4.1: the commit" in finding.message
    assert finding.message.endswith("was released before, in 1.4.0")


def test_a_commit_after_the_release_fails(stage: Stage) -> None:
    """Built from what nobody has released."""
    later = stage.git.commit({"app.txt": "3"}, "Later")
    stage.attach(order(stage, commit=later, ref="refs/heads/main"))

    finding = stage.verdict()

    assert finding.status is Status.FAIL
    assert finding.message.endswith(f"the commit {later[:12]} is not in 1.4.1")


def test_a_commit_that_nobody_knows_fails(stage: Stage) -> None:
    """A full clone has all commits of its release, so this is none of them."""
    stage.attach(order(stage, commit=COMMIT, ref="refs/heads/main"))

    finding = stage.verdict()

    assert finding.status is Status.FAIL
    assert f"this clone does not know the commit {COMMIT[:12]}" in finding.message


def test_the_tag_of_another_release_fails(stage: Stage) -> None:
    """The ref that was built names its release itself."""
    stage.attach(order(stage, ref="refs/tags/v1.4.0"))

    finding = stage.verdict()

    assert finding.status is Status.FAIL
    assert finding.message.endswith("was built from 1.4.0, but the pin is for release 1.4.1")


def test_a_shallow_clone_warns(stage: Stage, tmp_path: Path) -> None:
    """What holds is a pass; that the release cannot be compared is said apart, with what to do."""
    stage.attach(order(stage, "v1.4.0", ref="refs/heads/main"))
    clone = tmp_path / "clone"
    stage.git.git("clone", "--quiet", "--depth=1", f"file://{stage.git.path}", str(clone))
    GitRepository(clone).git("remote", "add", "upstream", f"git@github.com:{REPOSITORY}.git")
    GitRepository(clone).git("fetch", "--quiet", "--depth=1", "origin", "refs/tags/v1.4.1:refs/tags/v1.4.1")

    verified, warning = stage.look(clone)

    assert (verified.status, warning.status) == (Status.PASS, Status.WARN)
    assert "cannot be told: this clone is shallow" in warning.message
    assert "--unshallow" in warning.hint


def test_a_missing_tag_warns(stage: Stage) -> None:
    """The pin names a release that this clone has no tag for."""
    stage.git.git("tag", "--delete", "v1.4.1")
    stage.attach(order(stage, "HEAD"))

    verified, warning = stage.look()

    assert (verified.status, warning.status) == (Status.PASS, Status.WARN)
    assert "this clone has no tag for 1.4.1" in warning.message


@pytest.mark.parametrize(
    ("url", "compared"),
    [
        (f"https://github.com/{REPOSITORY}.git", True),
        (f"https://user:secret@github.com/{REPOSITORY.lower()}", True),
        (f"git@github.com:{REPOSITORY}", True),
        (f"ssh://git@github.com:22/{REPOSITORY}.git", True),
        ("https://github.com/ls1intum/deployments", False),
        (f"https://github.com.evil.example/{REPOSITORY}", False),
        (f"https://git.example/{REPOSITORY}.git", False),
    ],
)
def test_pins_may_be_kept_apart_from_the_source(stage: Stage, url: str, *, compared: bool) -> None:
    """A repository of deployments has no commits of the application; its own tags say nothing of them."""
    stage.git.git("remote", "add", "origin", url)
    stage.attach(order(stage))

    finding = stage.verdict()

    assert finding.status is Status.PASS
    assert finding.message.endswith("of release 1.4.1" if compared else "this clone is of another repository")


def test_a_commit_that_is_not_named_warns(stage: Stage) -> None:
    """A provenance without source says nothing that could be compared."""
    made = Order(statement(stage.digest, SLSA, {}), claims={"sha": "", "repository": "", "ref": ""})
    stage.attach(made)

    verified, warning = stage.look()

    assert (verified.status, warning.status) == (Status.PASS, Status.WARN)
    assert "its source at an unnamed commit" in verified.message
    assert warning.message.endswith("no commit is named")


def test_a_release_that_is_named_only_once_in_a_run_of_pins(stage: Stage) -> None:
    """The pin was taken back and set again: what counts is the last time, and the commit that names one release."""
    value = (stage.git.path / FILE).read_text()
    stage.git.commit({FILE: f"{NAME}=\n"}, "Take it back for v9.9.9")
    stage.git.commit({FILE: value}, "chore: pin again for v1.4.1")
    stage.git.commit({FILE: f"# note\n{value}"}, "Add a note")
    stage.attach(order(stage))

    [finding] = run_check(
        ImageProvenance(Settings(identity=PATTERN, trust_root=str(stage.git.path / "trusted_root.json"))),
        stage.context(),
    )

    assert finding.message.endswith("of release 1.4.1")


def test_outside_git_it_still_verifies(stage: Stage, tmp_path: Path) -> None:
    """A folder that Coolify deploys to has no git: verified, and said that no release was compared."""
    stage.attach(order(stage))
    folder = tmp_path / "plain"
    folder.mkdir()
    (folder / FILE).write_bytes((stage.git.path / FILE).read_bytes())

    finding = stage.verdict(folder)

    assert finding.status is Status.PASS
    assert "release not compared" in finding.message
