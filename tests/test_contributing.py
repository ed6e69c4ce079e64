"""CONTRIBUTING.md: the package that authors of checks paste is installed as it is written there, and works."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.fakes.packages import install
from tests.real.cli import PreflightCli

ROOT = Path(__file__).resolve().parents[1]
ID = "acme-pin-mode"
COMPOSE = "services:\n  app:\n    image: $APP_IMAGE\n    env_file: [app-image-pin.env]\n"


class Installed(NamedTuple):
    """The package on disk: its files, and the path that finds it, as an installer would have it."""

    folder: Path
    path: str


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """The package of the document. What pip would do, without a network: its files and its entry points on the path."""
    folder = tmp_path_factory.mktemp("acme-preflight")
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    files = dict(re.findall(r"^\*\*`([^`]+)`\*\*\n\n```\w+\n(.*?)^```$", text, re.MULTILINE | re.DOTALL))
    project = tomllib.loads(files["pyproject.toml"])["project"]
    install(folder, "acme_preflight", project["entry-points"]["preflight.checks"], files, version=project["version"])
    return Installed(folder, os.pathsep.join((str(ROOT), str(folder))))


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project whose pin file everybody can change."""
    (tmp_path / "compose.yaml").write_text(COMPOSE)
    pin = tmp_path / "app-image-pin.env"
    pin.write_text(f"APP_IMAGE=ghcr.io/acme/app@sha256:{'a' * 64}\n")
    pin.chmod(0o666)
    return tmp_path


def test_it_uses_only_what_is_stable(package: Installed) -> None:
    """Of this project: `preflight` and `preflight.testing`."""
    sources = "".join(file.read_text() for file in package.folder.rglob("*.py"))
    imported = set(re.findall(r"^ *(?:from|import) ((?:preflight|checks|tests)\b\S*)", sources, re.MULTILINE))

    assert imported == {"preflight", "preflight.testing"}


def test_its_own_tests_pass(package: Installed, tmp_path: Path) -> None:
    """As its author runs them."""
    environ = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "PYTHONPATH": package.path}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests"]
    done = subprocess.run(command, cwd=package.folder, env=environ, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr
    assert "6 passed" in done.stdout


def test_its_types_are_right(package: Installed, tmp_path: Path) -> None:
    """For its author, too, who has our types from the wheel."""
    command = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(tmp_path), "acme_preflight", "tests"]
    environ = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "MYPYPATH": package.path}
    done = subprocess.run(command, cwd=package.folder, env=environ, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr


def test_the_commands_know_it(package: Installed, preflight_cli: PreflightCli, tmp_path: Path) -> None:
    """`list` beside the built-in ones, and `explain` with its settings."""
    env = {"PYTHONPATH": package.path, "COLUMNS": "200"}

    listed = preflight_cli("list", cwd=tmp_path, env=env)
    explained = preflight_cli("explain", ID, cwd=tmp_path, env=env)

    assert (listed.returncode, explained.returncode) == (0, 0)
    assert f"{ID} " in listed.stdout
    assert "pin-file " in listed.stdout
    for words in (f"{ID}: Only its owner can change the pin file", "Remove the permission", "allow_group"):
        assert words in explained.stdout


def test_it_judges_and_can_be_configured(package: Installed, preflight_cli: PreflightCli, project: Path) -> None:
    """With its settings from preflight.yaml, in which a mistake is named with its line."""
    env = {"PYTHONPATH": package.path, "COLUMNS": "200"}

    failed = preflight_cli("run", "--only", ID, cwd=project, env=env)
    (project / "app-image-pin.env").chmod(0o664)
    (project / "preflight.yaml").write_text(f"checks:\n  {ID}: {{allow_group: true}}\n")
    passed = preflight_cli("run", "--only", ID, cwd=project, env=env)
    (project / "preflight.yaml").write_text(f"checks:\n  {ID}: {{allow_all: true}}\n")
    refused = preflight_cli("run", "--only", ID, cwd=project, env=env)

    assert failed.returncode == 1, failed.stdout + failed.stderr
    assert "app-image-pin.env has the permissions rw-rw-rw-" in failed.stdout
    assert "chmod go-w app-image-pin.env" in failed.stdout
    assert passed.returncode == 0, passed.stdout + passed.stderr
    assert refused.returncode == 2
    assert f"preflight.yaml:2: unknown key allow_all in checks.{ID}" in refused.stderr


def test_the_shape_names_every_room() -> None:
    """A newcomer finds a folder's purpose there."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    shape = text[text.index("## The shape") : text.index("## Words")]

    rooms = {file.parent.name for file in (ROOT / "preflight").glob("*/__init__.py")}
    assert rooms - {*re.findall(r"\b([a-z]+)/", shape)} == set()
