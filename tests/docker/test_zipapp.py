"""docker/zipapp.sh: the tool in one file."""

import subprocess
from pathlib import Path

import pytest

from preflight.version import __version__

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.soak
def test_one_file_runs_where_there_is_only_python(tmp_path: Path) -> None:
    """With an empty environment, in an empty folder, checks included."""
    file = tmp_path / "preflight.pyz"
    subprocess.run(["sh", "docker/zipapp.sh", str(file)], cwd=ROOT, check=True, capture_output=True, timeout=600)
    clean = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "LC_ALL": "C.UTF-8"}

    def said(*words: str) -> str:
        argv = [str(file), *words]
        done = subprocess.run(argv, cwd=tmp_path, env=clean, capture_output=True, text=True, timeout=120, check=True)
        return done.stdout

    assert said("--version") == f"preflight {__version__}\n"
    assert "pin-file" in said("list")
