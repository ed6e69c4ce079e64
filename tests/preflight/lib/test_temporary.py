"""preflight/lib/temporary.py"""

import os
import subprocess
import tempfile
from pathlib import Path

import pytest

from preflight.errors import CouldNotLook
from preflight.lib.temporary import is_left, me, remove_left_folders, remove_own_folders, temporary_folder


def test_nobody_else_is_taken_for_dead() -> None:
    """This process lives; one that has ended does not; of what cannot be seen from here nothing is said."""
    done = subprocess.run(["true"], check=True)
    assert done.returncode == 0
    space, pid, started = me().split(".")
    assert pid == str(os.getpid())
    assert not is_left(me())
    assert not is_left("unknown.4194303.1")
    assert is_left(f"{space}.{pid}.{int(started) - 1}")
    assert is_left(f"{space}.4194303.1")
    for foreign in (f"other.{pid}.1", "", "a.b.c", f"{space}.{pid}", "../..", "x" * 5000):
        assert not is_left(foreign)


def test_only_own_leftovers_are_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither a link of that name, nor another kind, nor what a living process uses; links inside are not followed."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    keep = tmp_path / "keep"
    keep.mkdir()
    (keep / "file").write_text("x")
    space = me().split(".")[0]
    dead = tmp_path / f"preflight-x-{space}.4194303.1.abc"
    dead.mkdir()
    (dead / "link").symlink_to(keep)
    (tmp_path / f"preflight-x-{space}.4194303.2.abc").symlink_to(keep)
    other = tmp_path / f"preflight-y-{space}.4194303.1.abc"
    other.mkdir()
    mine = temporary_folder("x")

    assert remove_left_folders("x") == 1
    assert (keep / "file").exists()
    assert mine.exists()
    assert not dead.exists()
    assert other.exists()
    remove_own_folders("x")
    assert not mine.exists()


def test_no_temporary_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    """One clear line."""
    monkeypatch.setattr(tempfile, "tempdir", "/proc/nothing")
    with pytest.raises(CouldNotLook, match="no temporary folder can be made"):
        temporary_folder("x")


def test_without_proc_nobody_is_taken_for_dead(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is removed then, but by hand."""

    def refuse(*_: object, **__: object) -> str:
        raise OSError

    monkeypatch.setattr(Path, "read_text", refuse)
    assert me() == f"unknown.{os.getpid()}."
    assert not is_left(me())
    assert not is_left("unknown.4194303.1")
