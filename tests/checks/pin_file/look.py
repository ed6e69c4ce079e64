"""Runs pin-file on a folder."""

import os
from pathlib import Path

from checks.pin_file import PinFile, Settings
from preflight.context import Options
from preflight.git.door import Git
from preflight.model import Finding
from preflight.project import Pin
from preflight.testing import fake_context, run_check
from tests.real.git import GIT_ENVIRON

HEX = "0123456789abcdef" * 4
IMAGE = "ghcr.io/acme/agent"
PINNED = f"{IMAGE}@sha256:{HEX}"
NAME = "AGENT_IMAGE"
FILE = "docker/pin.env"
OVERRIDE = "docker/pin.local.env"
ENVIRON = {"PATH": os.environ.get("PATH", os.defpath), **GIT_ENVIRON}


def look(
    base: Path,
    *,
    allow_override: bool = False,
    overrides: tuple[str, ...] = (),
    options: Options | None = None,
    **settings: str,
) -> list[Finding]:
    """Run the check on ``docker/pin.env`` below ``base``, as an operator who stands in ``base``."""
    pin = Pin(settings.get("variable", NAME), "app", base / FILE, tuple(base / name for name in overrides))
    git = Git(base, {**ENVIRON, "PATH": settings.get("path", ENVIRON["PATH"])})
    ctx = fake_context(base, pins=(pin,), git=git, options=options)
    return run_check(PinFile(Settings(allow_override)), ctx)
