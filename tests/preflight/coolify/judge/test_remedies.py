"""preflight/coolify/judge/remedies.py"""

from pathlib import Path

import pytest

from preflight.coolify.judge.location import ComposeLocation
from preflight.coolify.judge.remedies import (
    base_directory,
    copy_it,
    move_inside,
    pin_in_ui,
    raw_and_preserve,
    ways_out,
)
from preflight.coolify.resource import Situation
from preflight.project import Pin

PIN = Pin("AGENT_IMAGE", "app", Path("/checkout/docker/pin.env"))
LOCATION = ComposeLocation("/docker", "/compose.app.yaml")
IN_UI = "set AGENT_IMAGE in Coolify's UI"
RAW = {Situation.RAW, Situation.RAW_PRESERVED}


def test_settings_are_named_where_they_are_known() -> None:
    """Both change together; where they are not known, the words say what they must be."""
    assert "(Base Directory /docker, Compose Location /compose.app.yaml)" in raw_and_preserve(LOCATION)
    assert base_directory(LOCATION) == "Base Directory /docker and Compose Location /compose.app.yaml"
    assert "the folder that the paths in env_file: are relative to" in raw_and_preserve(None)
    assert "the pin file's folder as Base Directory" in base_directory(None)


@pytest.mark.parametrize("situation", Situation)
def test_the_ui_needs_raw_mode_off(situation: Situation) -> None:
    """In raw mode a variable of the UI reaches interpolation only."""
    assert pin_in_ui(situation, PIN).startswith("switch Raw Compose Deployment off, ") is (situation in RAW)


@pytest.mark.parametrize("situation", Situation)
def test_ways_out(situation: Situation) -> None:
    """An application has two; a stack has no repository, so its file is put there by hand."""
    words = ways_out(situation, PIN, LOCATION)

    if situation is Situation.SERVICE:
        assert words == (
            "Put pin.env into the stack's folder (Storages, a file mount) and delete AGENT_IMAGE from its variables in "
            "Coolify."
        )
        assert copy_it(situation, PIN, LOCATION) == words
    else:
        assert raw_and_preserve(LOCATION) in words
        assert IN_UI in words
        assert copy_it(situation, PIN, LOCATION).startswith("Switch Preserve Repository on and set Base Directory")


def test_a_path_out_of_the_folder() -> None:
    """No base directory fixes that: the file moves."""
    words = move_inside(Situation.RAW_PRESERVED, PIN, LOCATION)

    assert words.startswith("Move pin.env into /docker of the repository (or below it)")
    assert IN_UI in words
    assert "Move pin.env into the folder of the compose file" in move_inside(Situation.RAW, PIN, None)


def test_names_are_made_fit_for_a_terminal() -> None:
    """A file name may hold anything."""
    pin = Pin("A", "app", Path("/x/pin\x1b[2J.env"))

    assert "\x1b" not in move_inside(Situation.RAW, pin, ComposeLocation("/a\x1b", "/b"))
    assert "\x1b" not in ways_out(Situation.SERVICE, pin, None)
