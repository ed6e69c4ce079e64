"""preflight/run/config/settings.py"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import pytest

from preflight.check import Check
from preflight.context import Context
from preflight.errors import ConfigurationError
from preflight.lib.yamldata import load
from preflight.model import Finding
from preflight.run.config import build_settings
from preflight.run.config.shape import Shape
from tests.fakes.checks import about


@dataclass(frozen=True)
class Knobs:
    """Settings of every kind."""

    minimum: str = "1"
    count: int = 2
    ratio: float = 0.5
    enabled: bool = False
    names: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.count < 0:
            raise ValueError("count must not be negative")


class Tuned(Check[Knobs]):
    """A check with settings."""

    about = about("tuned")
    settings_type = Knobs

    def run(self, _ctx: Context) -> list[Finding]:
        return []


@dataclass(frozen=True)
class Odd:
    """Settings of a kind that no configuration can hold."""

    when: dict[str, str] | None = None


class Mistaken(Tuned):
    """A check whose author asks for too much."""

    settings_type: ClassVar[type[Any]] = Odd


def shape(text: str) -> Shape:
    """Return what stands under checks.tuned."""
    return Shape(load(text, Path("preflight.yaml")), Path("preflight.yaml"), "checks.tuned")


def test_settings_are_read_by_type() -> None:
    """Each field is read as its own type; what is not named keeps its default."""
    text = "minimum: '2.24'\ncount: 3\nratio: 1\nenabled: true\nnames: [a]\n"

    assert build_settings(Tuned, shape(text)) == Knobs("2.24", 3, 1.0, True, ("a",))
    assert build_settings(Tuned, shape("count: 0")) == Knobs(count=0)
    assert build_settings(Tuned, None) == Knobs()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("minimun: x", "preflight.yaml:1: unknown key minimun in checks.tuned, did you mean minimum?"),
        ("\ncount: x", "preflight.yaml:2: checks.tuned.count must be a whole number"),
        ("count: -1", "preflight.yaml:1: checks.tuned: count must not be negative"),
        ("minimum: 2.24", "preflight.yaml:1: checks.tuned.minimum must be text"),
        ("[a]", "preflight.yaml:1: checks.tuned must be a mapping"),
    ],
)
def test_bad_settings_are_named_with_their_line(text: str, message: str) -> None:
    """A check validates its own settings; the operator learns where."""
    with pytest.raises(ConfigurationError) as caught:
        build_settings(Tuned, shape(text))

    assert caught.value.message == message


def test_a_setting_no_configuration_can_hold_is_the_authors_mistake() -> None:
    """It is said with the check's name."""
    with pytest.raises(ConfigurationError, match="tuned has a setting when of a type"):
        build_settings(Mistaken, shape("when: {}"))
