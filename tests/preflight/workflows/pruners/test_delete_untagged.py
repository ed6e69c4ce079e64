"""Tests of preflight/workflows/pruners/delete_untagged.py."""

import pytest

from preflight.workflows.judge import Risk
from preflight.workflows.repository import ThisRepository
from tests.preflight.workflows.judging import CERTAIN, NONE, POSSIBLE, REPOSITORY, judged

ACTION = "Chizkiyahu/delete-untagged-ghcr-action"
NAMED = "owner_type: org, package_name: agent/runner"


@pytest.mark.parametrize(
    ("version", "inputs", "risk"),
    [
        ("v1", NAMED, CERTAIN),
        ("v.1.0.0", NAMED, CERTAIN),
        ("v1", f"{NAMED}, except_untagged_multiplatform: true", CERTAIN),
        ("v2", NAMED, CERTAIN),
        ("v2.0.1", f"{NAMED}, except_untagged_multiplatform: true", NONE),
        ("v3", NAMED, CERTAIN),
        ("v3.2.0", f"{NAMED}, except_untagged_multiplatform: 'yes'", NONE),
        ("v4", NAMED, CERTAIN),
        ("v4.0.1", NAMED, CERTAIN),
        ("v4.0.1", f"{NAMED}, except_untagged_multiplatform: false", CERTAIN),
        ("v5", NAMED, NONE),
        ("v5.0.0", f"{NAMED}, except_untagged_multiplatform: false", CERTAIN),
        ("v6.1.0", NAMED, NONE),
        ("v6", f"{NAMED}, untagged_only: false", CERTAIN),
        ("v6", f"{NAMED}, untagged_only: 'n'", CERTAIN),
        ("v6", f"{NAMED}, untagged_only: '${{{{ vars.U }}}}'", POSSIBLE),
        ("v6", f"{NAMED}, with_sigs: true", NONE),
        ("main", NAMED, NONE),
        ("b302990b6c629f3b272a31f3c3a268e1f7d0ffae", NAMED, CERTAIN),
        ("1c77a06b7f80ad4beb82b85919003831d47277d1", NAMED, NONE),
        ("0" * 40, NAMED, POSSIBLE),
        ("0" * 40, f"{NAMED}, except_untagged_multiplatform: false", CERTAIN),
    ],
)
def test_children_are_spared_by_default_from_version_5_on(version: str, inputs: str, risk: Risk) -> None:
    """Versions 2 to 4.0.1 spare them where told, version 1 never."""
    assert judged(f"{ACTION}@{version}", inputs).risk is risk


@pytest.mark.parametrize(
    ("version", "inputs", "aim"),
    [
        ("v4", "package_name: 'web, agent/runner'", True),
        ("v4", "package_name: web", False),
        ("v4", "repository_owner: other", False),
        ("v4", "", True),
        ("v4", "repository: acme/agent", True),
        ("v4", "repository: acme/website", None),
        ("v4", "repository: '${{ github.repository }}'", True),
        ("v5", "", True),
        ("v5", "repository: website", None),
        ("v5", "repository: website, package_name: web", False),
    ],
)
def test_packages_of_a_repository_that_is_named(version: str, inputs: str, aim: bool | None) -> None:
    """Those of the repository that runs it are ours; which belong to another one GitHub alone knows."""
    found = judged(f"{ACTION}@{version}", inputs, repository=REPOSITORY)

    assert found.aim is aim
    assert any("belongs to the repository website" in each for each in found.doubts) is (
        aim is None and version == "v4"
    )


def test_owner_is_that_of_the_repository() -> None:
    """Where git says that the workflow runs elsewhere, it deletes there."""
    elsewhere = ThisRepository.named("jane/agent")

    assert judged(f"{ACTION}@v4", NAMED, repository=elsewhere).aim is False
    assert judged(f"{ACTION}@v4", f"{NAMED}, repository_owner: acme", repository=elsewhere).aim is True


def test_dry_run_is_no_input() -> None:
    """The script of the action has such an option, its action.yml does not."""
    found = judged(f"{ACTION}@v4", f"{NAMED}, dry_run: true")

    assert found.risk is CERTAIN
    assert "dry_run is no input of this action: it protects nothing" in found.notes
