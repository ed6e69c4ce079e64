"""A checkout of the sample with a bare repository as its origin, for the commands that change a pin."""

import subprocess
from collections.abc import Callable
from pathlib import Path

from provision.registry import RegistryClient
from provision.sample import Sample

from tests.real.git import GitRepository

Run = Callable[..., subprocess.CompletedProcess[str]]


class PinSite:
    """The checkout, its remote and the command.

    Args:
        sample: The checkout.
        bare: Where the remote is made.
        run: Runs the command with further arguments.
    """

    def __init__(self, sample: Sample, bare: Path, run: Run) -> None:
        self.sample, self.run = sample, run
        self.git, self.pin = GitRepository(sample.path).git, sample.pin_file
        subprocess.run(["git", "clone", "-q", "--bare", str(sample.path), str(bare)], check=True)
        self.bare = GitRepository(bare)
        self.git("remote", "add", "origin", str(bare))
        self.client = RegistryClient(sample.registry)

    def state(self) -> tuple[str, ...]:
        """What a push must not change."""
        return self.git("rev-parse", "HEAD"), self.git("status", "--porcelain"), self.pin.read_text()
