"""The arrows between modules, read from their imports."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ENGINE = sorted((ROOT / "preflight").rglob("*.py"))
CHECKS = sorted((ROOT / "checks").glob("*.py"))

ONE_DOOR = {
    "click": "preflight/cli/",
    "docker": "preflight/engine/sdk.py",
    "ruamel": "preflight/compose/yamlfile.py",
    "semver": "preflight/versions.py",
    "subprocess": "preflight/process.py",
    "tabulate": "preflight/reporters/columns.py",
    "urllib3": "preflight/registry/http.py",
    "yaml": "preflight/yamldata.py",
}
"""Library to the one place that may import it."""

LEAVES = ("preflight/model.py", "preflight/errors.py", "preflight/text.py", "preflight/version.py")
"""Words everyone may use: they import nothing of ours."""


def imports(file: Path) -> Iterator[str]:
    """Yield every module the file imports, at any depth."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def name(file: Path) -> str:
    """Return the file's path in the repository."""
    return str(file.relative_to(ROOT))


@pytest.mark.parametrize("file", CHECKS, ids=name)
def test_checks_import_only_the_front_door(file: Path) -> None:
    """A check reaches into nothing: everything it may use is in `preflight`."""
    inner = [module for module in imports(file) if module.split(".")[0] in ("preflight", "checks", "tests")]

    assert set(inner) <= {"preflight"}


@pytest.mark.parametrize("file", ENGINE, ids=name)
def test_the_engine_imports_no_check(file: Path) -> None:
    """Built-in checks are found like anybody's own."""
    assert not [module for module in imports(file) if module.split(".")[0] in ("checks", "tests")]


def test_the_engine_names_no_check() -> None:
    """No module of the engine knows a check by its id or file."""
    ids = [file.stem for file in CHECKS if not file.name.startswith("_")]
    ids += [stem.replace("_", "-") for stem in ids]
    named = {
        (name(file), node.value)
        for file in ENGINE
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in ids
    }

    assert named == set()


@pytest.mark.parametrize("file", [*ENGINE, *CHECKS], ids=name)
def test_each_outside_thing_has_one_door(file: Path) -> None:
    """A library is imported in one place only."""
    for module in imports(file):
        door = ONE_DOOR.get(module.split(".")[0])
        assert door is None or name(file).startswith(door), f"{module} is imported in {name(file)}"


@pytest.mark.parametrize("leaf", LEAVES)
def test_the_words_import_nothing_of_ours(leaf: str) -> None:
    """What everyone may import cannot loop."""
    assert not [module for module in imports(ROOT / leaf) if module.startswith("preflight")]


def test_nobody_but_main_imports_the_command_line() -> None:
    """The command line only wires."""
    for file in ENGINE:
        if not name(file).startswith(("preflight/cli/", "preflight/__main__.py")):
            assert not [module for module in imports(file) if module.startswith("preflight.cli")], name(file)


def test_no_process_is_started_through_a_shell() -> None:
    """No keyword ``shell`` anywhere, and none of the calls that imply one."""
    for file in [*ENGINE, *CHECKS]:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.keyword):
                assert node.arg != "shell", name(file)
            if isinstance(node, ast.Attribute):
                assert node.attr not in ("system", "popen"), name(file)
