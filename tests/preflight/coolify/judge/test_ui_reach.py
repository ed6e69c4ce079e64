"""preflight/coolify/judge/ui_reach.py"""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from preflight.compose.read.locate import ComposeSource
from preflight.coolify.host.deployed import Deployed, read_deployed
from preflight.coolify.judge.parser_rules import Fate
from preflight.coolify.judge.ui_reach import COOLIFYS_OWN, UiEffect, is_coolifys_own, reach_by_fate, reach_of_deployed
from preflight.coolify.resource import Kind, Resource
from preflight.project import ComposeProject, Pin
from tests.real.coolify import Application
from tests.real.coolify.commands import shell_variables
from tests.real.coolify.dotenv import application_dotenv

ENTRY = {"path": "pin.env", "required": False}
ONLY, BEATS, INTERPOLATED, REFERENCED, PATH = UiEffect


def pin_in(folder: Path, text: str = "PIN=x\n") -> Pin:
    """Return the checkout's pin."""
    file = folder / "checkout" / "pin.env"
    file.parent.mkdir(exist_ok=True)
    file.write_text(text)
    return Pin("PIN", "app", file)


def deployed(folder: Path, *, copied: bool = True, **service: Any) -> Deployed:
    """Return what Coolify left in an application's folder, with a copy of the pin file or without."""
    home = folder / "home"
    home.mkdir(exist_ok=True)
    (home / "docker-compose.yaml").write_text(json.dumps({"services": {"app": {"image": "x", **service}}}))
    (home / ".env").write_text("HOST=0.0.0.0\n")
    if copied:
        (home / "pin.env").write_text("PIN=x\n")
    return read_deployed(Resource("uuid", Kind.APPLICATION, home))


@pytest.mark.parametrize(
    ("listed", "copied", "effects", "reads"),
    [
        ([".env"], False, {"PIN": ONLY}, False),
        ([ENTRY], True, {}, True),
        ([ENTRY], False, {}, False),
        ([ENTRY, ".env"], True, {"PIN": BEATS}, True),
        ([ENTRY, ".env"], False, {"PIN": ONLY}, False),
        ([".env", ENTRY], True, {}, True),
        ([".env", ENTRY], False, {"PIN": ONLY}, False),
        (["${DIR:-.}/pin.env"], True, {"DIR": PATH}, True),
        (["${DIR:-gone}/pin.env"], True, {"DIR": PATH}, False),
    ],
    ids=str,
)
def test_what_the_deployed_file_lets_the_ui_do(
    tmp_path: Path,
    listed: list[Any],
    copied: bool,
    effects: dict[str, UiEffect],
    reads: bool,
) -> None:
    """By the order of the entries, and by whether the copy of the pin file is there."""
    reach = reach_of_deployed(deployed(tmp_path, copied=copied, env_file=listed), pin_in(tmp_path))

    assert (reach.effects, reach.reads_file) == (effects, reads)
    assert reach.drops_file is (ONLY in effects.values())


@pytest.mark.parametrize(
    ("environment", "effects"),
    [
        ({"PIN": None}, {"PIN": INTERPOLATED}),
        ({"PIN": "${PIN}"}, {"PIN": INTERPOLATED}),
        ({"PIN": "${NAME}@${DIGEST}"}, {"NAME": INTERPOLATED, "DIGEST": INTERPOLATED}),
        ({"PIN": "written"}, {}),
        ({"OTHER": "${PIN}"}, {}),
    ],
    ids=str,
)
def test_what_environment_takes_from_the_ui(
    tmp_path: Path, environment: dict[str, Any], effects: dict[str, UiEffect]
) -> None:
    """In every mode, since ``--env-file`` feeds interpolation."""
    reach = reach_of_deployed(deployed(tmp_path, env_file=[ENTRY], environment=environment), pin_in(tmp_path))

    assert reach.effects == effects
    assert (reach.entry is not None) is ("PIN" in environment)


def test_what_the_pins_value_takes_from_the_ui(tmp_path: Path) -> None:
    """Also through other lines of the file, and never in a circle; ``format: raw`` interpolates nothing."""
    pin = pin_in(tmp_path, "A=$B\nB=$A$C\nPIN=${A}x\n")

    reach = reach_of_deployed(deployed(tmp_path, env_file=[ENTRY]), pin)
    raw = reach_of_deployed(deployed(tmp_path, env_file=[{**ENTRY, "format": "raw"}]), pin)

    assert reach.effects == dict.fromkeys("ABC", REFERENCED)
    assert raw.effects == {}


@pytest.mark.parametrize(
    ("fate", "effects", "reads"),
    [
        (Fate.KEPT, {"X": REFERENCED}, True),
        (Fate.APPENDED, {"PIN": BEATS, "X": REFERENCED}, True),
        (Fate.REPLACED, {"PIN": ONLY}, False),
        (Fate.REPLACED_WITH_VARIABLES, {"PIN": ONLY}, False),
    ],
)
def test_what_coolify_will_make_of_the_checkout(
    tmp_path: Path,
    fate: Fate,
    effects: dict[str, UiEffect],
    reads: bool,
) -> None:
    """Before anything is deployed, the mode tells."""
    pin = pin_in(tmp_path, "PIN=${X}\n")
    file = pin.file.parent / "compose.yaml"
    file.write_text(json.dumps({"services": {"app": {"image": "x", "env_file": [ENTRY]}}}))

    reach = reach_by_fate(fate, ComposeSource.load(ComposeProject(file.parent, (file,)), {}), pin)

    assert (reach.effects, reach.reads_file) == (effects, reads)


@pytest.mark.parametrize(
    ("name", "application", "service"),
    [
        ("SERVICE_URL_APP", True, True),
        ("SERVICE_NAME_APP", True, True),
        ("COOLIFY_BRANCH", True, False),
        ("SOURCE_COMMIT", True, False),
        ("HOST", True, False),
        ("COOLIFY_CONTAINER_NAME", False, False),
        ("PIN", False, False),
    ],
)
def test_variables_that_coolify_sets_itself(name: str, application: bool, service: bool) -> None:
    """A stack's ``.env`` has fewer of them."""
    assert is_coolifys_own(name, Kind.APPLICATION) is application
    assert is_coolifys_own(name, Kind.SERVICE) is service


def test_coolifys_own_variables_are_those_of_an_application_without_rows() -> None:
    """In ``.env`` and before the command; the rest has a name that only Coolify gives."""
    app = Application(Path(), domains={"app": "https://a.example.org"}, source_commit=True)
    written = f"{application_dotenv(app, ['app'], 'c', 0)} {shell_variables(app, 'c')}"

    found = set(re.findall(r"(?:^|\s)([A-Z_]+)=", written))

    assert {name for name in found if not name.startswith("SERVICE_")} == COOLIFYS_OWN
    assert all(is_coolifys_own(name, Kind.APPLICATION) for name in found)
