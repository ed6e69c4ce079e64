"""Tests of preflight/workflows/pruners/delete_package_versions.py."""

import pytest

from preflight.workflows.judge import PackageReleases, Risk
from preflight.workflows.package import Package
from preflight.workflows.repository import ThisRepository
from tests.preflight.workflows.judging import CERTAIN, NONE, POSSIBLE, REPOSITORY, judged

ACTION = "actions/delete-package-versions"
NAMED = "package-name: agent/runner, package-type: container"
BOTH = ("release tags", "untagged children")


@pytest.mark.parametrize(
    ("version", "inputs", "risk", "targets"),
    [
        ("v5", f"{NAMED}, min-versions-to-keep: 10", CERTAIN, BOTH),
        ("v5", f"{NAMED}, delete-only-untagged-versions: true", CERTAIN, ("untagged children",)),
        ("v4.1.0", f"{NAMED}, delete-only-untagged-versions: 'TRUE'", CERTAIN, ("untagged children",)),
        ("v4.0.0", f"{NAMED}, delete-only-untagged-versions: true", CERTAIN, BOTH),
        ("v3", f"{NAMED}, delete-only-untagged-versions: true", CERTAIN, BOTH),
        ("v5", f"{NAMED}, delete-only-untagged-versions: '${{{{ vars.U }}}}'", CERTAIN, BOTH),
        ("v5", f"{NAMED}, num-old-versions-to-delete: 0", NONE, ()),
        ("v5", f"{NAMED}, num-old-versions-to-delete: 0, min-versions-to-keep: 3", CERTAIN, BOTH),
        ("v5", f"{NAMED}, ignore-versions: '^sha256:.*$'", NONE, ()),
        ("v5", f"{NAMED}, ignore-versions: ''", CERTAIN, BOTH),
        ("v5", f"{NAMED}, ignore-versions: '^(latest|v.*)$'", CERTAIN, BOTH),
        ("v5", f"{NAMED}, ignore-versions: '(.)\\1'", POSSIBLE, BOTH),
        ("v5", f"{NAMED}, ignore-versions: '(a|a)*b(c|c)*$'", CERTAIN, BOTH),
        ("v5", f"{NAMED}, ignore-versions: '${{{{ vars.I }}}}'", POSSIBLE, BOTH),
        ("v1", f"{NAMED}, ignore-versions: '^sha256:'", CERTAIN, BOTH),
        ("v5", f"{NAMED}, delete-only-pre-release-versions: true", CERTAIN, BOTH),
        ("v5", f"{NAMED}, package-version-ids: '1, 2'", POSSIBLE, BOTH),
    ],
)
def test_no_input_spares_a_tag(version: str, inputs: str, risk: Risk, targets: tuple[str, ...]) -> None:
    """Names are digests: what is compared with them spares all or nothing; numbers only count."""
    found = judged(f"{ACTION}@{version}", inputs)

    assert found.risk is risk
    assert found.targets == targets


def test_a_single_manifest_has_no_children() -> None:
    """Where the pinned image is no index, deleting what bears no tag takes nothing of it."""
    inputs = f"{NAMED}, delete-only-untagged-versions: true"

    assert judged(f"{ACTION}@v5", inputs, releases=PackageReleases(childless=True)).risk is NONE


@pytest.mark.parametrize(
    ("inputs", "aim"),
    [
        ("package-name: agent%2Frunner", True),
        ("package-name: acme/agent/runner", True),
        ("package-name: web", False),
        ("package-name: agent/runner, package-type: npm", False),
        ("package-name: agent/runner, package-type: docker", True),
        ("package-name: agent/runner, package-type: '${{ vars.T }}'", True),
        ("package-name: agent/runner, owner: other", False),
        ("package-name: '${{ github.event.repository.name }}'", False),
        ("package-name: '${{ github.event.repository.name }}/runner'", True),
        ("package-name: '${{ github.repository }}/runner'", True),
        ("package-name: '${{ github.repository }}'", False),
        ("package-name: '${{ vars.P }}'", None),
        ("package-type: container", None),
    ],
)
def test_package_that_is_named(inputs: str, aim: bool | None) -> None:
    """By name, by the repository's, or not at all."""
    assert judged(f"{ACTION}@v5", inputs, repository=REPOSITORY).aim is aim


@pytest.mark.parametrize("name", ["${{ github.event.repository.name }}", "${{ github.repository }}"])
def test_package_that_is_called_like_the_repository(name: str) -> None:
    """Git's remote says whether it is ours; without one the reason says that."""
    ours, inputs = Package("acme", "agent"), f"package-name: '{name}', package-type: container"

    assert judged(f"{ACTION}@v5", inputs, package=ours, repository=REPOSITORY).risk is CERTAIN
    assert judged(f"{ACTION}@v5", inputs, package=ours, repository=ThisRepository.named("acme/x")).risk is NONE
    unknown = judged(f"{ACTION}@v5", inputs, package=ours, repository=ThisRepository(reason="git has no remote origin"))
    assert unknown.risk is POSSIBLE
    assert "git has no remote origin" in unknown.unknown[0]


def test_owner_is_that_of_the_repository() -> None:
    """A step that names none deletes where the workflow runs."""
    assert judged(f"{ACTION}@v5", NAMED, repository=ThisRepository.named("jane/agent")).aim is False


@pytest.mark.parametrize(
    ("version", "more", "note"),
    [
        ("v5", "ignore-versions: '^v'", "ignore-versions is compared with digests, not tags: it protects nothing"),
        ("v5", "delete-only-pre-release-versions: true", "delete-only-pre-release-versions is compared with digests"),
        ("v5", "min-versions-to-keep: 5", "min-versions-to-keep only bounds how many are left, children counted like"),
        ("v4", "delete-only-untagged-versions: true", ""),
        ("v4.0.0", "delete-only-untagged-versions: true", "does not exist before version 4.1: it protects nothing"),
    ],
)
def test_what_protects_nothing_is_named(version: str, more: str, note: str) -> None:
    """A tag pattern that is compared with digests, a number, and an input that the version does not have."""
    notes = judged(f"{ACTION}@{version}", f"{NAMED}, {more}").notes

    assert any(note in each for each in notes) if note else not notes
