"""Docker's configuration, and questions with it."""

import base64
import json
import os
from pathlib import Path
from typing import Any

from preflight.lib.deadline import Deadline
from preflight.registry.credentials import Credentials, CredentialStore
from preflight.registry.door import Registry
from tests.fakes.ghcr import FakeGhcr

REPOSITORY = "owner/name"
SECRET = "hunter2-s3cret"
AUTH = base64.b64encode(f"user:{SECRET}".encode()).decode()


def configure(environ: dict[str, str], config: Any) -> None:
    """Write Docker's config.json."""
    folder = Path(environ["DOCKER_CONFIG"])
    folder.mkdir(exist_ok=True)
    text = config if isinstance(config, str) else json.dumps(config)
    (folder / "config.json").write_text(text, encoding="utf-8")


def helper(environ: dict[str, str], name: str, script: str) -> None:
    """Put a credential helper on PATH."""
    folder = Path(environ["PATH"])
    folder.mkdir(exist_ok=True)
    path = folder / f"docker-credential-{name}"
    path.write_text(f"#!/bin/sh\nPATH={os.environ['PATH']}\n{script}\n", encoding="utf-8")
    path.chmod(0o755)


def find(environ: dict[str, str], registry: str = "ghcr.io") -> Credentials | None:
    """Look credentials up."""
    return CredentialStore(environ).find(registry, Deadline.after(20))


def tags(door: Registry, ghcr: FakeGhcr) -> tuple[str, ...]:
    """Ask for the tags."""
    return door.tags(ghcr.host, REPOSITORY, Deadline.after(20))
