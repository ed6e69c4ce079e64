"""A file system without room."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from provision.errors import ProvisionError

from tests.real.missing import missing


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


@contextmanager
def small_disk(path: Path) -> Iterator[Disk]:
    """Mount a small tmpfs at a new folder, which only root can."""
    path.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=2m", "none", str(path)], capture_output=True, text=True, check=False
    )
    if mounted.returncode != 0:
        missing("no small file system", ProvisionError(mounted.stderr.strip(), "run the tests as root"))
    try:
        yield Disk(path)
    finally:
        subprocess.run(["umount", str(path)], check=True)
