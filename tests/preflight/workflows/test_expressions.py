"""Tests of preflight/workflows/expressions.py and value.py."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from preflight.workflows.expressions import Scope, evaluate
from preflight.workflows.value import HOLE, WORD_HOLE, Value, all_of, any_of, equals, glob, search, shown, unknown

SCOPE = Scope(
    env={"image": Value("agent"), "late": unknown("vars.LATE")},
    inputs={"keep": Value("3", chosen=True), "empty": Value("")},
    matrix={"image": Value("runner"), "image.name": Value("web")},
)


@pytest.mark.parametrize(
    ("text", "resolved"),
    [
        ("plain", "plain"),
        ("${{ env.IMAGE }}/${{ matrix.image }}", "agent/runner"),
        ("${{ matrix['image']['name'] }}", "web"),
        ("${{ inputs.keep }}", "3"),
        ("${{ github.event.inputs.keep }}", "3"),
        ("${{ inputs.empty || 'other' }}", "other"),
        ("${{ inputs.empty || false || null }}", ""),
        ("${{ env.late || 'other' }}", HOLE),
        ("${{ 'it''s' }}", "it's"),
        ("${{ TRUE }}${{ 3.5 }}${{ null }}", "true3.5"),
        ("${{ env.unset }}", HOLE),
        ("${{ inputs.unset }}${{ matrix.unset }}", ""),
        ("${{ format('{0}', 1) }}", HOLE),
        ("${{ a && b || c }}", HOLE),
        ("x-${{ github.repository }}", f"x-{HOLE}"),
        ("${{ github.event.repository.name }}", WORD_HOLE),
        ("${{ secrets.PAT", "${{ secrets.PAT"),
    ],
)
def test_expressions_resolve_as_far_as_the_file_says(text: str, resolved: str) -> None:
    """Names of env, inputs and matrix stand for their values; all else leaves a hole."""
    assert evaluate(text, SCOPE).text == resolved


def test_names_are_unknown_where_not_all_are_known() -> None:
    """An input or matrix value that may be set elsewhere is not empty."""
    scope = Scope(inputs_complete=False, matrix_complete=False)

    value = evaluate("${{ inputs.a }}${{ matrix.b }}", scope)

    assert value.unknown == ("inputs.a", "matrix.b")
    assert value.known is None
    assert shown(value.text) == "……"


def test_choice_of_a_person_is_remembered() -> None:
    """A value made from an input's default is marked: whoever starts the workflow may change it."""
    assert evaluate("${{ inputs.keep }}", SCOPE).chosen
    assert not evaluate("${{ env.image }}", SCOPE).chosen


@pytest.mark.parametrize(("word", "truth"), [("TRUE", True), ("", False), ("0", False), ("maybe", None), (HOLE, None)])
def test_truth_of_a_value(word: str, truth: bool | None) -> None:  # noqa: FBT001 -- the expected answer
    """Only plain words are taken for yes or no."""
    assert Value(word).truth is truth


def test_holes_match_what_they_may_be() -> None:
    """A text with a hole is surely another one if its known parts differ."""
    assert equals(f"agent/{HOLE}", "agent/runner") is None
    assert equals(f"web/{HOLE}", "agent/runner") is False
    assert equals(WORD_HOLE, "agent/runner") is False
    assert glob(f"v{HOLE}", "v1") is None
    assert glob("v?.*", "v1.2") is True
    assert glob(f"x{HOLE}", "v1") is False


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        (r"^v?\d+\.\d+\.\d+$", True),
        (r"^v\d+(\.\d+)*$", True),
        (r"^(0|[1-9]\d*)(\.(0|[1-9]\d*))*$", False),
        ("(", None),
        ("(((a*)*)*)*", None),
        ("a*" * 20, None),
        (HOLE, None),
        ("x" * 5, False),
        (r"\)*[*+]{2}", False),
    ],
)
def test_regular_expressions_are_tried_if_they_end(pattern: str, found: bool | None) -> None:  # noqa: FBT001 -- as above
    """One that is broken, unknown, or could search for ever is not tried."""
    assert search(pattern, "v1.2.3") is found


def test_long_texts_are_searched_with_simple_patterns_only() -> None:
    """On a digest even two nested repeats may take for ever."""
    digest = "sha256:" + "a" * 64

    assert search("^sha256:a+$", digest) is True
    assert search(r"^(\w+:?)+!$", digest) is None


def test_answers_add_up() -> None:
    """Not knowing one part matters only where the others do not decide."""
    assert any_of([False, None, True]) is True
    assert any_of([False, None]) is None
    assert any_of([]) is False
    assert all_of(any_of([True]), None) is None
    assert all_of(any_of([]), None) is False


@given(st.text(alphabet="${} .'|env matrix[]()\n", max_size=80))
def test_no_text_breaks_the_evaluation(text: str) -> None:
    """Whatever stands in a workflow evaluates to something."""
    assert isinstance(evaluate(text, SCOPE), Value)


@given(st.text(alphabet=r"\^$()[]{}*+?.|ab01,", max_size=24))
def test_no_regular_expression_hangs(pattern: str) -> None:
    """Whatever stands in an input is searched within a moment, or not at all."""
    assert search(pattern, "v1.20.3") in {True, False, None}
