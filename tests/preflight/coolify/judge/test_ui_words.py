"""preflight/coolify/judge/ui_words.py"""

from pathlib import Path

import pytest

from preflight.coolify.host.mode import Mode
from preflight.coolify.judge.ui_evidence import Evidence
from preflight.coolify.judge.ui_reach import Reach, UiEffect
from preflight.coolify.judge.ui_variables import UiLook, UiPinState, UiShadow, UiWhen
from preflight.coolify.judge.ui_words import SINCE, nothing_words, shadow_words, state_words
from preflight.coolify.resource import Kind, Resource, Situation
from preflight.project import Pin

PIN = Pin("APP_IMAGE", "web", Path("/x/pin.env"))


def look(effect: UiEffect | None = None, *, is_equal: bool = False) -> UiLook:
    """Return what was found about the pin."""
    effects = {} if effect is None else {PIN.variable: effect}
    resource, mode = Resource("abc", Kind.APPLICATION, Path("/data/abc")), Mode(Situation.DEFAULT, ())
    return UiLook(PIN, resource, mode, Evidence(last=None, ui=None), Reach(effects), is_equal=is_equal)


@pytest.mark.parametrize("effect", UiEffect)
@pytest.mark.parametrize("when", UiWhen)
def test_each_effect_has_words_and_a_way_out(effect: UiEffect, when: UiWhen) -> None:
    """They end with since when it holds; nothing says deploy."""
    words = shadow_words(look(effect), UiShadow("OTHER\x1b", effect, when, None), "pin.env")

    assert words.message.endswith(SINCE[when])
    assert words.hint
    assert "\x1b" not in words.message + words.hint
    assert "redeploy" not in words.hint.lower()


def test_an_equal_value_is_told_not_to_last() -> None:
    """Only of the pin's own variable."""
    equal = look(UiEffect.OVERRIDES, is_equal=True)
    own, other = (UiShadow(name, UiEffect.OVERRIDES, UiWhen.NOW, None) for name in (PIN.variable, "OTHER"))

    assert shadow_words(equal, own, "pin.env").hint.endswith("will not follow the next pin.")
    assert "equal" not in shadow_words(equal, other, "pin.env").hint


@pytest.mark.parametrize("state", [each for each in UiPinState if each not in {UiPinState.EQUAL, UiPinState.HIDDEN}])
def test_each_wrong_state_has_words(state: UiPinState) -> None:
    """With the service and the variable."""
    words = state_words(look(), state, "pin.env")
    assert words.message.startswith("web: Coolify's UI ")
    assert PIN.variable in words.message
    assert words.hint


def test_a_pass_says_where_the_mode_drops_the_file() -> None:
    """Nothing in the UI is no proof that the pin arrives."""
    assert nothing_words(look()).startswith("web: nothing in Coolify's UI overrides the pin")
    assert "drops the pin file" in nothing_words(look(UiEffect.ONLY_SOURCE))
