"""preflight/coolify/judge/ui_rows.py"""

import json
from pathlib import Path
from typing import Any

import pytest

from preflight.compose.read.locate import ComposeSource
from preflight.coolify.judge.ui_rows import RowHolder, find_row_holders, remove_row
from preflight.project import ComposeProject


def holders(folder: Path, **services: Any) -> tuple[RowHolder, ...]:
    """Return what keeps PIN in the UI."""
    file = folder / "compose.yaml"
    file.write_text(json.dumps({"services": {name: {"image": "x", **each} for name, each in services.items()}}))
    return find_row_holders(ComposeSource.load(ComposeProject(folder, (file,)), {}), "PIN")


@pytest.mark.parametrize(
    ("service", "found"),
    [
        ({}, ()),
        ({"environment": {"PIN": "${PIN}"}}, (RowHolder("app", "PIN"),)),
        ({"environment": {"PIN": "written"}}, (RowHolder("app", "PIN"),)),
        ({"environment": ["PIN"]}, (RowHolder("app", "PIN"),)),
        ({"environment": {"OTHER": "${PIN:-d}"}}, (RowHolder("app", "OTHER"),)),
        ({"environment": {"OTHER": "${X:-${PIN}}"}}, (RowHolder("app", "OTHER"),)),
        ({"environment": {"OTHER": "$$PIN", "PINS": "x"}}, ()),
        ({"environment": ["OTHER=${PIN}", "OTHER=x"]}, ()),
        ({"build": {"args": {"PIN": "x"}}}, (RowHolder("app", "PIN", is_build_arg=True),)),
        ({"build": {"args": ["OTHER=${PIN}"]}}, (RowHolder("app", "OTHER", is_build_arg=True),)),
        ({"env_file": ["${PIN}.env"], "command": "${PIN}"}, ()),
    ],
    ids=str,
)
def test_lines_that_keep_a_variable(tmp_path: Path, service: dict[str, Any], found: tuple[RowHolder, ...]) -> None:
    """Those of `environment:` and of build arguments that have it, or whose value takes it."""
    assert holders(tmp_path, app=service) == found


def test_every_service_counts(tmp_path: Path) -> None:
    """The UI asks for all of them."""
    found = holders(tmp_path, web={"environment": {"PIN": None}}, db={}, job={"environment": {"X": "$PIN"}})

    assert found == (RowHolder("web", "PIN"), RowHolder("job", "X"))


def test_how_to_be_rid_of_it() -> None:
    """The lines first; without any it can simply be deleted."""
    held = (RowHolder("web", "PIN"), RowHolder("job", "X"), RowHolder("app", "PIN", is_build_arg=True))
    first = (
        "Take PIN out of environment: of web, ${PIN} out of X in environment: of job, PIN out of build: args: of app"
    )

    assert remove_row("PIN", ()) == "Delete PIN in Coolify (Environment Variables)."
    assert remove_row("PIN", held) == f"{first}; once that is deployed, delete PIN in Coolify's UI."
    assert remove_row("PIN", held * 2) == f"{first} and 3 more; once that is deployed, delete PIN in Coolify's UI."
