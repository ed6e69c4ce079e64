"""Tests of preflight/workflows/pruners/container_retention_policy.py."""

import pytest

from preflight.workflows.judge import PackageReleases, Risk
from tests.preflight.workflows.judging import CERTAIN, NONE, POSSIBLE, judged

V2 = "image-names: agent/runner, cut-off: A week ago UTC, account-type: org, org-name: acme"
V3 = "image-names: agent/runner, cut-off: 4w, account: acme"
ACTION = "snok/container-retention-policy"


@pytest.mark.parametrize(
    ("version", "inputs", "risk", "targets"),
    [
        ("v1.2.1", V2, CERTAIN, ("release tags", "untagged children")),
        ("v1.2.1", f"{V2}, skip-tags: 'v1.20.3, 1.20.3'", CERTAIN, ("untagged children",)),
        ("v1.2.1", f"{V2}, skip-tags: 'v*, *.*'", CERTAIN, ("release tags", "untagged children")),
        ("v2", f"{V2}, skip-tags: 'v*, *.*.*'", CERTAIN, ("untagged children",)),
        ("v2", f"{V2}, skip-tags: 'v*, *.*.*', filter-include-untagged: false", NONE, ()),
        ("v2", f"{V2}, skip-tags: 'v* *.*.*', filter-include-untagged: false", CERTAIN, ("release tags",)),
        ("v2", f"{V2}, skip-tags: 'v[0-9]*, [0-9]*', filter-include-untagged: false", NONE, ()),
        ("v2", f"{V2}, untagged-only: true", CERTAIN, ("untagged children",)),
        ("v2", f"{V2}, filter-tags: 'pr-*'", NONE, ()),
        ("v2", f"{V2}, filter-tags: '*'", CERTAIN, ("release tags",)),
        ("v2", f"{V2}, filter-tags: 'latest'", POSSIBLE, ("release tags",)),
        ("v2", f"{V2}, filter-tags: 'latest', skip-tags: latest", NONE, ()),
        ("v2", f"{V2}, filter-tags: 'pr-*', keep-at-least: 4", CERTAIN, ("release tags", "untagged children")),
        ("v2.0.1", f"{V2}, filter-tags: 'pr-*', keep-at-least: 4", NONE, ()),
        ("v2", f"{V2}, dry-run: true", NONE, ()),
        ("v3.0.0", V3, CERTAIN, ("release tags", "untagged children")),
        ("v3.0.0", f"{V3}, tag-selection: untagged", CERTAIN, ("untagged children",)),
        ("v3.0.1", f"{V3}, tag-selection: untagged, skip-shas: 'sha256:x'", POSSIBLE, ("untagged children",)),
        ("v3.0.0", f"{V3}, tag-selection: tagged, image-tags: '!v* !*.*.*'", NONE, ()),
        ("v3.0.0", f"{V3}, image-tags: '!v* !*.*.*'", CERTAIN, ("untagged children",)),
        ("v3.0.0", f"{V3}, tag-selection: tagged, image-tags: 'pr-* dev-*'", NONE, ()),
        ("v3.0.0", f"{V3}, tag-selection: tagged, image-tags: 'latest'", NONE, ()),
        ("v3.1.0", f"{V3}, tag-selection: untagged", NONE, ()),
        ("v3.1", f"{V3}, image-tags: '!v* !*.*.*'", NONE, ()),
        ("v3.1.0", V3, CERTAIN, ("release tags",)),
        ("v3", f"{V3}, tag-selection: untagged", NONE, ()),
        ("main", f"{V3}, tag-selection: untagged", NONE, ()),
        ("v3.1.0", f"{V3}, dry-run: true", NONE, ()),
    ],
)
def test_inputs_are_read_as_the_version_reads_them(
    version: str, inputs: str, risk: Risk, targets: tuple[str, ...]
) -> None:
    """Children are spared from 3.1 on, tags by patterns that changed name and kind from version to version."""
    found = judged(f"{ACTION}@{version}", inputs)

    assert found.risk is risk
    assert found.targets == targets


@pytest.mark.parametrize(
    ("version", "inputs", "note"),
    [
        ("v3.0.0", f"{V3}, skip-tags: v*", 'skip-tags is no input of version 3 (it is image-tags: "!v*" there)'),
        (
            "v3.0.0",
            f"{V3}, untagged-only: true",
            "untagged-only is no input of version 3 (it is tag-selection: untagged",
        ),
        ("v3.0.0", f"{V3}, keep-n-most-recent: 5", "keep-n-most-recent only bounds how many are left"),
        ("v2", f"{V2}, image-tags: '!v*'", "image-tags does not exist before version 3: it protects nothing"),
        ("v2", f"{V2}, keep-at-least: 3", "keep-at-least only bounds how many are left"),
        ("v2", f"{V2}, keep-at-least: 3, filter-tags: x", "filter-tags is not looked at"),
        ("v3.0.0", f"{V3}, exclude-tags: v*", "exclude-tags is no input of this action: it protects nothing"),
    ],
)
def test_what_protects_nothing_is_named(version: str, inputs: str, note: str) -> None:
    """Inputs of another version or action, and those that only count."""
    assert any(note in each for each in judged(f"{ACTION}@{version}", inputs).notes)


@pytest.mark.parametrize(
    ("version", "names", "account", "aimed"),
    [
        ("v3.0.0", "agent/*", "acme", True),
        ("v3.0.0", "'*'", "user", True),
        ("v3.0.0", "'!agent/runner'", "acme", False),
        ("v3.0.0", "'web !agent/*'", "acme", False),
        ("v3.0.0", "agent/runner", "other", False),
        ("v3.0.0", "agent/runner", "${{ github.repository_owner }}", True),
        ("v3.0.0", "'${{ vars.N }}'", "acme", None),
        ("v3.0.0", "'${{ github.event.repository.name }}'", "acme", False),
    ],
)
def test_packages_are_patterns(version: str, names: str, account: str, aimed: bool | None) -> None:
    """Names with stars, and those that begin with an exclamation mark, of an account."""
    assert judged(f"{ACTION}@{version}", f"image-names: {names}, account: '{account}'").aim is aimed


def test_packages_of_version_2_are_listed_with_commas() -> None:
    """There an exclamation mark is part of a name."""
    assert judged(f"{ACTION}@v2", "image-names: 'web, agent/*', account-type: personal").aim is True
    assert judged(f"{ACTION}@v2", "image-names: '!web', account-type: personal").aim is False


@pytest.mark.parametrize(
    ("inputs", "risk"),
    [
        (f"{V2}, untagged-only: true", CERTAIN),
        (f"{V3}, tag-selection: untagged", POSSIBLE),
        (f"{V3}, tag-selection: tagged, image-tags: '!v* !*.*'", NONE),
        ("image-names: agent/runner", CERTAIN),
    ],
)
def test_commit_without_a_version_is_judged_by_its_inputs(inputs: str, risk: Risk) -> None:
    """Inputs tell version 2 from version 3; whether it is 3.0 or 3.1 stays open, and that is the reason."""
    found = judged(f"{ACTION}@{'0' * 40}", inputs)

    assert found.risk is risk
    assert any("which version 0000000 is" in doubt for doubt in found.doubts) is (risk is POSSIBLE)


def test_commit_of_a_release_tells_its_version() -> None:
    """The commits of v3.0.1 and v3.1.0, without a comment."""
    inputs = f"{V3}, tag-selection: untagged"

    assert judged(f"{ACTION}@3b0972b2276b171b212f8c4efbca59ebba26eceb", inputs).risk is CERTAIN
    assert judged(f"{ACTION}@d3bdcf5ce9b05f685154e4a16c39233b245e3d53", inputs).risk is NONE


def test_tags_of_the_registry_decide() -> None:
    """Where only tags with a v are spared it matters how releases are tagged."""
    uses, inputs = f"{ACTION}@v3.0.0", f"{V3}, tag-selection: tagged, image-tags: '!v*'"

    assert judged(uses, inputs).doubts == ("whether release tags are like v1.20.3",)
    assert judged(uses, inputs, releases=PackageReleases(("v1.0.0",))).risk is NONE
    assert judged(uses, inputs, releases=PackageReleases(("v1.0.0", "1.1.0"))).risk is CERTAIN
