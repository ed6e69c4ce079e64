"""preflight/coolify/judge/parser_rules.py"""

import json
from pathlib import Path
from typing import Any

import pytest

from preflight.compose.read.feed import read_feed
from preflight.compose.read.locate import ComposeSource
from preflight.coolify.judge.parser_rules import Fate, fate_of, is_filled_from_ui
from preflight.coolify.resource import Kind, Situation
from preflight.project import ComposeProject, Pin


@pytest.mark.parametrize(
    ("situation", "version", "fate"),
    [
        (Situation.DEFAULT, "4.0.0-beta.290", Fate.KEPT),
        (Situation.DEFAULT, "4.0.0-beta.291", Fate.REPLACED_WITH_VARIABLES),
        (Situation.DEFAULT_PRESERVED, "4.0.0-beta.434", Fate.REPLACED_WITH_VARIABLES),
        (Situation.DEFAULT, "4.0.0-beta.435", Fate.REPLACED),
        (Situation.DEFAULT, "4.0.0", Fate.REPLACED),
        (Situation.DEFAULT_PRESERVED, "4.3.11", Fate.REPLACED),
        (Situation.DEFAULT, None, Fate.REPLACED),
        (Situation.DEFAULT, "nightly", Fate.REPLACED),
        (Situation.RAW, "4.0.0-beta.177", Fate.KEPT),
        (Situation.RAW_PRESERVED, "4.3.11", Fate.KEPT),
        (Situation.SERVICE, "4.0.0-beta.442", Fate.KEPT),
        (Situation.SERVICE, "4.0.0-beta.443", Fate.APPENDED),
        (Situation.SERVICE, None, Fate.APPENDED),
    ],
)
def test_what_becomes_of_env_file(situation: Situation, version: str | None, fate: Fate) -> None:
    """By mode and version; a version that is not known counts as today's."""
    assert fate_of(situation, version) is fate


def test_what_a_fate_means() -> None:
    """Which entries survive, and whether the UI's variables come as a file."""
    assert [each for each in Fate if each.keeps] == [Fate.KEPT, Fate.APPENDED]
    assert [each for each in Fate if not each.brings_variables] == [Fate.KEPT]


def test_what_a_situation_means() -> None:
    """The table of modes."""
    assert [each.keeps_env_file for each in Situation] == [False, False, True, True, True]
    assert [each.copies_repository for each in Situation] == [False, True, False, True, False]
    assert [each.ups_on_host for each in Situation] == [False, True, True, True, True]
    assert [kind.compose_file for kind in Kind] == ["docker-compose.yaml", "docker-compose.yml"]


@pytest.mark.parametrize(
    ("service", "filled"),
    [
        ({"environment": ["PIN"]}, True),
        ({"environment": {"PIN": None}}, True),
        ({"environment": {"PIN": ""}}, True),
        ({"environment": {"PIN": "${PIN:-d}"}}, True),
        ({"environment": {"OTHER": "${PIN:-d}-x"}}, True),
        ({"environment": {"OTHER": "${X:-${PIN}}"}}, True),
        ({"environment": {"OTHER": None}}, False),
        ({"environment": {"PIN": "written", "OTHER": "${PIN}"}}, False),
        ({"build": {"args": ["PIN"]}}, True),
        ({"build": {"args": ["PIN=written"]}}, False),
        ({}, False),
    ],
    ids=str,
)
def test_what_the_parser_fills_from_the_ui(tmp_path: Path, service: dict[str, Any], filled: bool) -> None:
    """It follows the UI; a value that is written out does not."""
    file = tmp_path / "compose.yaml"
    file.write_text(json.dumps({"services": {"app": {"image": "x", **service}}}))
    source = ComposeSource.load(ComposeProject(tmp_path, (file,)), {})

    assert is_filled_from_ui(read_feed(source, Pin("PIN", "app", tmp_path / "pin.env"))) is filled
