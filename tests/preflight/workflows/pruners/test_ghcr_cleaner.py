"""Tests of preflight/workflows/pruners/ghcr_cleaner.py."""

import pytest

from preflight.workflows.judge import Risk
from tests.preflight.workflows.judging import CERTAIN, NONE, POSSIBLE, REPOSITORY, judged

ACTION = "quartx-analytics/ghcr-cleaner@v1"
NAMED = "owner-type: org, package-name: agent/runner"


@pytest.mark.parametrize(
    ("inputs", "risk"),
    [
        (NAMED, NONE),
        (f"{NAMED}, delete-untagged: true, keep-at-most: 0", NONE),
        (f"{NAMED}, keep-at-most: 5", CERTAIN),
        (f"{NAMED}, keep-at-most: 5, skip-tags: 'v*,*.*.*'", NONE),
        (f"{NAMED}, keep-at-most: 5, skip-tags: '[v*, *.*.*]'", NONE),
        (f"{NAMED}, keep-at-most: 5, skip-tags: 'latest'", CERTAIN),
        (f"{NAMED}, keep-at-most: 5, filter-tags: 'pr-*'", NONE),
        (f"{NAMED}, keep-at-most: 5, filter-tags: 'pr-*,latest'", POSSIBLE),
        (f"{NAMED}, keep-at-most: 5, filter-tags: 'pr-*,latest', skip-tags: latest", NONE),
        (f"{NAMED}, keep-at-most: '${{{{ vars.K }}}}'", POSSIBLE),
        (f"{NAMED}, keep-at-most: 5, dry-run: true", NONE),
    ],
)
def test_children_are_spared_and_tags_beyond_a_number_go(inputs: str, risk: Risk) -> None:
    """By default no tag goes; with keep-at-most those that filters choose and skip-tags do not spare."""
    found = judged(ACTION, inputs)

    assert found.risk is risk
    assert "untagged children" not in found.targets


@pytest.mark.parametrize(
    ("inputs", "aim"),
    [
        ("package-name: /agent/runner/", True),
        ("package-name: web", False),
        ("", True),
        ("repository-owner: other", False),
        ("repository_owner: other", True),
        ("repository-name: acme/agent", True),
        ("repository-name: website", None),
    ],
)
def test_packages_of_an_owner_or_repository(inputs: str, aim: bool | None) -> None:
    """All of the owner by default; `repository_owner` of its README is no input."""
    assert judged(ACTION, inputs, repository=REPOSITORY).aim is aim


def test_forks_read_the_same_inputs() -> None:
    """Two are in use."""
    for fork in ("lastbackend/workflow-ghcr-cleaner@main", "headframe-io/workflow-ghcr-cleaner@v1"):
        assert judged(fork, f"{NAMED}, keep-at-most: 5").risk is CERTAIN
