"""Tests of preflight/lib/patterns.py."""

import re

import pytest

from preflight.lib.patterns import MAX_LENGTH, PatternError, compile_pattern, demand_pattern
from tests.limits import cpu_at_most


def test_patterns_search_and_match() -> None:
    """As Python's own do, with groups and places."""
    pattern = compile_pattern(r"for v?(\d+)\.(?P<minor>\d+)")

    found = pattern.search("pin for v1.20")

    assert found is not None
    assert (found.group(1), found.group("minor"), found.span()) == ("1", "20", (4, 13))
    assert pattern.fullmatch("for 1.2") is not None
    assert pattern.fullmatch("x for 1.2") is None
    without = compile_pattern("a(b)?").search("a")
    assert without is not None
    assert without.group(1) is None


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ("(?!v)", "look-around such as (?!…) is not supported"),
        (r"(.)\1", "it has an escape that is not supported"),
        ("a{1001}", "it repeats something more than 1,000 times"),
        (".{1000}" * 10, "it is too large"),
        ("a" * (MAX_LENGTH + 1), f"it is longer than {MAX_LENGTH} characters"),
        ("\ud800", "it is no valid text"),
        ("(", "missing )"),
        ("[", "missing ]"),
    ],
)
def test_what_cannot_be_run_is_refused(pattern: str, reason: str) -> None:
    """With the reason in a few words."""
    with pytest.raises(PatternError, match=re.escape(reason)):
        compile_pattern(pattern)


@pytest.mark.parametrize("pattern", ["(a|a)*b", "(a*)*b", "a?" * 60 + "a" * 60, "(a|aa)+$", "(.*)(.*)(.*)(.*)x"])
def test_time_is_linear_in_the_text(pattern: str) -> None:
    """Expressions on which Python's engine takes minutes end at once; measured in CPU time."""
    compiled = compile_pattern(pattern)

    with cpu_at_most(1):
        compiled.search("a" * 100_000)


def test_bytes_that_are_no_text_count_as_one_character() -> None:
    """The subject of a commit may hold any."""
    found = compile_pattern("b.d").search("a b\udcffd")

    assert found is not None
    assert found.span() == (2, 5)
    assert compile_pattern("a(b)?").groups == 1


def test_an_expression_of_the_configuration_is_refused_with_its_setting() -> None:
    """What RE2 cannot do is a mistake there, not a surprise later."""
    with pytest.raises(ValueError, match=r"^pattern: is no regular expression .*look-around"):
        demand_pattern("pattern", "(?!v)")
    assert demand_pattern("pattern", "v").search("v") is not None
