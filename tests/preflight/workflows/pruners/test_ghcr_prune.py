"""Tests of preflight/workflows/pruners/ghcr_prune.py."""

import pytest

from preflight.workflows.judge import Risk
from tests.preflight.workflows.judging import CERTAIN, NONE, POSSIBLE, judged

ACTION, FORK = "vlaurin/action-ghcr-prune", "Cr34tics/action-ghcr-prune"
NAMED = "organization: acme, container: agent/runner"
RELEASES = r"'^v?\d+\.\d+\.\d+$'"


@pytest.mark.parametrize(
    ("version", "inputs", "risk", "targets"),
    [
        ("main", NAMED, NONE, ()),
        ("v0.6.0", f"{NAMED}, prune-tags-regexes: '.'", CERTAIN, ("release tags",)),
        ("v0.6.0", f"{NAMED}, prune-tags-regexes: '^pr-'", NONE, ()),
        ("v0.6.0", f"{NAMED}, prune-tags-regexes: '^pr-${{{{ github.event.number }}}}'", NONE, ()),
        ("v0.6.0", f"{NAMED}, prune-tags-regexes: '^pr-${{{{ vars.X }}}}$'", NONE, ()),
        ("v0.6.0", f"{NAMED}, prune-tags-regexes: '^${{{{ vars.X }}}}'", POSSIBLE, ("release tags",)),
        ("v0.6.0", f"{NAMED}, prune-tags-regexes: '.', keep-tags-regexes: {RELEASES}", NONE, ()),
        ("v0.6.0", f"{NAMED}, prune-tags-regexes: '^latest$'", POSSIBLE, ("release tags",)),
        ("v0.6.0", f"{NAMED}, prune-tags-regexes: '^latest$|^pr-', keep-tags: latest", NONE, ()),
        ("v0.6.0", f"{NAMED}, prune-untagged: true", CERTAIN, ("untagged children",)),
        ("v0.4.0", f"{NAMED}, prune-untagged: true", NONE, ()),
        ("v0.4.0", f"{NAMED}, untagged: true", CERTAIN, ("untagged children",)),
        ("v0.3.0", f"{NAMED}, tag-regex: '.', keep-tags-regexes: '.'", CERTAIN, ("release tags",)),
        ("v0.4.0", f"{NAMED}, tag-regex: '.', keep-tags-regexes: '.'", NONE, ()),
        ("v0.6.0", f"{NAMED}, tag-regex: '.', prune-tags-regexes: '^pr-'", NONE, ()),
        ("v0.6.0", f"{NAMED}, prune-tags-regexes: '.', dry-run: true", NONE, ()),
        ("v0.6.0", f"{NAMED}, prune-tags-regexes: '.', dry-run: '${{{{ vars.D }}}}'", POSSIBLE, ("release tags",)),
        ("v0.6.0", f"{NAMED}, prune-tags-regexes: '(?<=v)1'", POSSIBLE, ("release tags",)),
        ("v0.6.0", f"{NAMED}, prune-tags-unkept: true", NONE, ()),
    ],
)
def test_nothing_is_pruned_unless_told(version: str, inputs: str, risk: Risk, targets: tuple[str, ...]) -> None:
    """What is kept overrides what is pruned; inputs count from the version on that has them."""
    found = judged(f"{ACTION}@{version}", inputs)

    assert found.risk is risk
    assert found.targets == targets


@pytest.mark.parametrize(
    ("inputs", "risk"),
    [
        (NAMED, NONE),
        (f"{NAMED}, prune-untagged: true", POSSIBLE),
        (f"{NAMED}, prune-tags-regexes: '^pr-', remove-multi-platform: true", POSSIBLE),
        (f"{NAMED}, prune-tags-regexes: '.'", CERTAIN),
    ],
)
def test_the_fork_reads_manifests(inputs: str, risk: Risk) -> None:
    """It spares the children of OCI indexes, not of Docker's lists, and may take children that images share."""
    found = judged(f"{FORK}@main", inputs)

    assert found.risk is risk


@pytest.mark.parametrize(
    ("inputs", "aim"),
    [
        ("container: agent/runner", True),
        ("user: acme, container: agent/runner", True),
        ("organization: other, container: agent/runner", False),
        ("container: web", False),
        ("", None),
    ],
)
def test_package_that_is_named(inputs: str, aim: bool | None) -> None:
    """By container and organization or user."""
    assert judged(f"{ACTION}@v0.6.0", inputs).aim is aim


def test_what_protects_nothing_is_named() -> None:
    """Numbers and ages."""
    notes = judged(f"{ACTION}@v0.6.0", f"{NAMED}, keep-last: 2, keep-younger-than: 7").notes

    assert notes == ("keep-last only bounds how many are left", "age protects young images only; releases grow old")
