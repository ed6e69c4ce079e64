"""preflight/git/filters.py, with real git."""

import pytest

from preflight.errors import CouldNotLook
from preflight.git.command import GitCommand
from preflight.git.filters import without_filters
from preflight.lib.deadline import Deadline
from tests.real.git import GIT_ENVIRON, GitRepository

GIT = GitCommand({"PATH": "/usr/bin:/bin", **GIT_ENVIRON})


def words(repository: GitRepository) -> tuple[str, ...]:
    """What switches them off."""
    return without_filters(GIT, repository.path, Deadline.after(20))


def test_no_filter_needs_no_words(git_repository: GitRepository) -> None:
    """The usual case."""
    assert words(git_repository) == ()


def test_each_filter_is_switched_off(git_repository: GitRepository) -> None:
    """Whatever of it is set; git takes the words, and knows no program then."""
    git_repository.git("config", "filter.lfs.process", "git-lfs filter-process")
    git_repository.git("config", "filter.lfs.required", "true")
    git_repository.git("config", "filter.one two.clean", "sed s/a/b/")
    off = words(git_repository)
    assert off == ("-c", "filter.lfs.process=", "-c", "filter.lfs.required=false", "-c", "filter.one two.clean=")
    said = GIT(git_repository.path, (*off, "config", "--get", "filter.one two.clean"), Deadline.after(20))
    assert said.text == "\n"


def test_a_name_that_git_would_cut(git_repository: GitRepository) -> None:
    """`git -c` takes the first `=` for the end of the name, so such a filter would stay on."""
    git_repository.git("config", "filter.a=b.clean", "sed s/a/b/")
    with pytest.raises(CouldNotLook, match="has `=` in its name") as caught:
        words(git_repository)
    assert caught.value.hint
