"""preflight/lib/exchange.py: on a real file system; a full one is in tests/preflight/pin/test_full_disk.py."""

import multiprocessing
import os
from pathlib import Path

import pytest

from preflight.errors import CouldNotLook
from preflight.lib.exchange import exchange, folder_lock


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file with content and permissions of its own."""
    path = tmp_path / "pin.env"
    path.write_bytes(b"old\n")
    path.chmod(0o640)
    return path


def test_the_content_is_exchanged_and_all_else_stays(file: Path) -> None:
    """Permissions, owner, extended attributes; nothing is left beside it."""
    os.setxattr(file, "user.note", b"kept")
    with folder_lock(file):
        exchange(file, b"old\n", b"new\n")
    assert file.read_bytes() == b"new\n"
    assert file.stat().st_mode & 0o777 == 0o640
    assert os.getxattr(file, "user.note") == b"kept"
    assert [path.name for path in file.parent.iterdir()] == ["pin.env"]


def test_a_file_that_somebody_else_changed(file: Path) -> None:
    """It is left alone."""
    with pytest.raises(CouldNotLook, match="changed meanwhile; it was left alone"):
        exchange(file, b"something else\n", b"new\n")
    assert file.read_bytes() == b"old\n"
    assert len(list(file.parent.iterdir())) == 1


def test_a_read_only_file(file: Path) -> None:
    """Whoever took the permission away meant it, though root could write."""
    file.chmod(0o444)
    with pytest.raises(CouldNotLook, match="is read-only"):
        exchange(file, b"old\n", b"new\n")
    assert file.read_bytes() == b"old\n"


def test_a_file_that_is_not_there(file: Path) -> None:
    """Said with the system's reason."""
    file.unlink()
    with pytest.raises(CouldNotLook, match="cannot be replaced: no such file or directory"):
        exchange(file, b"old\n", b"new\n")


def test_what_a_killed_run_left_is_removed(file: Path) -> None:
    """Also a link that somebody put in its place: its target stays."""
    precious = file.with_name("precious")
    precious.write_bytes(b"precious")
    file.with_name(".pin.env.preflight").symlink_to(precious)
    exchange(file, b"old\n", b"new\n")
    assert (file.read_bytes(), precious.read_bytes()) == (b"new\n", b"precious")
    assert not file.is_symlink()


def _append(path: Path, letter: bytes) -> None:
    with folder_lock(path):
        before = path.read_bytes()
        exchange(path, before, before + letter)


def test_the_lock_lets_one_in_at_a_time(file: Path) -> None:
    """What each of several processes read, nobody else changes until it wrote."""
    with multiprocessing.get_context("fork").Pool(4) as pool:
        pool.starmap(_append, [(file, bytes([letter])) for letter in b"abcdefgh"])
    assert sorted(file.read_bytes()) == sorted(b"old\nabcdefgh")


def test_a_lock_that_is_held_too_long(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error, after some patience."""
    monkeypatch.setattr("preflight.lib.exchange._PATIENCE_S", 0.0)
    other = folder_lock(file)
    with folder_lock(file), pytest.raises(CouldNotLook, match="another preflight is changing"):
        other.__enter__()


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    """The lock needs it."""
    other = folder_lock(tmp_path / "none" / "pin.env")
    with pytest.raises(CouldNotLook, match="cannot be replaced"):
        other.__enter__()
