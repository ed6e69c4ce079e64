"""Tests of preflight/workflows/triggers.py."""

from pathlib import Path

import pytest

from preflight.lib.yamlfile import parse
from preflight.lib.yamlnodes import Mapping
from preflight.workflows.expressions import Scope
from preflight.workflows.triggers import declared_inputs, input_defaults, trigger_scopes, triggers, value_of
from preflight.workflows.value import EMPTY, HOLE, Value
from tests.preflight.workflows.judging import REPOSITORY

INPUTS = "{a: {default: x}, b: {type: boolean}, c: {required: true}, d: {default: '${{ github.repository }}'}}"
SCOPE = Scope(github=REPOSITORY.context())


def tree(text: str) -> Mapping:
    """Return the tree of a workflow."""
    return parse(text, Path("w.yml"))


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("on: push", ["push"]),
        ("on: [push, workflow_dispatch]", ["push", "workflow_dispatch"]),
        ("on: {push: {branches: [x]}, schedule: [{cron: x}]}", ["push", "schedule"]),
        ("on: null", []),
        ("jobs: {}", []),
    ],
)
def test_triggers_in_each_form(text: str, names: list[str]) -> None:
    """One, a list, or a mapping."""
    assert list(triggers(tree(text))) == names


@pytest.mark.parametrize(
    ("on", "values"),
    [
        ("push", [None]),
        (f"{{workflow_dispatch: {{inputs: {INPUTS}}}}}", ["x"]),
        (f"{{workflow_call: {{inputs: {INPUTS}}}}}", ["x"]),
        (f"{{workflow_dispatch: {{inputs: {INPUTS}}}, schedule: []}}", ["x", None]),
        ("{}", [None]),
    ],
)
def test_inputs_for_each_way_to_start(on: str, values: list[str | None]) -> None:
    """By hand or by a call with defaults, by itself without any."""
    scopes = list(trigger_scopes(tree(f"on: {on}"), SCOPE))

    assert [scope.inputs["a"].text if scope.inputs else None for scope in scopes] == values
    assert all(scope.github == SCOPE.github for scope in scopes)


def test_defaults_of_inputs() -> None:
    """Written, false for a boolean, else unknown or what is given for it; chosen where started by hand."""
    workflow = tree(f"on: {{workflow_dispatch: {{inputs: {INPUTS}}}}}")

    found = declared_inputs(workflow, "workflow_dispatch", SCOPE)

    assert {name: value.text for name, value in found.items()} == {"a": "x", "b": "false", "c": HOLE, "d": "acme/agent"}
    assert all(value.chosen for value in found.values())
    node = tree(f"inputs: {INPUTS}").get("inputs")
    assert input_defaults(node, SCOPE, EMPTY)["c"] == EMPTY
    assert input_defaults(None, SCOPE, EMPTY) == {}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("x", Value("x")),
        ("null", EMPTY),
        ("'${{ inputs.a }}'", Value("")),
        ("[x]", Value(HOLE, ("a list or mapping",))),
        ("!t x", Value(HOLE, ("!t (a YAML tag: put it in quotes)",))),
    ],
)
def test_value_of_a_key(text: str, value: Value) -> None:
    """A text with its expressions resolved; a list, a mapping and a tag are no text."""
    node = tree(f"a: {text}").get("a")
    assert node is not None

    assert value_of(node, SCOPE) == value
