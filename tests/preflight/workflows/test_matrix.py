"""Tests of preflight/workflows/matrix.py."""

from pathlib import Path

import pytest

from preflight.lib.yamlfile import parse
from preflight.workflows.expressions import Scope
from preflight.workflows.matrix import combinations
from preflight.workflows.value import HOLE


def expand(text: str) -> tuple[list[dict[str, str]], bool]:
    """Return the combinations of a strategy as plain text."""
    found, complete = combinations(parse(text, Path("w.yml")).get("strategy"), Scope())
    return [{name: value.text for name, value in one.items()} for one in found], complete


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("strategy: {fail-fast: true}", ([{}], True)),
        ("strategy: ${{ x }}", ([{}], False)),
        ("strategy: {matrix: '${{ fromJSON(x) }}'}", ([{}], False)),
        ("strategy: {matrix: {a: [1, 2], b: [x]}}", ([{"a": "1", "b": "x"}, {"a": "2", "b": "x"}], True)),
        ("strategy: {matrix: {a: '${{ fromJSON(x) }}', b: [x]}}", ([{"a": HOLE, "b": "x"}], False)),
        ("strategy: {matrix: {a: [1, 2], exclude: [{a: 1}]}}", ([{"a": "2"}], True)),
        ("strategy: {matrix: {a: [1], exclude: '${{ x }}'}}", ([{"a": "1"}], False)),
        ("strategy: {matrix: {a: [1], include: ['${{ x }}']}}", ([{"a": "1"}], False)),
        ("strategy: {matrix: {a: [1], include: null}}", ([{"a": "1"}], True)),
        ("strategy: {matrix: {include: [{a: 1}, {a: 2, b: 3}]}}", ([{"a": "1"}, {"a": "2", "b": "3"}], True)),
        (
            "strategy: {matrix: {a: [1, 2], include: [{a: 1, b: x}, {c: y}, {a: 3}]}}",
            ([{"a": "1", "b": "x", "c": "y"}, {"a": "2", "c": "y"}, {"a": "3"}], True),
        ),
        ("strategy: {matrix: {a: [{N: 1, m: [2]}]}}", ([{"a.n": "1", "a.m": HOLE}], True)),
    ],
)
def test_matrix_is_written_out(text: str, expected: tuple[list[dict[str, str]], bool]) -> None:
    """Axes multiply, `exclude` takes out, `include` adds to all that it does not contradict, or one of its own."""
    assert expand(text) == expected


def test_matrix_beyond_the_limit_is_unknown() -> None:
    """More combinations than GitHub runs are not written out."""
    axes = ", ".join(f"{name}: [1, 2, 3, 4, 5, 6, 7]" for name in "abcdefgh")

    assert expand(f"strategy: {{matrix: {{{axes}}}}}") == ([{}], False)
