"""Tests of preflight/workflows/pruners/ghcr_cleanup.py."""

import pytest

from preflight.workflows.judge import Risk
from preflight.workflows.package import Package
from preflight.workflows.repository import ThisRepository
from tests.preflight.workflows.judging import CERTAIN, NONE, POSSIBLE, REPOSITORY, judged

ACTION = "dataaxiom/ghcr-cleanup-action"
NAMED = "package: agent/runner"
RELEASES = r"'^v?\d+\.\d+\.\d+$'"


@pytest.mark.parametrize(
    ("version", "inputs", "risk"),
    [
        ("v1", NAMED, NONE),
        ("v1", f"{NAMED}, keep-n-tagged: 3", CERTAIN),
        ("v1", f"{NAMED}, keep-n-tagged: 3, exclude-tags: 'v*,*.*.*'", NONE),
        ("v1", f"{NAMED}, keep-n-tagged: 3, exclude-tags: 'v*, *.*.*'", POSSIBLE),
        ("v1", f"{NAMED}, keep-n-tagged: 3, exclude-tags: {RELEASES}, use-regex: true", NONE),
        ("v1", f"{NAMED}, keep-n-tagged: 3, exclude-tags: {RELEASES}", CERTAIN),
        ("v1.0.10", f"{NAMED}, keep-n-tagged: 3, exclude-tags: {RELEASES}, use-regex: true", CERTAIN),
        ("v1.0.0", f"{NAMED}, tags: '*', exclude-tags: '*'", NONE),
        ("v1.0.3", "name: agent/runner, tags: '*', exclude-tags: pr-*", CERTAIN),
        ("v1", "name: agent/runner, tags: '*'", NONE),
        ("v1", f"{NAMED}, delete-tags: 'pr-*'", NONE),
        ("v1", f"{NAMED}, delete-tags: 'latest'", NONE),
        ("v1", f"{NAMED}, delete-tags: 'pr-${{{{ github.event.number }}}}'", NONE),
        ("v1", f"{NAMED}, delete-tags: '${{{{ github.event.number }}}}'", NONE),
        ("v1", f"{NAMED}, delete-tags: '${{{{ github.head_ref }}}}'", POSSIBLE),
        ("v1", f"{NAMED}, delete-tags: '^(?!v?[0-9]+[.]).*', use-regex: true", NONE),
        ("v1", f"{NAMED}, delete-tags: '*', keep-n-tagged: 5", CERTAIN),
        ("v1", f"{NAMED}, delete-tags: '*-rc*', keep-n-tagged: 5", NONE),
        ("v1", f"{NAMED}, delete-partial-images: true", POSSIBLE),
        ("v1", f"{NAMED}, delete-tags: '(', use-regex: true", POSSIBLE),
        ("v1", f"{NAMED}, tags: '*', use-regex: '${{{{ vars.R }}}}'", POSSIBLE),
        ("v1", f"{NAMED}, delete-tags: '*', dry-run: true", NONE),
        ("v1", f"{NAMED}, delete-tags: '*', older-than: 1 year", CERTAIN),
    ],
)
def test_tags_are_deleted_unless_excluded(version: str, inputs: str, risk: Risk) -> None:
    """Children are spared, an image with other tags is only unlinked, and `exclude-tags` overrides all else."""
    found = judged(f"{ACTION}@{version}", inputs)

    assert found.risk is risk
    assert "untagged children" not in found.targets


@pytest.mark.parametrize(
    ("version", "inputs", "aim"),
    [
        ("v1", "packages: 'web,agent/runner'", True),
        ("v1", "packages: 'web, agent/runner'", True),
        ("v1", "packages: 'agent/*'", True),
        ("v1.0.16", "packages: 'agent/*'", False),
        ("v1.0.16", "packages: 'agent/*', expand-packages: true", True),
        ("v1", "packages: 'agent/*', expand-packages: false", False),
        ("v1", "packages: '*', expand-packages: true", False),
        ("v1", "packages: '**', expand-packages: true", True),
        ("v1", "package: 'agent/.*', expand-packages: true, use-regex: true", True),
        ("v1", "package: '^web', expand-packages: true, use-regex: true", False),
        ("v1", "package: 'agent/runner', expand-packages: '${{ vars.E }}'", None),
        ("v1", "owner: other, package: agent/runner", False),
        ("v1", "owner: other, packages: 'agent/*'", False),
        ("v1", "", False),
    ],
)
def test_packages_are_listed_or_expanded(version: str, inputs: str, aim: bool | None) -> None:
    """From version 1.1 on a star expands by itself; a star takes no slash."""
    assert judged(f"{ACTION}@{version}", inputs, repository=REPOSITORY).aim is aim


def test_package_is_by_default_that_of_the_repository() -> None:
    """Git's remote says which that is, whose owner counts as well; without one the reason is told."""
    ours, inputs = Package("acme", "agent"), "keep-n-tagged: 3"

    assert judged(f"{ACTION}@v1", inputs, package=ours, repository=REPOSITORY).risk is CERTAIN
    assert judged(f"{ACTION}@v1", inputs, package=ours, repository=ThisRepository.named("jane/agent")).risk is NONE
    assert judged(f"{ACTION}@v1", inputs, repository=REPOSITORY).risk is NONE
    unknown = judged(f"{ACTION}@v1", inputs, package=ours, repository=ThisRepository(reason="git has no remote origin"))
    assert unknown.risk is POSSIBLE
    assert unknown.doubts == ("the name of this repository (git has no remote origin)",)


@pytest.mark.parametrize(
    ("inputs", "note"),
    [
        ("keep-n-tagged: 3", "keep-n-tagged only bounds how many are left"),
        ("older-than: 1 year", "older-than protects young images only; releases grow old"),
        ("exclude-tags: 'a, b'", "a space beside a comma in exclude-tags belongs to the tag"),
        ("skip-tags: v*", "skip-tags is no input of this action: it protects nothing"),
    ],
)
def test_what_protects_nothing_is_named(inputs: str, note: str) -> None:
    """Numbers, ages, and inputs of other actions."""
    assert any(note in each for each in judged(f"{ACTION}@v1", f"{NAMED}, {inputs}").notes)


@pytest.mark.parametrize("name", ["exclude-tags", "delete-tags"])
def test_expression_that_cannot_be_tried_is_the_reason(name: str) -> None:
    """Which input it stands in is told."""
    inputs = f"{NAMED}, keep-n-tagged: 1, use-regex: true, {name}: '(?<!v)1'"

    assert f"the regular expression in {name}" in judged(f"{ACTION}@v1", inputs).doubts
