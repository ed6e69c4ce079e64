"""Tests of preflight/workflows/pruners/delete_old_packages.py."""

import pytest

from preflight.workflows.judge import Risk
from tests.preflight.workflows.judging import CERTAIN, NONE, POSSIBLE, judged

ACTION = "SmartsquareGmbH/delete-old-packages"
NAMED = "organization: acme, type: container, names: agent/runner"


@pytest.mark.parametrize(
    ("inputs", "risk"),
    [
        (NAMED, CERTAIN),
        (f"{NAMED}, keep: 10", CERTAIN),
        (f"{NAMED}, version-pattern: '^pr-\\d+$'", NONE),
        (f"{NAMED}, version-pattern: '^v?\\d'", CERTAIN),
        (f"{NAMED}, version-pattern: 'latest'", POSSIBLE),
        (f"{NAMED}, version-pattern: '^pr-${{{{ github.event.number }}}}$'", NONE),
        (f"{NAMED}, version-pattern: '(?<=v)1'", POSSIBLE),
        (f"{NAMED}, semver-pattern: '<2.x'", POSSIBLE),
        (f"{NAMED}, dry-run: true", NONE),
    ],
)
def test_versions_with_a_tag_that_fits_go(inputs: str, risk: Risk) -> None:
    """All of them, those that an expression finds, or those in a range; what bears no tag is never looked at."""
    found = judged(f"{ACTION}@v0.8.1", inputs)

    assert found.risk is risk
    assert "untagged children" not in found.targets


@pytest.mark.parametrize(
    ("inputs", "aim"),
    [
        ('organization: acme, type: container, names: "web\\nagent/runner"', True),
        ("user: acme, type: Container, names: agent/runner", True),
        ("organization: acme, type: npm, names: agent/runner", False),
        ("organization: other, type: container, names: agent/runner", False),
        ("organization: acme, type: container, names: web", False),
        ("organization: acme, type: container, names: '${{ vars.N }}'", None),
    ],
)
def test_packages_are_named_line_by_line(inputs: str, aim: bool | None) -> None:
    """Of a user or organisation, and of a type."""
    assert judged(f"{ACTION}@v1.0.0", inputs).aim is aim
