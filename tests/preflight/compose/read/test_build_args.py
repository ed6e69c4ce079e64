"""preflight/compose/read/build_args.py"""

import json
from pathlib import Path

import pytest

from preflight.compose.read.build_args import BuildArg, find_build_arg, find_build_args
from preflight.compose.read.locate import ComposeSource
from preflight.project import ComposeProject


def source_of(folder: Path, *arguments: object) -> ComposeSource:
    """Return compose files laid one over the other, each with these ``args``."""
    files = []
    for number, each in enumerate(arguments):
        files.append(folder / f"{number}.yaml")
        files[-1].write_text(json.dumps({"services": {"app": {"image": "x", "build": {"args": each}}}}))
    return ComposeSource.load(ComposeProject(folder, tuple(files)), {})


@pytest.mark.parametrize(
    ("arguments", "value", "fixed"),
    [
        ({"PIN": "old"}, "old", True),
        (["PIN=old"], "old", True),
        ({"PIN": "${OTHER}"}, "${OTHER}", True),
        ({"PIN": None}, None, False),
        (["PIN"], None, False),
        ({"PIN": ""}, "", False),
        (["PIN="], "", False),
        ({"PIN": "${PIN:-x}"}, "${PIN:-x}", False),
    ],
    ids=str,
)
def test_a_build_argument_in_either_form(
    tmp_path: Path,
    arguments: object,
    value: str | None,
    fixed: bool,
) -> None:
    """As a map or a list; it is fixed where it has a value in which its own variable does not occur."""
    found = find_build_arg(source_of(tmp_path, arguments), "app", "PIN")

    assert found == BuildArg("PIN", value)
    assert found.is_fixed is fixed


def test_no_such_build_argument(tmp_path: Path) -> None:
    """Another name, another service, or no build at all."""
    source = source_of(tmp_path, {"OTHER": "x"})

    assert find_build_arg(source, "app", "PIN") is None
    assert find_build_arg(source, "web", "OTHER") is None
    (tmp_path / "0.yaml").write_text("services: {app: {image: x, build: .}}\n")
    assert find_build_arg(ComposeSource.load(ComposeProject(tmp_path, (tmp_path / "0.yaml",)), {}), "app", "A") is None


def test_a_later_compose_file_counts(tmp_path: Path) -> None:
    """As Compose lays them one over the other."""
    assert find_build_arg(source_of(tmp_path, {"PIN": "a"}, ["PIN=b"]), "app", "PIN") == BuildArg("PIN", "b")
    assert find_build_arg(source_of(tmp_path, {"PIN": "a"}, {"OTHER": "b"}), "app", "PIN") == BuildArg("PIN", "a")


def test_all_build_arguments(tmp_path: Path) -> None:
    """Of several compose files, each name once."""
    source = source_of(tmp_path, {"A": "1", "B": None}, ["B=2", "C"])

    assert find_build_args(source, "app") == (BuildArg("A", "1"), BuildArg("B", "2"), BuildArg("C", None))
