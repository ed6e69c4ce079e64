"""preflight/pins/in_git.py, with real git."""

import os
import subprocess
from pathlib import Path

import pytest

from preflight.git.door import Git
from preflight.pins.in_git import PinInGit, Standing, override_in_git, pin_in_git
from preflight.testing import fake_context
from tests.real.git import GIT_ENVIRON, GitRepository

ENVIRON = {"PATH": os.environ.get("PATH", os.defpath), **GIT_ENVIRON}
FILE = "docker/pin.env"
PIN = "AGENT_IMAGE=x\n"
ARMED = "PREFLIGHT_SENTINEL=abc\n"


def look(base: Path, name: str = FILE) -> PinInGit:
    """Look at a pin file of the folder."""
    return pin_in_git(fake_context(base, git=Git(base, ENVIRON)), base / name)


@pytest.mark.parametrize(
    ("text", "staged", "standing", "words"),
    [
        (PIN, False, Standing.COMMITTED, ""),
        ("AGENT_IMAGE=y\n", False, Standing.DIFFERENT, "differs from the last commit"),
        ("AGENT_IMAGE=y\n", True, Standing.DIFFERENT, "has a staged change that is not committed"),
        (ARMED + PIN, False, Standing.ARMED, ""),
        (ARMED + PIN, True, Standing.DIFFERENT, "has a staged change that is not committed"),
        (ARMED + PIN + "X=1\n", False, Standing.DIFFERENT, "differs from the last commit"),
        (ARMED + "X='never closed\n", False, Standing.DIFFERENT, "differs from the last commit"),
    ],
)
def test_a_file_that_was_committed(
    git_repository: GitRepository, text: str, *, staged: bool, standing: Standing, words: str
) -> None:
    """An armed sentinel is expected, unless it is about to be committed or something else changed, too."""
    git_repository.commit({FILE: PIN})
    git_repository.write({FILE: text})
    if staged:
        git_repository.git("add", FILE)

    found = look(git_repository.path)

    assert (found.standing, found.place) == (standing, git_repository.path / FILE)
    assert not words or found.state.difference == words


def test_a_file_that_was_never_committed(git_repository: GitRepository) -> None:
    """Unknown to git, ignored by it, or only added."""
    git_repository.commit({".gitignore": "*.env\n"})
    git_repository.write({FILE: PIN})
    assert look(git_repository.path).standing is Standing.IGNORED

    (git_repository.path / ".gitignore").write_text("")
    assert look(git_repository.path).standing is Standing.UNTRACKED

    git_repository.git("add", FILE)
    added = look(git_repository.path)
    assert (added.standing, added.state.difference) == (Standing.DIFFERENT, "was added to git but never committed")


def test_a_merge_that_was_not_resolved(git_repository: GitRepository) -> None:
    """The index has three of it."""
    git_repository.commit({FILE: PIN})
    blob = git_repository.git("rev-parse", f"HEAD:{FILE}")
    stages = "".join(f"100644 {blob} {stage}\t{FILE}\n" for stage in (1, 2, 3))
    git_repository.git("rm", "--cached", "--quiet", FILE)
    update = ["git", "update-index", "--index-info"]
    subprocess.run(update, input=stages, text=True, cwd=git_repository.path, env=ENVIRON, check=True)

    found = look(git_repository.path)

    assert (found.standing, found.state.difference) == (Standing.DIFFERENT, "has an unresolved merge conflict")


def test_of_a_link_both_ends_count(git_repository: GitRepository, tmp_path: Path) -> None:
    """A committed link does not vouch for what it leads to, nor the other way round."""
    outside = tmp_path / "outside.env"
    outside.write_text(PIN)
    link = git_repository.path / "link.env"
    link.symlink_to(outside)
    git_repository.commit()
    found = look(git_repository.path, "link.env")
    assert (found.standing, found.place) == (Standing.LINK_OUTSIDE, outside)

    link.unlink()
    link.symlink_to(FILE)
    git_repository.commit({FILE: PIN})
    assert look(git_repository.path, "link.env").standing is Standing.COMMITTED

    git_repository.write({FILE: "AGENT_IMAGE=y\n"})
    found = look(git_repository.path, "link.env")
    assert (found.standing, found.place) == (Standing.DIFFERENT, git_repository.path / FILE)

    (tmp_path / "foreign.env").symlink_to(git_repository.path / FILE)
    git_repository.write({FILE: PIN})
    found = pin_in_git(
        fake_context(git_repository.path, git=Git(git_repository.path, ENVIRON)), tmp_path / "foreign.env"
    )
    assert (found.standing, found.place) == (Standing.COMMITTED, git_repository.path / FILE)


def test_a_file_without_git(tmp_path: Path) -> None:
    """Nothing proves that it is the committed one."""
    (tmp_path / "docker").mkdir()
    (tmp_path / FILE).write_text(PIN)

    found = look(tmp_path)

    assert (found.standing, found.place, found.state.root) == (Standing.OUTSIDE, tmp_path / FILE, None)


def test_an_override_need_not_be_there(git_repository: GitRepository, tmp_path: Path) -> None:
    """What counts is whether it could be committed one day, or is already."""
    git_repository.commit({FILE: PIN, ".gitignore": "*.local.env\n", "docker/old.local.env": PIN})
    ctx = fake_context(git_repository.path, git=Git(git_repository.path, ENVIRON))
    folder = git_repository.path / "docker"
    git_repository.git("add", "-f", "docker/old.local.env")
    git_repository.git("commit", "--quiet", "-m", "Commit an override")

    assert override_in_git(ctx, folder / "pin.local.env") is Standing.IGNORED
    assert override_in_git(ctx, folder / "pin.override.env") is Standing.UNTRACKED
    assert override_in_git(ctx, folder / "old.local.env") is Standing.COMMITTED
    (folder / "old.local.env").unlink()
    assert override_in_git(ctx, folder / "old.local.env") is Standing.COMMITTED
    assert override_in_git(ctx, git_repository.path / "gone" / "pin.override.env") is Standing.OUTSIDE
    assert override_in_git(ctx, tmp_path / "pin.override.env") is Standing.OUTSIDE
