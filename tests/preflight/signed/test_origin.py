"""preflight/signed/origin.py, with real git."""

import os
from pathlib import Path

import pytest

from preflight.git.door import Git
from preflight.lib.reference import ImageReference
from preflight.model import Location
from preflight.pins.image import PinnedImage
from preflight.project import Pin
from preflight.signed.origin import Origin, origin_of, release_in_ref
from preflight.testing import fake_context
from tests.real.git import GIT_ENVIRON, GitRepository

FILE = "pin.env"
HOME = "https://github.com/acme/agent"
A, B = (f"sha256:{letter * 64}" for letter in "ab")


def pin(repository: GitRepository, digest: str, subject: str) -> str:
    """Commit a pin and return the commit."""
    return repository.commit({FILE: f"AGENT=ghcr.io/acme/agent:1@{digest}\n"}, subject)


def origin(repository: GitRepository, commit: str, digest: str = A, address: str = HOME) -> Origin:
    """Ask for the origin of a commit, for a pin of that digest."""
    base = repository.path
    image = ImageReference("ghcr.io", "acme/agent", None, digest)
    pinned = PinnedImage(Pin("AGENT", "app", base / FILE), image, Location(FILE, 1))
    git = Git(base, {"PATH": os.environ["PATH"], **GIT_ENVIRON})
    return origin_of(fake_context(base, git=git), pinned, commit, address)


def test_commits_belong_to_the_first_full_release_that_has_them(git_repository: GitRepository) -> None:
    """The tag may be on a later commit than the one that was built; a pre-release of it does not count."""
    before = git_repository.commit({"a": "0"})
    git_repository.tag("v1.3.0")
    built = git_repository.commit({"a": "1"})
    git_repository.tag("v1.4.0-rc.1")
    tagged = git_repository.commit({"version": "1.4.0"})
    git_repository.tag("v1.4.0")
    after = pin(git_repository, A, "Pin the agent for v1.4.0")

    assert origin(git_repository, tagged) == Origin("1.4.0", belongs=True)
    assert origin(git_repository, built) == Origin("1.4.0", belongs=True)
    earlier = origin(git_repository, before)
    assert (earlier.belongs, earlier.why) == (False, f"the commit {before[:12]} was released before, in 1.3.0")
    later = origin(git_repository, after)
    assert (later.belongs, later.why) == (False, f"the commit {after[:12]} is not in 1.4.0")
    unknown = origin(git_repository, "f" * 40)
    assert (unknown.belongs, unknown.why) == (False, "this clone does not know the commit ffffffffffff")


@pytest.mark.parametrize("commit", ["", "main", "--upload-pack=x", "f" * 39])
def test_what_is_no_commit_is_never_given_to_git(git_repository: GitRepository, commit: str) -> None:
    """A certificate may say anything."""
    pin(git_repository, A, "Pin for v1.0.0")
    git_repository.tag("v1.0.0")

    assert origin(git_repository, commit) == Origin("1.0.0", None, "no commit is named")


def test_where_it_cannot_be_told(git_repository: GitRepository, tmp_path: Path) -> None:
    """Each reason in words."""
    commit = pin(git_repository, A, "Pin")
    assert origin(git_repository, commit) == Origin("", None, "the pin's history names no release")
    pin(git_repository, B, "Pin for v1.0.0")
    assert origin(git_repository, commit, B) == Origin("1.0.0", None, "this clone has no tag for 1.0.0")

    git_repository.tag("v1.0.0")
    GitRepository.create(tmp_path / "shallow")
    shallow = GitRepository(tmp_path / "shallow" / "clone")
    git_repository.git("clone", "--quiet", "--depth=1", f"file://{git_repository.path}", str(shallow.path))
    shallow.git("remote", "set-url", "origin", f"{HOME}.git")
    assert origin(shallow, commit, B) == Origin("1.0.0", None, "this clone is shallow")
    assert origin(shallow, commit, B, "https://github.com/acme/other").why == "this clone is of another repository"


def test_the_pins_newest_run_names_the_release(git_repository: GitRepository) -> None:
    """A pin that came back has the release of its last return; a subject with two releases names none."""
    pin(git_repository, A, "Pin for v1.0.0")
    pin(git_repository, B, "Pin for v1.1.0")
    pin(git_repository, A, "Return to the agent for v1.0.1")
    git_repository.commit({FILE: f"# a comment\nAGENT=ghcr.io/acme/agent:1@{A}\n"}, "Comment for v9.9.9")
    assert origin(git_repository, "").release == "1.0.1"

    pin(git_repository, B, "Pin for v1.1.0 and for v1.2.0")
    assert origin(git_repository, "", B).why == "the pin's history names no release"


@pytest.mark.parametrize(
    ("ref", "release"),
    [
        ("refs/tags/v1.4.1", "1.4.1"),
        ("refs/tags/1.4.1-rc.1", "1.4.1-rc.1"),
        ("refs/heads/v1.4.1", ""),
        ("refs/tags/latest", ""),
        ("refs/tags/", ""),
        ("v1.4.1", ""),
        ("", ""),
    ],
)
def test_a_ref_may_name_a_release(ref: str, release: str) -> None:
    """Only a tag does."""
    assert release_in_ref(ref) == release
