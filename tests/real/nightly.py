"""Coolify's nightly clean-up, done to a real engine: the commands of its CleanupDocker at version 4.3.11."""

import io
import subprocess
import tarfile
import uuid

from tests.real.engine import RealEngine
from tests.real.registry import RealRegistry

MANAGED = "coolify.managed=true"
_KEPT = ("coolify.proxy=true", "coolify.type=database", "coolify.type=application", "coolify.type=service")


def clean_up(engine: RealEngine) -> None:
    """Do what Coolify does at midnight. Takes an engine of one's own: it removes what is not Coolify's."""
    spared = [word for label in _KEPT for word in ("--filter", f"label!={label}")]
    engine.docker("container", "prune", "-f", "--filter", f"label={MANAGED}", *spared)
    engine.docker("image", "prune", "-f")
    listed = engine.docker("images", "--format", "{{.Repository}}:{{.Tag}}").stdout.split()
    for name in listed:
        if "<none>" not in name and not _is_labelled(engine, name):
            engine.docker("rmi", name, check=False)


def has(engine: RealEngine, reference: str) -> bool:
    """Whether the engine could run that without pulling."""
    return engine.docker("image", "inspect", reference, check=False).returncode == 0


def push_tiny_image(engine: RealEngine, registry: RealRegistry, repository: str, *changes: str) -> str:
    """Push an image that no other is equal to, leave nothing of it on the engine, and return ``NAME@sha256:…``.

    Args:
        engine: Makes it.
        registry: Takes it.
        repository: Its name there.
        changes: Instructions of a Dockerfile, such as ``LABEL a=b``.
    """
    name = f"{registry.host}/{repository}"
    options = [word for change in changes for word in ("--change", change)]
    subprocess.run(
        ["docker", "import", *options, "-", f"{name}:made"],
        env=engine.environ,
        input=_tiny_archive(),
        check=True,
        timeout=60,
        stdout=subprocess.DEVNULL,
    )
    engine.docker("push", "--quiet", f"{name}:made")
    shown = engine.docker("image", "inspect", "--format", '{{join .RepoDigests " "}}', f"{name}:made").stdout
    engine.docker("rmi", f"{name}:made")
    return shown.strip()


def _is_labelled(engine: RealEngine, name: str) -> bool:
    label = '{{index .Config.Labels "coolify.managed"}}'
    return engine.docker("image", "inspect", "--format", label, name, check=False).stdout.strip() == "true"


def _tiny_archive() -> bytes:
    buffer, content = io.BytesIO(), uuid.uuid4().hex.encode()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        entry = tarfile.TarInfo("content")
        entry.size = len(content)
        tar.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()
