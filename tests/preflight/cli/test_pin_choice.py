"""preflight/cli/pin_choice.py"""

from pathlib import Path

import pytest

from preflight.cli.pin_choice import chosen_pins, the_pins
from preflight.context import Context
from preflight.errors import ConfigurationError
from preflight.project import Pin
from preflight.testing import fake_context


@pytest.fixture
def ctx(tmp_path: Path) -> Context:
    """Two files that pin the same variable, one of them for two services."""
    one, other = tmp_path / "one.env", tmp_path / "deploy/other.env"
    pins = (Pin("A", "app", one), Pin("A", "worker", one), Pin("A", "other", other), Pin("B", "db", other))
    return fake_context(tmp_path, pins=pins)


def named(pins: tuple[Pin, ...]) -> list[tuple[str, str, str]]:
    """Variable, service and file of each."""
    return [(pin.variable, pin.service, pin.file.name) for pin in pins]


def test_what_is_shown(ctx: Context) -> None:
    """Every service of a pin that is named; all where none is."""
    assert named(chosen_pins(ctx, ())) == named(tuple(ctx.pins))
    assert named(chosen_pins(ctx, ("B", "one.env:A"))) == [
        ("A", "app", "one.env"),
        ("A", "worker", "one.env"),
        ("B", "db", "other.env"),
    ]


@pytest.mark.parametrize("file", ["deploy/other.env", "./deploy/../deploy/other.env", "{}/deploy/other.env"])
def test_what_is_changed(ctx: Context, file: str) -> None:
    """One pin for each line; its file is named as the shell completes it, or in full."""
    wanted = (f"{file.format(ctx.cwd)}:A", "B", "B")

    assert named(the_pins(ctx, wanted)) == [("A", "other", "other.env"), ("B", "db", "other.env")]


@pytest.mark.parametrize(
    ("wanted", "message", "start"),
    [
        ((), "there are 3 pins", "--variable: "),
        (("A",), "there are 2 pins A", "--variable FILE:NAME: "),
        (("C",), "there is no pin C", "--variable: "),
        (("none.env:B",), "there is no pin none.env:B", "--variable: "),
    ],
)
def test_an_unclear_choice_says_how_to_choose(ctx: Context, wanted: tuple[str, ...], message: str, start: str) -> None:
    """What the hint names chooses one pin each."""
    with pytest.raises(ConfigurationError) as caught:
        the_pins(ctx, wanted)

    [error] = caught.value.all
    assert error.message == message
    names = error.hint.removeprefix(f"Choose with {start}").removesuffix(".").split(", ")
    assert names == ["one.env:A", "deploy/other.env:A", "B"]
    assert [len(the_pins(ctx, (name,))) for name in names] == [1, 1, 1]
