"""Tests of preflight/workflows/pruners/exposure.py."""

import pytest

from preflight.workflows.pruners import PRUNERS
from preflight.workflows.pruners.exposure import (
    NEWEST,
    ActionInput,
    Inputs,
    aim_at,
    counted,
    dry_run,
    never,
    perhaps,
    unless,
)
from preflight.workflows.value import HOLE, Value
from tests.preflight.workflows.judging import PACKAGE, REPOSITORY, step

DECLARED = (
    ActionInput("name"),
    ActionInput("repository", "${{ github.repository }}"),
    ActionInput("sparing", "false", since=(2, 0, 0), before=(5, 0, 0)),
    ActionInput("sparing", "true", since=(5, 0, 0)),
    ActionInput("old", before=(3, 0, 0), renamed="new"),
    ActionInput("keep", decides=False),
)


def inputs(given: str, version: tuple[int, int, int] = NEWEST) -> Inputs:
    """Return what a step hands to a version of an action with the inputs above."""
    return Inputs(step("x/y@v1", given), DECLARED, version, REPOSITORY)


def test_default_is_that_of_the_version() -> None:
    """An input that changed has each default in its time, and none before there was one."""
    assert inputs("", (1, 0, 0))["sparing"].text == ""
    assert inputs("", (2, 0, 0))["sparing"].text == "false"
    assert inputs("", (4, 9999, 9999))["sparing"].text == "false"
    assert inputs("", (5, 0, 0))["sparing"].text == "true"
    assert inputs("")["repository"].text == "acme/agent"


def test_what_is_given_counts_where_the_version_reads_it() -> None:
    """An empty text overrides the default; what the version does not know is not there."""
    assert inputs("sparing: ''")["sparing"].text == ""
    assert inputs("sparing: false", (1, 0, 0))["sparing"].text == ""
    assert not inputs("old: x").given("old")
    assert inputs("old: x", (2, 9999, 9999)).given("old")
    assert not inputs("name: ' '").given("name")


def test_lists() -> None:
    """Line by line, with commas, and the first that is given."""
    here = inputs('name: "a\\n\\n b ", keep: "c, d,"')

    assert here.lines("name") == ["a", "b"]
    assert here.listed("keep") == ["c", "d"]
    assert here.first("old", "name").text.startswith("a")
    assert not here.first("old").given


def test_expressions_of_inputs_that_decide() -> None:
    """Not those that only count, and no secret or token."""
    here = inputs("name: '${{ vars.A }}${{ secrets.B }}${{ steps.x.outputs.token }}', keep: '${{ vars.C }}'")

    assert here.unknown == ("vars.A",)


@pytest.mark.parametrize(
    ("given", "version", "note"),
    [
        ("sparing: true", (1, 0, 0), "sparing does not exist before version 2: it protects nothing"),
        ("old: x", (3, 1, 0), "old is no input of version 3 (it is new there): it protects nothing"),
        ("other: x", (3, 1, 0), "other is no input of this action: it protects nothing"),
    ],
)
def test_what_the_version_does_not_read_is_named(given: str, version: tuple[int, int, int], note: str) -> None:
    """With what became of it."""
    assert inputs(given, version).notes() == (note,)


def test_package_that_one_input_must_name() -> None:
    """Where it is missing that is the reason."""
    assert aim_at(inputs("name: agent/runner"), PACKAGE, "name", "acme") == (True, ())
    assert aim_at(inputs("name: agent/runner"), PACKAGE, "name", "other") == (False, ())
    assert aim_at(inputs(""), PACKAGE, "name", "acme") == (None, ("which package it is after, as name is missing",))


def test_answers_for_all_tags() -> None:
    """Any, none, or all unless they are spared."""
    assert perhaps("v1") is None
    assert never("v1") is False
    assert [unless(spared)("v1") for spared in (True, False, None)] == [False, True, None]
    assert counted(inputs("keep: 3"), "keep", "name") == ("keep only bounds how many are left",)


def test_dry_run_that_a_person_may_choose() -> None:
    """The default of whoever starts it by hand is no promise."""
    assert dry_run(Value("true")) is True
    assert dry_run(Value("true", chosen=True)) is None
    assert dry_run(Value("false", chosen=True)) is False
    assert dry_run(Value(HOLE)) is None


@pytest.mark.parametrize("pruner", PRUNERS, ids=lambda pruner: pruner.actions[0])
def test_inputs_of_one_name_do_not_overlap(pruner: object) -> None:
    """In each version an input has one default; and each action is known in lower case."""
    from preflight.workflows.pruners import Pruner

    assert isinstance(pruner, Pruner)
    assert all(action == action.lower() for action in pruner.actions)
    edges = {each.since for each in pruner.inputs} | {each.before for each in pruner.inputs if each.before}
    for version in (*edges, *pruner.versions, NEWEST):
        names = [each.name for each in pruner.inputs if each.is_in(version)]
        assert len(names) == len(set(names)), version
