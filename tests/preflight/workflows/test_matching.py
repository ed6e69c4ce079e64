"""Tests of preflight/workflows/matching.py."""

import fnmatch as python
import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from preflight.workflows.matching import equals, fnmatch, glob, search, wildcard
from preflight.workflows.value import HOLE, NUMBER_HOLE, WORD_HOLE, Tri


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("Agent/Runner", True),
        ("agent", False),
        (f"agent/{HOLE}", None),
        (f"web/{HOLE}", False),
        (WORD_HOLE, False),
        (f"{WORD_HOLE}/runner", None),
        (f"{WORD_HOLE}/{WORD_HOLE}", None),
        (f"agent/runner{WORD_HOLE}", False),
        (f"agent/runner{NUMBER_HOLE}", None),
        (f"pr-{NUMBER_HOLE}", False),
        (f"{HOLE}{HOLE}", None),
    ],
)
def test_a_text_equals_another(text: str, answer: Tri) -> None:
    """A text with a hole is surely another one if its known parts differ, or if the hole cannot take what it must."""
    assert equals(text, "agent/runner") is answer


@pytest.mark.parametrize(
    ("pattern", "wanted", "answer"),
    [
        ("v?.*", "v1.2", True),
        ("*", "", True),
        ("?", "", False),
        ("*.*.*", "1.20.3", True),
        ("*.*.*", "1.20", False),
        ("v[0-9]*", "v1", False),
        (f"v{HOLE}", "v1", None),
        (f"x{HOLE}", "v1", False),
        (f"pr-{NUMBER_HOLE}*", "pr-x", None),
    ],
)
def test_glob_has_stars_and_question_marks(pattern: str, wanted: str, answer: Tri) -> None:
    """Brackets are plain text there."""
    assert glob(pattern, wanted) is answer


@pytest.mark.parametrize(
    ("pattern", "wanted", "answer"),
    [
        ("*", "agent/runner", False),
        ("**", "agent/runner", True),
        ("agent/*", "agent/runner", True),
        ("agent/*", "agent/runner/x", False),
        ("agent/**", "agent/runner/x", True),
        ("?gent/runner", "agent/runner", True),
        ("agent?runner", "agent/runner", False),
        ("v*", "v1.2", True),
        ("\\*", "*", True),
        ("\\*", "v", False),
        (f"agent/{HOLE}", "agent/runner", None),
    ],
)
def test_wildcard_takes_no_slash_but_with_two_stars(pattern: str, wanted: str, answer: Tri) -> None:
    """As wildcard-match has it, which ghcr-cleanup-action uses for tags and packages."""
    assert wildcard(pattern, wanted) is answer


@pytest.mark.parametrize(
    ("pattern", "wanted", "answer"),
    [
        ("v[0-9]*", "v1", True),
        ("[!v]*", "v1", False),
        ("[]a]", "]", True),
        ("[a", "[a", True),
        (f"[{HOLE}]*", "v", None),
    ],
)
def test_fnmatch_has_sets(pattern: str, wanted: str, answer: Tri) -> None:
    """As Python's fnmatch has it, which container-retention-policy used until version 3."""
    assert fnmatch(pattern, wanted) is answer


@given(st.text(alphabet="*?[]!-ab", max_size=8), st.text(alphabet="ab]-![", max_size=5))
def test_fnmatch_is_pythons(pattern: str, wanted: str) -> None:
    """Whatever the pattern, the answer is Python's, but for ranges that run backwards."""
    assume(not any(found[1] > found[2] for found in re.finditer(r"(?=(.)-(.))", pattern)))

    assert fnmatch(pattern, wanted) is python.fnmatchcase(wanted, pattern)


@pytest.mark.parametrize(
    ("pattern", "wanted", "answer"),
    [
        (r"^v?\d+\.\d+\.\d+$", "v1.2.3", True),
        (r"^v\d+(\.\d+)*$", "v1.2.3", True),
        (r"^(0|[1-9]\d*)(\.(0|[1-9]\d*))*$", "v1.2.3", False),
        (r"\)*[*+]{2}", "v1.2.3", False),
        ("(((a*)*)*)*", "v1.2.3", True),
        ("(a|a)*b$", "a" * 100, False),
        ("a?" * 60 + "a" * 60, "a" * 60, True),
        ("(", "v1", None),
        (r"(.)\1", "v1", None),
        ("a(?=b)", "ab", None),
        ("[^]", "v1", None),
        (r"v\z", "v", None),
        ("[[:alpha:]]", "v", None),
        ("(?i)V", "v", None),
        ("(?<n>v)", "v", True),
        ("(?P<n>v)", "v", None),
        ("a" * 600, "v", None),
        ("", "v", True),
    ],
)
def test_expressions_are_searched_in_linear_time_or_not_at_all(pattern: str, wanted: str, answer: Tri) -> None:
    """What RE2 cannot run, and what JavaScript reads otherwise, cannot be told."""
    assert search(pattern, wanted) is answer


@pytest.mark.parametrize(
    ("pattern", "wanted", "answer"),
    [
        ("^(?!v)", "v1", False),
        ("^(?!v)", "1.2", True),
        ("^(?!v)(?!latest).*$", "latest", False),
        (r"^(?!v?\d+\.\d+\.\d+$).*", "v1.2.3", False),
        (r"^(?!v?\d+\.\d+\.\d+$).*", "pr-1", True),
        ("^(?=v)..$", "v1", True),
        ("^(?!v)a|b", "b", None),
        ("(?!v)1", "v1", None),
        ("^(?!v", "v1", None),
        ("^(?!(v)", "v1", None),
        (f"^(?!{HOLE})", "v1", None),
        (f"^(?!v)pr-{HOLE}", "v1", False),
    ],
)
def test_look_ahead_at_the_beginning_is_understood(pattern: str, wanted: str, answer: Tri) -> None:
    """What must not follow the beginning is how people write «all but releases»; elsewhere it cannot be told."""
    assert search(pattern, wanted) is answer


@pytest.mark.parametrize(
    ("pattern", "wanted", "answer"),
    [
        (f"^pr-{HOLE}", "v1.20.3", False),
        (f"^pr-{HOLE}$", "1.20.3", False),
        (f"pr-{HOLE}", "1.20.3", False),
        (f"^(pr-{HOLE}|dev-{HOLE})$", "1.20.3", False),
        (f"{HOLE}-dev$", "1.20.3", False),
        (f"^pr-{HOLE}|^v", "v1.20.3", None),
        (f"^{HOLE}", "v1.20.3", None),
        (f"^v{HOLE}", "v1.20.3", None),
        (f"^v{NUMBER_HOLE}$", "v1.20.3", False),
        (f"^[{HOLE}]", "v1.20.3", None),
    ],
)
def test_unknown_part_of_an_expression_counts_as_text(pattern: str, wanted: str, answer: Tri) -> None:
    """What stands before or behind it must be found whatever it is."""
    assert search(pattern, wanted) is answer


@given(st.text(alphabet=r"\^$()[]{}*+?.|ab01,:=!<" + HOLE, max_size=24))
def test_no_expression_breaks(pattern: str) -> None:
    """Whatever stands in an input, the answer is yes, no or not to be told."""
    assert search(pattern, "v1.20.3") in {True, False, None}
