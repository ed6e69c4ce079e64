"""Tests of preflight/workflows/scripts/brackets.py."""

from preflight.workflows.scripts.brackets import pairs, rest_of_word


def test_brackets_that_belong_together() -> None:
    """Each opening bracket has its closing one; what closes another kind, or nothing, is passed over."""
    assert pairs("a(b[c]{d})") == {1: 9, 3: 5, 6: 8}
    assert pairs("(]){") == {0: 2}
    assert pairs(["f", "(", "{", "}", ")"]) == {1: 4, 2: 3}
    assert pairs("") == {}


def test_rest_of_a_word() -> None:
    """A word ends at white space, a quote or a slash."""
    assert rest_of_word("ab/c", 0) == 2
    assert rest_of_word('ab"', 1) == 2
    assert rest_of_word("ab", 2) == 2
