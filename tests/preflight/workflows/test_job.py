"""Tests of preflight/workflows/job.py."""

from pathlib import Path

import pytest

from preflight.lib.yamlfile import parse
from preflight.lib.yamlnodes import Mapping
from preflight.workflows.expressions import Scope
from preflight.workflows.job import environment, given_inputs, is_switched_off, set_for_later_steps, writes_packages
from preflight.workflows.value import Value


def tree(text: str) -> Mapping:
    """Return the tree of a job."""
    return parse(text, Path("w.yml"))


@pytest.mark.parametrize(
    ("condition", "off"),
    [
        ("false", True),
        ("${{ false }}", True),
        ("'${{FALSE}}'", True),
        ("true", False),
        ("${{ always() }}", False),
        ("", False),
    ],
)
def test_condition_that_is_never_met(condition: str, off: bool) -> None:
    """Only what says so outright."""
    assert is_switched_off(tree(f"if: {condition}\nx: y")) is off


@pytest.mark.parametrize(
    ("job", "workflow", "writes"),
    [
        ("x: y", "x: y", None),
        ("permissions: {packages: write}", "x: y", True),
        ("permissions: {packages: read}", "permissions: write-all", False),
        ("permissions: {contents: read}", "permissions: {packages: write}", False),
        ("permissions: {}", "permissions: {packages: write}", False),
        ("x: y", "permissions: write-all", True),
        ("x: y", "permissions: read-all", False),
    ],
)
def test_permission_to_write_packages(job: str, workflow: str, writes: bool | None) -> None:
    """What a job says counts for all of them; without a word nobody knows what the repository's settings are."""
    assert writes_packages(tree(job), tree(workflow)) is writes


def test_variables_and_inputs_in_lower_case() -> None:
    """GitHub does not tell case apart."""
    body = tree("env: {PKG: a}\nwith: {Name: b}")

    assert environment(body, Scope()) == {"pkg": Value("a")}
    assert given_inputs(body, Scope()) == {"name": Value("b")}
    assert environment(tree("env: text"), Scope()) == {}


@pytest.mark.parametrize(
    ("run", "names"),
    [
        ('echo "PKG=x" >> "$GITHUB_ENV"', {"pkg"}),
        ("{\n  echo PKG=x\n  echo B<<EOF\n} >> $GITHUB_ENV", {"pkg", "b"}),
        ("echo PKG=x >> $GITHUB_OUTPUT", set()),
        ('echo "$PKG" >> $GITHUB_ENV', set()),
    ],
)
def test_variables_that_a_step_sets_for_those_behind_it(run: str, names: set[str]) -> None:
    """By way of the file that GITHUB_ENV names."""
    assert set_for_later_steps(run) == names
