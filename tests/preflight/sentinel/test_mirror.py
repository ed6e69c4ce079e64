"""preflight/sentinel/mirror.py"""

from pathlib import Path

import pytest

from preflight.errors import CouldNotLook
from preflight.sentinel import mirror as module
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
