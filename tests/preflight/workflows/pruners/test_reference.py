"""Tests of preflight/workflows/pruners/reference.py and commits.py."""

import pytest

from preflight.workflows.pruners import PRUNERS, find_pruner
from preflight.workflows.pruners.commits import COMMITS
from preflight.workflows.pruners.exposure import NEWEST, ActionInput, Version
from preflight.workflows.pruners.reference import named_action, only_where
from tests.preflight.workflows.judging import step

ACTION = "actions/delete-package-versions"
SHA = "0123456789abcdef0123456789abcdef01234567"


def versions(reference: str, comment: str = "") -> tuple[Version, ...]:
    """Return what a reference of one action may mean."""
    used = step(f"{ACTION}@{reference}", comment=comment)
    pruner = find_pruner(used)
    assert pruner is not None
    return pruner.versions_of(used)


@pytest.mark.parametrize(
    ("reference", "version"),
    [
        ("v5", (5, 9999, 9999)),
        ("V4.1", (4, 1, 9999)),
        ("4.1.0", (4, 1, 0)),
        ("v.1.0.0", (1, 0, 0)),
        ("v3.0.0-rc1", (3, 0, 0)),
        ("main", NEWEST),
        ("master", NEWEST),
    ],
)
def test_tags_and_branches(reference: str, version: Version) -> None:
    """A tag names a version, as far as it is written; the main branch is the newest."""
    assert versions(reference) == (version,)


@pytest.mark.parametrize("reference", [SHA, "feature/x", "", "v5.0.0.1"])
def test_what_tells_no_version_may_be_any(reference: str) -> None:
    """A commit that is no release, a branch of another name."""
    assert versions(reference) == ((1, 0, 0), (3, 0, 1), (4, 0, 0), (4, 1, 1), (5, 0, 0))


@pytest.mark.parametrize(
    ("comment", "version"),
    [
        ("v5.0.0", (5, 0, 0)),
        ("5", (5, 9999, 9999)),
        ("tag=v4.1", (4, 1, 9999)),
        ("pin@v4.1.1", (4, 1, 1)),
        (f"ratchet:{ACTION}@v3", (3, 9999, 9999)),
        ("pinned to v4.0.0 (2 years old)", (4, 0, 0)),
    ],
)
def test_comment_behind_a_commit_names_its_version(comment: str, version: Version) -> None:
    """As bots write them."""
    assert versions(SHA, comment) == (version,)


@pytest.mark.parametrize("comment", ["delete old ones", "keep 10", ""])
def test_comment_that_names_none(comment: str) -> None:
    """A number in a sentence is no version."""
    assert len(versions(SHA, comment)) > 1


def test_commit_of_a_release_needs_no_comment() -> None:
    """It tells more than a comment, which may be wrong."""
    assert versions("e5bc658cc4c965c472efe991f8beea3981499c55", "v3") == ((5, 0, 0),)
    assert versions("E5BC658CC4C965C472EFE991F8BEEA3981499C55") == ((5, 0, 0),)


def test_commits_are_those_of_actions_that_are_known() -> None:
    """Each by its full id, each version once."""
    known = {action for pruner in PRUNERS for action in pruner.actions}

    assert set(COMMITS) <= known
    for commits in COMMITS.values():
        assert all(len(commit) == 40 and int(commit, 16) for commit in commits)
        assert len(set(commits.values())) == len(commits)


@pytest.mark.parametrize(
    ("uses", "name"),
    [
        ("Owner/Name@v1", "owner/name"),
        ("owner/name/folder@v1", "owner/name/folder"),
        ("owner/name/@v1", "owner/name"),
        ("docker://ghcr.io/x/y:1", "docker://ghcr.io/x/y:1"),
        ("", ""),
    ],
)
def test_name_of_an_action(uses: str, name: str) -> None:
    """Without case and reference, with the folder of an action in a repository of several."""
    assert named_action(uses) == name


def test_folder_of_an_action_counts() -> None:
    """An action in a folder is another one than that in the root."""
    assert find_pruner(step("stumpylog/image-cleaner-action/untagged@v0.12.0")) is not None
    assert find_pruner(step("stumpylog/image-cleaner-action@v0.12.0")) is None
    assert find_pruner(step("actions/delete-package-versions/x@v5")) is None


def test_versions_that_know_most_inputs() -> None:
    """Of several versions those whose inputs a step uses."""
    inputs = (ActionInput("a"), ActionInput("b", before=(2, 0, 0)), ActionInput("c", since=(2, 0, 0)))
    both: tuple[Version, ...] = ((1, 0, 0), (2, 0, 0))

    assert only_where(both, step("x/y@v1", "a: 1, b: 1"), inputs) == ((1, 0, 0),)
    assert only_where(both, step("x/y@v1", "a: 1, c: 1"), inputs) == ((2, 0, 0),)
    assert only_where(both, step("x/y@v1", "a: 1"), inputs) == both
