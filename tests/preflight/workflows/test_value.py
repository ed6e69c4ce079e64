"""Tests of preflight/workflows/value.py."""

from dataclasses import replace

import pytest

from preflight.workflows.value import (
    HOLE,
    NUMBER_HOLE,
    WORD_HOLE,
    Value,
    all_of,
    any_of,
    has_hole,
    negate,
    shown,
    unknown,
)


@pytest.mark.parametrize(("word", "truth"), [("TRUE", True), ("", False), ("0", False), ("maybe", None), (HOLE, None)])
def test_truth_of_a_value(word: str, truth: bool | None) -> None:
    """Only plain words are taken for yes or no."""
    assert Value(word).truth is truth


@pytest.mark.parametrize("hole", [HOLE, WORD_HOLE, NUMBER_HOLE])
def test_a_value_with_a_hole_is_not_known(hole: str) -> None:
    """Whatever the unknown part may be, the whole is not known, and is shown with an ellipsis."""
    value = replace(unknown("vars.X", hole), text=f"a-{hole}")

    assert value.known is None
    assert value.unknown == ("vars.X",)
    assert has_hole(value.text)
    assert shown(value.text) == "a-…"


def test_a_value_without_a_hole_is_known() -> None:
    """A text is what it is; white space alone is nothing."""
    assert Value("a").known == "a"
    assert Value("a").given
    assert not Value(" \n").given


def test_answers_add_up() -> None:
    """Not knowing one part matters only where the others do not decide."""
    assert any_of([False, None, True]) is True
    assert any_of([False, None]) is None
    assert any_of([]) is False
    assert all_of(any_of([True]), None) is None
    assert all_of(any_of([]), None) is False
    assert [negate(answer) for answer in (True, False, None)] == [False, True, None]
