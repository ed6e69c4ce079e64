"""docker/zipapp_preamble.py; what docker/zipapp.sh writes is tried in tests/collection/test_install.py."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("python", "says"),
    [
        ("sys.hexversion = 0x030a00f0", "needs Python 3.11 or later"),
        (
            "importlib.machinery.EXTENSION_SUFFIXES[:] = ['.other.so']",
            "this file is for x.so, and this Python loads other.so",
        ),
    ],
    ids=["older", "other"],
)
def test_a_python_that_cannot_run_the_zipapp_is_told_so(tmp_path: Path, python: str, says: str) -> None:
    """The first thing that runs in the file says it in plain words."""
    (tmp_path / "re2").mkdir()
    (tmp_path / "re2" / "_re2.x.so").touch()
    (tmp_path / "bin").mkdir()
    preamble = shutil.copy(ROOT / "docker" / "zipapp_preamble.py", tmp_path / "bin")
    code = f"import importlib.machinery, runpy, sys; {python}; runpy.run_path({str(preamble)!r})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)

    assert (done.returncode, done.stdout) == (3, "")
    assert says in done.stderr
