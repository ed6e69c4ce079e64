"""Tests of preflight/workflows/expressions.py."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from preflight.workflows.expressions import Scope, evaluate
from preflight.workflows.repository import ThisRepository
from preflight.workflows.value import HOLE, NUMBER_HOLE, WORD_HOLE, Value, shown, unknown

SCOPE = Scope(
    env={"image": Value("agent"), "late": unknown("vars.LATE")},
    inputs={"keep": Value("3", chosen=True), "empty": Value("")},
    matrix={"image": Value("runner"), "image.name": Value("web")},
    github=ThisRepository.named("Acme/Agent").context(),
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
        ("${{ 'a }} b' }}c", "a }} bc"),
        ("${{ TRUE }}${{ 3.5 }}${{ null }}", "true3.5"),
        ("${{ env.unset }}", HOLE),
        ("${{ inputs.unset }}${{ matrix.unset }}", ""),
        ("${{ a && b || c }}", HOLE),
        ("${{ secrets.PAT", "${{ secrets.PAT"),
        ("${{ 'a' }} ${{ 'b", "a ${{ 'b"),
        ("${{ '}} ${{ env.image }}", "${{ '}} ${{ env.image }}"),
    ],
)
def test_expressions_resolve_as_far_as_the_file_says(text: str, resolved: str) -> None:
    """Names of env, inputs and matrix stand for their values; all else leaves a hole; what is not closed is text."""
    assert evaluate(text, SCOPE).text == resolved


@pytest.mark.parametrize(
    ("text", "resolved"),
    [
        ("${{ github.repository }}", "Acme/Agent"),
        ("${{ github.event.repository.name }}/runner", "Agent/runner"),
        ("${{ github.event.repository.full_name }}", "Acme/Agent"),
        ("${{ github.repository_owner }}", "Acme"),
        ("${{ github.event.repository.owner.login }}", "Acme"),
        ("${{ github.event.number }}", NUMBER_HOLE),
        ("pr-${{ github.event.pull_request.number }}", f"pr-{NUMBER_HOLE}"),
        ("${{ github.sha }}", WORD_HOLE),
        ("${{ github.head_ref }}", HOLE),
    ],
)
def test_the_repository_says_what_it_is_called(text: str, resolved: str) -> None:
    """Its name and owner are known from git; numbers and commits are of a known kind."""
    assert evaluate(text, SCOPE).text == resolved


@pytest.mark.parametrize(
    ("text", "resolved"),
    [
        ("${{ format('{0}/{1}', env.image, matrix.image) }}", "agent/runner"),
        ("${{ format('{0}/runner', github.event.repository.name) }}", "Agent/runner"),
        ("${{ Format('x') }}", "x"),
        ("${{ format('{0}-{1}', 'a', env.late) }}", f"a-{HOLE}"),
        ("${{ format('{1}', 'a') }}", HOLE),
        ("${{ format('{{0}}', 'a') }}", HOLE),
        ("${{ format('{0}', toJSON(x)) }}", HOLE),
        ("${{ format(env.image, 'a') }}", HOLE),
        ("${{ join('a', 'b') }}", HOLE),
    ],
)
def test_format_is_filled_in(text: str, resolved: str) -> None:
    """Of all functions it alone only puts texts together."""
    assert evaluate(text, SCOPE).text == resolved


def test_an_unknown_repository_says_why() -> None:
    """Name and owner are words without a slash, and the reason stands beside the expression."""
    scope = Scope(github=ThisRepository(reason="git has no remote origin").context())

    value = evaluate("${{ github.repository }}", scope)

    assert value.text == f"{WORD_HOLE}/{WORD_HOLE}"
    assert value.unknown == ("github.repository (git has no remote origin)",)


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
    assert evaluate("${{ format('{0}', inputs.keep) }}", SCOPE).chosen
    assert not evaluate("${{ env.image }}", SCOPE).chosen


@given(st.text(alphabet="${} .'|env matrix[]()\nformat,0", max_size=80))
def test_no_text_breaks_the_evaluation(text: str) -> None:
    """Whatever stands in a workflow evaluates to something."""
    assert isinstance(evaluate(text, SCOPE), Value)
