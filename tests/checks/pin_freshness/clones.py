"""A remote, the clone of a developer and that of the host."""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from checks.pin_freshness import PinFreshness, Settings
from preflight.context import Options
from preflight.git.door import Git
from preflight.model import Finding, Stage
from preflight.project import Pin
from preflight.testing import fake_context, run_check
from tests.real.git import GIT_ENVIRON, GitRepository

ENVIRON = {"PATH": os.environ.get("PATH", os.defpath), **GIT_ENVIRON}
FILE = "docker/pin.env"
NAME = "AGENT_IMAGE"


def pin(number: int) -> str:
    """Return the text of a pin file."""
    return f"{NAME}=ghcr.io/acme/agent@sha256:{number:064x}\n"


def look(
    path: Path,
    *,
    files: tuple[str, ...] = (FILE,),
    environ: dict[str, str] | None = None,
    stage: Stage = Stage.BEFORE,
    **settings: Any,
) -> list[Finding]:
    """Run the check as an operator who stands in ``path``."""
    pins = tuple(Pin(NAME, "app", path / file) for file in files)
    used = environ or ENVIRON
    ctx = fake_context(path, pins=pins, environ=used, git=Git(path, used), options=Options(stage=stage), seconds=60)
    return run_check(PinFreshness(Settings(**settings)), ctx)


@dataclass
class Clones:
    """A remote, the clone of a developer who pushes to it, and that of the host."""

    remote: Path
    developer: GitRepository
    host: GitRepository

    def publish(self, number: int, message: str = "chore: pin the agent image for v1.2.0") -> str:
        """Commit a pin and push it."""
        commit = self.developer.commit({FILE: pin(number)}, message)
        self.developer.git("push", "--quiet", "origin", "main")
        return commit

    def look(self, **settings: Any) -> list[Finding]:
        """Run the check on the host."""
        return look(self.host.path, **settings)


def clone(remote: Path, into: Path, *options: str) -> GitRepository:
    """Clone a remote through its file:// address."""
    GitRepository(into.parent).git("clone", "--quiet", *options, f"file://{remote}", str(into))
    return GitRepository(into)


def fingerprint(path: Path) -> dict[str, str]:
    """Return a digest of every file below a folder."""
    return {
        str(file.relative_to(path)): hashlib.sha256(file.read_bytes()).hexdigest() + str(file.stat().st_mtime_ns)
        for file in sorted(path.rglob("*"))
        if file.is_file()
    }
