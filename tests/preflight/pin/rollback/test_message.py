"""preflight/pin/rollback/message.py, against real git and the history of a real project's pin."""

import subprocess
from pathlib import Path

import pytest

from preflight.git.command import GitCommand
from preflight.git.door import Git
from preflight.lib.deadline import Deadline
from preflight.pin.rollback.message import Message, message_for, reverted
from preflight.pin.rollback.target import choose_step
from preflight.project import Pin
from preflight.releases.timeline import pin_changes
from tests.real.git import GIT_ENVIRON, GitRepository

VARIABLE = "HEPHAESTUS_AGENT_IMAGE_REFERENCE"
PLACE = "docker/agent-image-pin.env"
IMAGE = "ghcr.io/ls1intum/hephaestus/agent-pi"
RELEASES = ("0.66.0", "0.67.0", "0.68.0")
ENVIRON = {"PATH": "/usr/bin:/bin", **GIT_ENVIRON}


def digest(release: str) -> str:
    """A digest of a release's own."""
    return "sha256:" + release.replace(".", "").ljust(64, "a")


def pin_line(release: str) -> str:
    """The pin file, as the project's release job writes it."""
    return f"# The agent image, by digest.\n{VARIABLE}={IMAGE}@{digest(release)}\n"


def subject(release: str) -> str:
    """What the project's release job writes."""
    return f"chore(release): pin agent-pi to {digest(release)} for v{release} [skip ci]"


@pytest.fixture
def history(git_repository: GitRepository) -> GitRepository:
    """Three release commits, with other work between them."""
    for release in RELEASES:
        git_repository.commit({"package.json": f'{{"version": "{release}"}}\n'}, f"feat: what is in {release}")
        git_repository.commit({PLACE: pin_line(release)}, subject(release))
        git_repository.tag(f"v{release}")
    return git_repository


def message(repository: GitRepository, to: str = "") -> Message:
    """The message of a rollback."""
    pin, deadline = Pin(VARIABLE, "app", repository.path / PLACE), Deadline.after(30)
    git = Git(repository.path, ENVIRON)
    commits = git.history(pin.file, 100, deadline)
    changes = pin_changes(VARIABLE, commits, shallow=git.is_shallow(deadline), with_cut=True)
    return message_for(GitCommand(ENVIRON), pin, choose_step(VARIABLE, changes, to), deadline)


def test_the_real_history_is_reverted_without_its_marker(history: GitRepository) -> None:
    """Git's own words, but for `[skip ci]`, with which Coolify would not deploy the rollback."""
    bad = history.git("rev-parse", "HEAD")
    told = message(history)
    wanted = subject("0.68.0").replace("[skip ci]", "[skip actions]")
    assert told.text == f'Revert "{wanted}"\n\nThis reverts commit {bad}.'
    assert (told.is_revert, told.replaced) == (True, "[skip ci]")


def test_two_releases_back_is_no_revert(history: GitRepository) -> None:
    """The commit restores the line, and names the commit that pinned it."""
    told = message(history, "v0.66.0")
    assert told.text.startswith("Roll back to the image pinned for 0.66.0 [skip actions]\n\nCommit ")
    assert history.git("rev-parse", "v0.66.0") in told.text
    assert (told.is_revert, told.replaced) == (False, "")


def test_a_commit_that_changed_more_is_no_revert(history: GitRepository) -> None:
    """Another file, another line of the pin file: to undo the commit would undo that, too."""
    history.git("reset", "-q", "--hard", "HEAD~2")
    history.commit({PLACE: pin_line("0.68.0"), "other.txt": "1\n"}, subject("0.68.0"))
    assert not message(history).is_revert
    history.git("reset", "-q", "--hard", "HEAD~1")
    history.commit({PLACE: "# Another comment.\n" + pin_line("0.68.0")}, subject("0.68.0"))
    assert not message(history).is_revert


def test_a_merged_release_is_reverted_by_its_own_commit(history: GitRepository) -> None:
    """Not by the merge, of which git would have to be told which parent counts."""
    history.git("switch", "-q", "-c", "release")
    history.commit({PLACE: pin_line("0.69.0")}, subject("0.69.0"))
    history.git("switch", "-q", "main")
    history.commit({"main.txt": "1\n"})
    history.git("merge", "-q", "--no-ff", "-m", "Merge the release", "release")
    told = message(history)
    assert told.is_revert
    assert "This reverts commit " + history.git("rev-parse", "release") in told.text


def test_the_edge_of_a_shallow_clone(history: GitRepository, tmp_path: Path) -> None:
    """Where the commit before is there, it is a revert; git knows nothing of the other one."""
    folder = tmp_path / "shallow"
    subprocess.run(["git", "clone", "-q", "--depth", "2", history.path.as_uri(), str(folder)], check=True)
    assert message(GitRepository(folder)).is_revert


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("Pin it", 'Revert "Pin it"'),
        ('Revert "Pin it"', 'Reapply "Pin it"'),
        ('Reapply "Pin it"', 'Revert "Reapply "Pin it""'),
        ('Revert "Revert "Pin it""', 'Revert "Revert "Revert "Pin it"""'),
    ],
)
def test_the_subject_that_git_gives(history: GitRepository, given: str, wanted: str) -> None:
    """Ours, and the installed git's own where it knows "Reapply" (2.43)."""
    assert reverted(given) == wanted
    version = tuple(map(int, history.git("version").split()[2].split(".")[:2]))
    if version >= (2, 43):
        history.commit({"other.txt": given}, given)
        history.git("revert", "--no-edit", "HEAD")
        assert history.git("log", "-1", "--format=%s") == wanted
