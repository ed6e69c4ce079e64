"""Tests of preflight/workflows/unknown_actions.py."""

import pytest

from preflight.workflows.unknown_actions import cleans_up, only_builds, prunes_packages


@pytest.mark.parametrize(
    "name",
    [
        "jane/ghcr-image-pruner",
        "jane/delete-untagged-action",
        "acme/delete-ghcr-images-of-branches",
        "acme/container-retention",
        "acme/purge-docker-versions",
        "acme/untag-images",
        "acme/registry-housekeeping",
        "docker://ghcr.io/snok/container-retention-policy:v3.0.0",
    ],
)
def test_names_that_speak_of_deleting_packages(name: str) -> None:
    """Something that deletes, and something that is kept in a registry."""
    assert prunes_packages(name)


@pytest.mark.parametrize(
    "name",
    [
        "docker/build-push-action",
        "actions/cache/restore",
        "geekyeggo/delete-artifact",
        "acme/delete-branches",
        "acme/delete-artifact-versions",
        "jlumbroso/free-disk-space-docker-cleanup-disk",
        "dev-drprasad/delete-tag-and-release-image",
        "actions/checkout",
        "",
    ],
)
def test_names_that_do_not(name: str) -> None:
    """Nothing that deletes, or something else that is deleted."""
    assert not prunes_packages(name)


@pytest.mark.parametrize(
    ("name", "cleans", "builds"),
    [
        ("acme/ci/.github/workflows/housekeeping.yml", True, False),
        ("acme/ci/.github/workflows/cleanup-images.yml", True, False),
        ("acme/ci/.github/workflows/build.yml", False, True),
        ("acme/workflows/.github/workflows/docker-publish.yml", False, True),
        ("acme/.github/.github/workflows/ci.yml", False, True),
        ("acme/x/.github/workflows/main.yml", False, False),
        ("acme/x/.github/workflows/cache-cleanup.yml", False, False),
    ],
)
def test_names_of_workflows(name: str, cleans: bool, builds: bool) -> None:
    """Some say that they clean up, some that they build, some nothing."""
    assert cleans_up(name) is cleans
    assert only_builds(name) is builds
