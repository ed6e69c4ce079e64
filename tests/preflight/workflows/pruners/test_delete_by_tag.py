"""Tests of preflight/workflows/pruners/delete_by_tag.py."""

import pytest

from preflight.workflows.judge import PackageReleases, Risk
from preflight.workflows.repository import ThisRepository
from tests.preflight.workflows.judging import CERTAIN, NONE, POSSIBLE, judged

CHIPKENT, BOTS_HOUSE = "chipkent/action-cleanup-package", "bots-house/ghcr-delete-image-action"
TWEEDEGOLF = "tweedegolf/cleanup-images-action"


@pytest.mark.parametrize(
    ("tag", "risk"),
    [
        ("pr-${{ github.event.pull_request.number }}", NONE),
        ("pr-1", NONE),
        ("latest", POSSIBLE),
        ("v${{ github.event.number }}", NONE),
        ("${{ github.event.number }}", NONE),
        ("${{ github.ref_name }}", POSSIBLE),
    ],
)
@pytest.mark.parametrize(
    ("uses", "named"),
    [
        (f"{CHIPKENT}@v1.0.3", "package-name: agent/runner, github-org: acme"),
        (f"{BOTS_HOUSE}@v1.1.0", "owner: acme, name: agent/runner"),
    ],
)
def test_the_version_that_bears_a_tag_goes(uses: str, named: str, tag: str, risk: Risk) -> None:
    """With all its other tags, so that it may be a release even where the tag is `latest`."""
    found = judged(uses, f"{named}, tag: '{tag}'")

    assert found.risk is risk


def test_a_tag_that_is_a_release_goes() -> None:
    """Where the registry has it."""
    releases = PackageReleases(("v1.0.0", "v1.1.0"))

    found = judged(f"{CHIPKENT}@v1.0.3", "package-name: agent/runner, tag: v1.0.0", releases=releases)

    assert found.risk is CERTAIN


@pytest.mark.parametrize(
    ("uses", "inputs", "aim"),
    [
        (f"{CHIPKENT}@v1.0.3", "package-name: agent/runner, github-org: other", False),
        (f"{CHIPKENT}@v1.0.0", "package-name: agent/runner, github-org: other", True),
        (f"{CHIPKENT}@v1.0.3", "package-name: web", False),
        (f"{BOTS_HOUSE}@v1.1.0", "owner: other, name: agent/runner", False),
        (f"{BOTS_HOUSE}@v1.1.0", "owner: '${{ github.repository_owner }}', name: agent/runner", True),
    ],
)
def test_package_that_is_named(uses: str, inputs: str, aim: bool) -> None:
    """By name and owner; version 1.0.0 of chipkent's knows no organisation."""
    assert judged(uses, f"{inputs}, tag: x").aim is aim


def test_untagged_versions_of_bots_house() -> None:
    """Without a tag it deletes what bears none, but for the newest."""
    found = judged(f"{BOTS_HOUSE}@v1.1.0", "owner: acme, name: agent/runner, untagged-keep-latest: 3")

    assert found.risk is CERTAIN
    assert found.targets == ("untagged children",)
    assert judged(f"{BOTS_HOUSE}@v1.0.0", "owner: acme, name: agent/runner, untagged-keep-latest: 3").risk is NONE


@pytest.mark.parametrize(
    ("inputs", "risk"),
    [
        ("package: agent/runner, filters: '^nightly-', keep_n: 5", NONE),
        ("package: agent/runner, filters: '.', keep_n: 5", CERTAIN),
        ("package: agent/runner, filters: '^latest$', keep_n: 0", NONE),
        ("package: agent/runner, filters: '(?<=v)', keep_n: 0", POSSIBLE),
        ("package: agent/runner, keep_n: 0", NONE),
        ("package: web, filters: '.', keep_n: 5", NONE),
    ],
)
def test_tweedegolf_deletes_what_matches_with_all_its_tags(inputs: str, risk: Risk) -> None:
    """A version of which one tag matches nothing stays."""
    found = judged(f"{TWEEDEGOLF}@main", inputs)

    assert found.risk is risk
    assert judged(f"{TWEEDEGOLF}@main", inputs, repository=ThisRepository.named("jane/x")).risk is NONE
