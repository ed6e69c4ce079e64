"""preflight/pin/deliver.py on a disk without room: nothing changes, nothing is left behind, and later it works."""

import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from provision.errors import ProvisionError

from preflight.errors import CouldNotLook
from preflight.lib.deadline import Deadline
from preflight.pin.deliver import Change, Commit, Destination, Push, WorkTree, deliver
from tests.preflight.pin.site import Site, reference
from tests.real.missing import missing

WAYS: dict[str, Destination] = {"work tree": WorkTree(), "commit": Commit("Pin it"), "push": Push("Pin it", "main")}
SAID = {
    "work tree": "cannot be replaced: no space left on device",
    "commit": "git could not make a commit: no space left on device",
    "push": "origin/main could not store the push",
}


class Disk:
    """A file system of 2 MiB.

    Args:
        path: Where it is mounted.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def fill(self) -> None:
        """Leave no room."""
        with suppress(OSError), (self.path / "filler").open("wb", buffering=0) as file:
            while file.write(b"x" * 4096):
                pass

    def free(self) -> None:
        """Make room again."""
        (self.path / "filler").unlink()


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    """A small tmpfs, which only root can mount."""
    path = tmp_path / "disk"
    path.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=2m", "none", str(path)], capture_output=True, text=True, check=False
    )
    if mounted.returncode != 0:
        missing("no small file system", ProvisionError(mounted.stderr.strip(), "run the tests as root"))
    yield Disk(path)
    subprocess.run(["umount", str(path)], check=True)


def go(site: Site, to: Destination) -> bool:
    """Deliver."""
    change = Change(site.pin, {"AGENT": lambda _: reference("2")})
    return deliver(change, to, site.environ, Deadline.after(60)).changed


@pytest.mark.parametrize("name", WAYS)
def test_the_disk_of_the_repositories(disk: Disk, name: str) -> None:
    """One line says what is wrong; file, index, branch and remote stay; with room again, the same call works."""
    site = Site(disk.path)
    before, names = site.state(), sorted(path.name for path in site.pin.parent.iterdir())
    disk.fill()

    with pytest.raises(CouldNotLook) as caught:
        go(site, WAYS[name])

    disk.free()
    assert SAID[name] in caught.value.message
    assert caught.value.hint
    assert site.state() == before
    assert site.remote_text() == f"# the agent\nAGENT={reference('1')}\n"
    assert sorted(path.name for path in site.pin.parent.iterdir()) == names
    assert not list((site.checkout.path / ".git").rglob("*.lock"))
    assert go(site, WAYS[name])


@pytest.mark.parametrize("name", ["commit", "push"])
def test_the_disk_of_temporary_files(site: Site, disk: Disk, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Likewise; TMPDIR is named."""
    monkeypatch.setattr("tempfile.tempdir", str(disk.path))
    before = site.state()
    disk.fill()

    with pytest.raises(CouldNotLook) as caught:
        go(site, WAYS[name])

    disk.free()
    assert "TMPDIR" in caught.value.hint
    assert site.state() == before
    assert go(site, WAYS[name])
    assert list(disk.path.iterdir()) == []
