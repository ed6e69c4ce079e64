"""The arrows between modules, read from their imports."""

import ast
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ENGINE = sorted((ROOT / "preflight").rglob("*.py"))
CHECKS = sorted((ROOT / "checks").glob("*.py"))

ONE_DOOR = {
    "click": "preflight/cli/",
    "ansible": "preflight/fleet/settings.py",
    "ansible_runner": "preflight/fleet/",
    "apprise": "preflight/notify/",
    "docker": "preflight/engine/sdk.py",
    "jinja2": "preflight/run/reporters/",
    "junitparser": "preflight/run/reporters/",
    "prometheus_client": "preflight/run/reporters/",
    "re2": "preflight/lib/patterns.py",
    "ruamel": "preflight/lib/yamlfile.py",
    "semver": "preflight/lib/versions.py",
    "sqlite3": "preflight/history/",
    "subprocess": "preflight/lib/process.py",
    "tabulate": "preflight/run/reporters/columns.py",
    "urllib3": "preflight/http/",
    "yaml": "preflight/lib/yamldata.py",
}
"""Library to the one place that may import it."""

STOREYS = (
    ("preflight.lib.records",),
    ("preflight.version", "preflight.model"),
    ("preflight.errors", "preflight.failures", "preflight.report"),
    ("preflight.lib",),
    ("preflight.project", "preflight.envfile", "preflight.http"),
    ("preflight.git", "preflight.engine", "preflight.registry", "preflight.github"),
    ("preflight.compose.labels",),
    ("preflight.compose.read",),
    ("preflight.compose.ask",),
    ("preflight.coolify.settings", "preflight.coolify.resource"),
    ("preflight.coolify.api",),
    ("preflight.coolify.host",),
    ("preflight.coolify.door",),
    ("preflight.context",),
    ("preflight.check",),
    ("preflight",),
    ("preflight.pins",),
    ("preflight.compose.shadow",),
    ("preflight.releases", "preflight.images"),
    ("preflight.running", "preflight.signed", "preflight.workflows"),
    ("preflight.receipts",),
    ("preflight.coolify.judge",),
    ("checks",),
    ("preflight.run",),
    ("preflight.history",),
    (
        "preflight.fleet",
        "preflight.hook",
        "preflight.install",
        "preflight.notify",
        "preflight.pin",
        "preflight.sentinel",
    ),
    ("preflight.cli",),
    ("preflight.__main__", "preflight.testing"),
)
"""The rooms from the ground up. A module imports only from storeys below its own, or from its own room."""

PLACES = {room: storey for storey, rooms in enumerate(STOREYS) for room in rooms}

GROUPS = {"preflight.compose", "preflight.coolify"}
"""Folders that hold rooms of several storeys; their ``__init__.py`` imports nothing."""


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


def module(file: Path) -> str:
    """Return the dotted name of a file's module."""
    return ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


MODULES = {module(file): file for file in [*ENGINE, *CHECKS]}


def room(name_of_module: str) -> str:
    """Return the room a module is in; the root package is a room of its own."""
    if name_of_module in PLACES:
        return name_of_module
    parts = name_of_module.split(".")
    fitting = (".".join(parts[:length]) for length in range(len(parts) - 1, 0, -1))
    return next(name for name in fitting if name in PLACES and name != "preflight")


def ours(file: Path) -> set[str]:
    """Return the modules of this project that a file imports, for types only or in a function as well."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names} & MODULES.keys()
        elif isinstance(node, ast.ImportFrom) and node.module:
            inner = {f"{node.module}.{alias.name}" for alias in node.names} & MODULES.keys()
            found |= inner
            if len(inner) < len(node.names):
                found |= {node.module} & MODULES.keys()
    return found


@pytest.mark.parametrize("file", [*ENGINE, *CHECKS], ids=name)
def test_imports_point_down(file: Path) -> None:
    """A module imports from its own room and from storeys below, types included."""
    if module(file) in GROUPS:
        assert not ours(file)
        return
    here = room(module(file))
    upwards = {other for other in ours(file) if room(other) != here and PLACES[room(other)] >= PLACES[here]}

    assert not upwards, f"{module(file)} (room {here}) imports from the same storey or above"


def test_no_module_imports_itself_in_a_circle() -> None:
    """Inside a room, too, no two modules need each other, be it for a type."""
    arrows = {module(file): ours(file) for file in MODULES.values()}

    assert list(TopologicalSorter(arrows).static_order())


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


def test_records_take_the_place_of_dataclasses() -> None:
    """No module but that of the records has code generated at import: 200 dataclasses cost half a run's CPU time."""
    making = {
        name(file)
        for file in [*ENGINE, *CHECKS]
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module == "dataclasses"
        if any(alias.name == "dataclass" for alias in node.names)
    }

    assert making == {"preflight/lib/records.py"}


def test_no_process_is_started_through_a_shell() -> None:
    """No keyword ``shell`` anywhere, and none of the calls that imply one."""
    for file in [*ENGINE, *CHECKS]:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.keyword):
                assert node.arg != "shell", name(file)
            if isinstance(node, ast.Attribute):
                assert node.attr not in ("system", "popen"), name(file)
