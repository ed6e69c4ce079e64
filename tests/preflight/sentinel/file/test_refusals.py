"""preflight/sentinel/file.py: files that cannot be armed, and trouble while writing."""

import errno
import fcntl
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest

from preflight.errors import CouldNotLook
from preflight.sentinel import arm, disarm
from tests.preflight.sentinel.file.pins import PIN, SHAPES


def test_links_in_a_circle_are_refused(tmp_path: Path) -> None:
    """In one line."""
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    with pytest.raises(CouldNotLook, match="cannot be followed"):
        arm(tmp_path / "a")


def test_no_file_is_refused(tmp_path: Path) -> None:
    """Arming makes no file."""
    with pytest.raises(CouldNotLook, match="there is no file"):
        arm(tmp_path / "none.env")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"A='\n", "is opened and never closed"),
        (b"\xff\xfe", "is not UTF-8 text"),
        (b"A=1\n" * 300_000, "is larger than"),
    ],
    ids=["unterminated", "binary", "large"],
)
def test_a_file_that_is_no_env_file_is_left_alone(pin: Path, data: bytes, words: str) -> None:
    """Compose would refuse it, armed or not."""
    pin.write_bytes(data)
    with pytest.raises(CouldNotLook, match=words):
        arm(pin)
    assert pin.read_bytes() == data


def test_a_folder_is_refused(tmp_path: Path) -> None:
    """A folder where a file is due."""
    with pytest.raises(CouldNotLook, match="is a directory"):
        arm(tmp_path)


def test_a_read_only_file_is_left_alone(pin: Path) -> None:
    """Somebody meant it, even where we could."""
    pin.chmod(0o444)
    with pytest.raises(CouldNotLook, match="is read-only") as caught:
        arm(pin)
    assert "chmod u+w" in caught.value.hint
    assert pin.read_bytes() == SHAPES["plain"]


def test_a_read_only_folder_is_reported(tmp_path: Path) -> None:
    """As another user, since root may write everywhere."""
    folder = tmp_path / "locked"
    folder.mkdir()
    pin = folder / "pin.env"
    pin.write_bytes(PIN)
    for path in (tmp_path, *tmp_path.parents):
        if os.geteuid() == 0 and Path(tempfile.gettempdir()) in path.parents:
            path.chmod(0o755)
    folder.chmod(0o555)
    try:
        said = _as_nobody(f"from preflight.sentinel import arm; from pathlib import Path; arm(Path({str(pin)!r}))")
        assert "CouldNotLook" in said
        assert "cannot be replaced: permission denied; it was left alone" in said
        assert [path.name for path in folder.iterdir()] == ["pin.env"]
    finally:
        folder.chmod(0o755)


def _as_nobody(code: str) -> str:
    """Run code as a user without rights (as ourselves, unless root); return what it wrote to standard error."""
    drop = "import os; os.geteuid() == 0 and os.setuid(65534)\n"
    load = "from preflight.sentinel import arm\nimport encodings.utf_8_sig, traceback\n"  # while it may read them
    done = subprocess.run(
        [sys.executable, "-c", load + drop + code], capture_output=True, text=True, timeout=60, check=False
    )
    return done.stderr


def test_what_a_killed_one_left_is_cleared_away(pin: Path) -> None:
    """And nothing but that."""
    stale = pin.with_name(".pin.env.preflight")
    stale.write_bytes(b"half")
    other = pin.with_name(".pin.env.swp")
    other.write_bytes(b"an editor's")

    arm(pin)

    assert sorted(path.name for path in pin.parent.iterdir()) == [".pin.env.swp", "pin.env"]


def test_something_that_is_no_leftover_is_not_cleared_away(pin: Path) -> None:
    """A folder of that name is reported, the file left alone."""
    pin.with_name(".pin.env.preflight").mkdir()
    with pytest.raises(CouldNotLook, match="cannot be replaced"):
        arm(pin)
    assert pin.read_bytes() == SHAPES["plain"]


@pytest.mark.parametrize("name", ["open", "fsync", "fchmod", "setxattr"])
def test_whatever_cannot_be_done_leaves_the_old_file(pin: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """A full disk, a read-only mount, an attribute that must not be lost: one clear line, and no leftovers."""
    real = getattr(os, name)

    def fail(*arguments: Any, **named: Any) -> Any:
        if name == "open" and ".preflight" not in str(arguments[0]):
            return real(*arguments, **named)
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "listxattr", lambda _path: ["user.note"])
    monkeypatch.setattr(os, "getxattr", lambda _path, _name: b"keep")
    monkeypatch.setattr(os, name, fail)
    with pytest.raises(CouldNotLook, match="cannot be replaced: no space left on device; it was left alone"):
        arm(pin)
    monkeypatch.undo()
    assert pin.read_bytes() == SHAPES["plain"]
    assert [path.name for path in pin.parent.iterdir()] == ["pin.env"]


def test_attributes_of_the_system_may_stay_behind(pin: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only root may set them; the folder gives the new file its own. So may those of a system without any."""

    def refuse(*_arguments: Any) -> Any:
        raise PermissionError(errno.EPERM, "")

    monkeypatch.setattr(os, "listxattr", lambda _path: ["security.selinux"])
    monkeypatch.setattr(os, "getxattr", refuse)
    assert arm(pin).changed
    monkeypatch.setattr(os, "listxattr", refuse)
    assert disarm(pin).changed


def test_a_folder_that_cannot_be_locked(pin: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some network file systems know no locks."""

    def refuse(*_arguments: Any) -> Any:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(fcntl, "flock", refuse)
    with pytest.raises(CouldNotLook, match="no locks available"):
        arm(pin)


def test_a_folder_that_cannot_be_opened(pin: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It may be entered, but not read."""
    real = os.open

    def refuse(path: Any, *arguments: Any, **named: Any) -> Any:
        if Path(path) == pin.parent:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        return real(path, *arguments, **named)

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(CouldNotLook, match="permission denied"):
        arm(pin)
