"""preflight/pin/deliver.py on a disk without room: nothing changes, nothing is left behind, and later it works."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from preflight.errors import CouldNotLook
from preflight.lib.deadline import Deadline
from preflight.pin.deliver import Change, Commit, Destination, Push, WorkTree, deliver
from tests.preflight.pin.site import Site, reference
from tests.real.disk import Disk, small_disk

WAYS: dict[str, Destination] = {"work tree": WorkTree(), "commit": Commit("Pin it"), "push": Push("Pin it", "main")}
SAID = {
    "work tree": "cannot be replaced: no space left on device",
    "commit": "git could not make a commit: no space left on device",
    "push": "origin/main could not store the push",
}


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    """A disk that can be filled."""
    with small_disk(tmp_path / "disk") as one:
        yield one


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
