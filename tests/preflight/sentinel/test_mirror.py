"""preflight/sentinel/mirror.py and owner.py."""

import os
import subprocess
import tempfile
from pathlib import Path

import pytest

from preflight.errors import CouldNotLook
from preflight.sentinel import mirror as module
from preflight.sentinel import owner
from preflight.sentinel.mirror import Mirror


def test_only_the_changed_files_differ(tmp_path: Path) -> None:
    """All else is read through links, at any height; a file that was not there is there."""
    original = tmp_path / "srv" / "app"
    (original / "docker").mkdir(parents=True)
    (original / "docker/pin.env").write_text("A=1\n")
    (original / "docker/other.env").write_text("B=2\n")
    (tmp_path / "srv/above.env").write_text("C=3\n")
    root = tmp_path / "mirror"
    root.mkdir()
    mirror = Mirror(root)

    mirror.make({original / "docker/pin.env": b"A=9\n", original / "docker/../new.env": b"N=1\n"})

    there = mirror.at(original)
    assert (there / "docker/pin.env").read_text() == "A=9\n"
    assert (there / "new.env").read_text() == "N=1\n"
    assert (there / "docker/other.env").read_text() == "B=2\n"
    assert (there / "docker/other.env").is_symlink()
    assert (there / "../above.env").read_text() == "C=3\n"
    assert (original / "docker/pin.env").read_text() == "A=1\n"
    assert not (original / "new.env").exists()
    assert mirror.outside(str(there / "new.env")) == str(original / "new.env")


def test_absolute_paths_are_led_into_it(tmp_path: Path) -> None:
    """Below the folders that are named, and no others that merely begin alike."""
    mirror = Mirror(tmp_path)
    data = b"a: /srv/app/pin.env\nb: /srv/app2/x\nc: /other/srv/app/x\nd: [/srv/app]\n"

    found = mirror.redirected(data, [Path("/srv/app"), Path("/")])

    inside = str(tmp_path).encode()
    assert found == data.replace(b"a: ", b"a: " + inside).replace(b"[", b"[" + inside)


def test_folders_that_are_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One clear line, not a million links."""
    monkeypatch.setattr(module, "MAX_LINKS", 3)
    with pytest.raises(CouldNotLook, match="hold more than 3 files"):
        Mirror(tmp_path).make({Path("/etc/nothing.env"): b""})


def test_no_room(tmp_path: Path) -> None:
    """One clear line."""
    with pytest.raises(CouldNotLook, match="a copy of the project cannot be made"):
        Mirror(Path("/proc/none")).make({tmp_path / "x": b""})


def test_nobody_else_is_taken_for_dead() -> None:
    """This process lives; one that has ended does not; of what cannot be seen from here nothing is said."""
    done = subprocess.run(["true"], check=True)
    assert done.returncode == 0
    space, pid, started = owner.me().split(".")
    assert pid == str(os.getpid())
    assert not owner.is_left(owner.me())
    assert not owner.is_left("unknown.4194303.1")
    assert owner.is_left(f"{space}.{pid}.{int(started) - 1}")
    assert owner.is_left(f"{space}.4194303.1")
    for foreign in (f"other.{pid}.1", "", "a.b.c", f"{space}.{pid}", "../..", "x" * 5000):
        assert not owner.is_left(foreign)


def test_only_own_leftovers_are_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither a link of that name nor what a living process uses; links inside are not followed."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    keep = tmp_path / "keep"
    keep.mkdir()
    (keep / "file").write_text("x")
    space = owner.me().split(".")[0]
    dead = tmp_path / f"{owner.PREFIX}{space}.4194303.1.abc"
    dead.mkdir()
    (dead / "link").symlink_to(keep)
    (tmp_path / f"{owner.PREFIX}{space}.4194303.2.abc").symlink_to(keep)
    mine = owner.temporary_folder()

    assert owner.remove_left_folders() == 1
    assert (keep / "file").exists()
    assert mine.exists()
    assert not dead.exists()
    owner.remove_own_folders()
    assert not mine.exists()


def test_no_temporary_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    """One clear line."""
    monkeypatch.setattr(tempfile, "tempdir", "/proc/nothing")
    with pytest.raises(CouldNotLook, match="no temporary folder can be made"):
        owner.temporary_folder()


def test_without_proc_nobody_is_taken_for_dead(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is removed then, but by hand."""

    def refuse(*_: object, **__: object) -> str:
        raise OSError

    monkeypatch.setattr(Path, "read_text", refuse)
    assert owner.me() == f"unknown.{os.getpid()}."
    assert not owner.is_left(owner.me())
    assert not owner.is_left("unknown.4194303.1")
