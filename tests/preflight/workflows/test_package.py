"""Tests of preflight/workflows/package.py."""

import pytest

from preflight.workflows.matching import glob
from preflight.workflows.package import aims_at, covers, owned
from preflight.workflows.value import HOLE, WORD_HOLE, Tri
from tests.preflight.workflows.judging import PACKAGE


@pytest.mark.parametrize(
    ("names", "owner", "aim"),
    [
        (["agent/runner"], "", True),
        (["Agent%2FRunner"], "ACME", True),
        (["'agent/runner'"], "@acme", True),
        (["acme/agent/runner"], "acme", True),
        (["web"], "", False),
        (["web", "agent/runner"], "", True),
        (["agent/runner"], "other", False),
        (["agent/runner"], HOLE, True),
        ([HOLE], "acme", None),
        ([WORD_HOLE], "acme", False),
        ([f"{WORD_HOLE}/runner"], "", None),
        ([], "", True),
        ([], "other", False),
        ([" "], "", True),
    ],
)
def test_package_that_is_named(names: list[str], owner: str, aim: Tri) -> None:
    """With or without its owner, slashes encoded or not; none named means all of the owner."""
    assert aims_at(PACKAGE, names, owner) is aim


@pytest.mark.parametrize(
    ("patterns", "covered"),
    [
        (["agent/*"], True),
        (["*"], True),
        (["AGENT/runner"], True),
        (["web*"], False),
        (["!agent/*"], False),
        (["!web"], True),
        (["*", "!agent/runner"], False),
        ([f"{HOLE}"], None),
        (["*", f"!{HOLE}"], None),
        (["web", f"!{HOLE}"], False),
        ([], True),
    ],
)
def test_packages_that_patterns_cover(patterns: list[str], covered: Tri) -> None:
    """Those that begin with an exclamation mark take out."""
    assert covers(PACKAGE, patterns, glob) is covered


def test_owner() -> None:
    """One that is not known may be ours."""
    assert owned(PACKAGE, "")
    assert owned(PACKAGE, WORD_HOLE)
    assert not owned(PACKAGE, "jane")
    assert str(PACKAGE) == "ghcr.io/acme/agent/runner"
