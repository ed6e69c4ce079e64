"""preflight/run/contract.py"""

from dataclasses import dataclass
from types import new_class
from typing import Any, Generic, TypeVar

import pytest

from preflight.check import Check, NoSettings
from preflight.context import Context
from preflight.errors import ConfigurationError
from preflight.model import Area, Finding
from preflight.run.contract import CheckClass, in_order, settings_of
from tests.fakes.checks import about

T = TypeVar("T")


@dataclass(frozen=True)
class Settings:
    """Made up."""

    limit: int = 3


class Base(Check[T]):
    """A class between, generic as Check is."""

    about = about("made-up")

    def run(self, _ctx: Context) -> list[Finding]:
        return []


class Odd(Base[NoSettings], Generic[T]):
    """A class between whose type variable is no settings."""


class Plain(Base[NoSettings]): ...


class Right(Base[Settings]):
    settings_type = Settings


class Wrong(Base[Settings]): ...


class Heir(Wrong): ...


class Other(Base[Settings]):
    settings_type = str


class Unnamed(Base[Any]): ...


Bare: Any = new_class("Bare", (Base,))
"""As an author without a type checker writes it."""


class NoData(Base[Any]):
    settings_type = str


class Odder(Odd[int]): ...


@pytest.mark.parametrize(
    ("check", "settings"),
    [
        (Plain, NoSettings),
        (Right, Settings),
        (Wrong, Settings),
        (Heir, Settings),
        (Unnamed, None),
        (Bare, None),
        (Odder, NoSettings),
    ],
)
def test_the_settings_that_a_class_statement_names(check: CheckClass, settings: type[Any] | None) -> None:
    """Through classes between, generic or not."""
    assert settings_of(check) is settings


@pytest.mark.parametrize("check", [Plain, Right, Unnamed, Bare, Odder])
def test_a_complete_class_is_taken(check: CheckClass) -> None:
    """Also one whose author writes no types."""
    assert in_order([check, check]) == (check,)


@pytest.mark.parametrize("check", [Wrong, Heir, Other])
def test_settings_without_their_type_are_refused(check: CheckClass) -> None:
    """One line names the class, and what to add; otherwise the check would crash on its first setting."""
    with pytest.raises(ConfigurationError) as caught:
        in_order([check])

    message = f"the check {__name__}.{check.__name__} is a Check[Settings] without `settings_type = Settings`"
    assert caught.value.message == message
    assert caught.value.hint == "Add `settings_type = Settings` to the class."


def test_settings_that_are_no_dataclass_are_refused() -> None:
    """The configuration could not be read into them."""
    with pytest.raises(ConfigurationError, match=r"`settings_type` of the check .*NoData is no dataclass"):
        in_order([NoData])


def test_the_order_is_that_of_cause_and_effect_then_of_ids() -> None:
    """Reports name first what explains the rest."""

    def made(check_id: str, area: Area) -> CheckClass:
        class Made(Plain):
            about = about(check_id)

        object.__setattr__(Made.about, "area", area)
        return Made

    late, second, first = made("a", Area.RUNNING), made("c", Area.PIN), made("b", Area.PIN)

    assert in_order([late, second, first]) == (first, second, late)
