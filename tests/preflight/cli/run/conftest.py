"""A check that does as it is told, and what runs it."""

from pathlib import Path

import pytest

from tests.preflight.cli.run.runner import CHECK, Runner
from tests.real.cli import PreflightCli


@pytest.fixture
def told(tmp_path: Path) -> Path:
    """Return a folder with one check that does as it is told."""
    folder = tmp_path / "more"
    folder.mkdir()
    (folder / "told.py").write_text(CHECK.format(needs=""))
    return folder


@pytest.fixture
def run(preflight_cli: PreflightCli, told: Path, tmp_path: Path) -> Runner:
    """Return the runner, standing in an empty folder."""
    cwd = tmp_path / "cwd"
    cwd.mkdir()
    return Runner(preflight_cli, told, cwd)
