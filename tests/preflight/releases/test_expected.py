"""preflight/releases/expected.py"""

from pathlib import Path
from typing import Any

import pytest

from preflight.errors import CouldNotLook
from preflight.releases.expected import ExpectedReleases, ReleaseSource, expected_releases
from preflight.testing import fake_context

TAGS, REMOTE = ("v1.0.0", "v1.1.0-rc.1", "latest"), ("v1.0.0", "v1.1.0")


class Git:
    """A clone with tags, and a remote with others."""

    def __init__(
        self, tags: tuple[str, ...] = TAGS, *, shallow: bool = False, root: bool = True, silent: bool = False
    ) -> None:
        self._tags, self._shallow, self._root, self._silent = tags, shallow, root, silent

    def root(self, _deadline: Any) -> Path | None:
        """Return the work tree."""
        return Path("/srv") if self._root else None

    def tags(self, _deadline: Any) -> tuple[str, ...]:
        """Return the local tags."""
        return self._tags

    def is_shallow(self, _deadline: Any) -> bool:
        """Say it."""
        return self._shallow

    def remote_tags(self, _deadline: Any, _remote: str) -> tuple[str, ...]:
        """Return the remote's tags."""
        if self._silent:
            raise CouldNotLook("no answer", "Try again.")
        return REMOTE


def names(source: ReleaseSource, git: Git | None = None) -> tuple[list[str], str, bool]:
    """Return the releases, who says so, and whether some may be missing."""
    found = expected_releases(fake_context(git=git or Git()), source)
    return [release.name for release in found.releases], found.source, found.incomplete


@pytest.mark.parametrize(
    ("source", "git", "expected"),
    [
        (ReleaseSource(), Git(), (["1.0.0"], "git", False)),
        (ReleaseSource(prereleases=True), Git(), (["1.1.0-rc.1", "1.0.0"], "git", False)),
        (ReleaseSource(releases=("2.0.0",)), Git(), (["2.0.0"], "the settings", False)),
        (ReleaseSource("git"), Git(shallow=True), (["1.0.0"], "git", True)),
        (ReleaseSource("remote"), Git(), (["1.1.0", "1.0.0"], "git's remote origin", False)),
        (ReleaseSource(), Git(shallow=True), (["1.1.0", "1.0.0"], "git's remote origin", False)),
        (ReleaseSource(), Git(()), (["1.1.0", "1.0.0"], "git's remote origin", False)),
        (ReleaseSource(), Git(shallow=True, silent=True), (["1.0.0"], "git", True)),
        (ReleaseSource(), Git(root=False), ([], "there is no git work tree here", False)),
        (ReleaseSource("git"), Git(()), ([], "git has no release tags in this clone", False)),
        (ReleaseSource("git"), Git(("v1.0.0-rc.1",)), ([], "git has pre-releases only", False)),
    ],
)
def test_where_the_releases_stand(source: ReleaseSource, git: Git, expected: tuple[list[str], str, bool]) -> None:
    """As configured; by itself the most complete source that answers."""
    assert names(source, git) == expected


def test_a_remote_that_is_silent() -> None:
    """An error only for who asks it alone."""
    found, said, _ = names(ReleaseSource(), Git((), silent=True))
    assert (found, said) == ([], "git has no release tags in this clone, and its remote does not answer")

    with pytest.raises(CouldNotLook, match="no answer"):
        names(ReleaseSource("remote"), Git(silent=True))


def test_a_list_of_the_operators_is_complete() -> None:
    """Each that it names must be there."""
    assert expected_releases(fake_context(), ReleaseSource("list", ("v1.0.0",))).is_list
    assert not ExpectedReleases((), "git").is_list


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"kind": "svn"}, "source: must be one of auto, git, remote, github, list"),
        ({"kind": "list"}, "releases: must name versions when source is list"),
        ({"releases": ("latest",)}, "releases: must be versions"),
        ({"releases": ("1.0.0", "v1.0.0")}, "each named once"),
        ({"repository": "acme", "kind": "github"}, "repository: must be OWNER/NAME"),
        ({"repository": "acme/.."}, "repository: must be OWNER/NAME"),
        ({"pattern": "("}, "pattern"),
    ],
)
def test_words_that_do_not_go_together_are_refused(given: dict[str, Any], words: str) -> None:
    """By the name of the setting."""
    with pytest.raises(ValueError, match=words):
        ReleaseSource(**given)
