"""A checkout of the sample stack as a deploy host has it: git history, release tags, a pin that a registry knows."""

import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from provision.cache import ROOT
from provision.command import run
from provision.registry import RegistryClient

SERVICE = "application-server"
VARIABLE = "HEPHAESTUS_AGENT_IMAGE_REFERENCE"
COMPOSE_FILE = "docker/compose.app.yaml"
PIN_FILE = "docker/agent-image-pin.env"
IMAGE = "preflight-sample:local"
"""What both services run; ``busybox.import_image`` makes it."""

REPOSITORY = "ls1intum/hephaestus/agent"
RELEASES = ("1.3.0", "1.3.1", "1.4.0", "1.4.1")

_GIT = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
    **{f"GIT_{role}_NAME": "Release Workflow" for role in ("AUTHOR", "COMMITTER")},
    **{f"GIT_{role}_EMAIL": "release@preflight.invalid" for role in ("AUTHOR", "COMMITTER")},
}


@dataclass(frozen=True)
class Sample:
    """One checkout.

    Args:
        path: The root of the work tree.
        registry: Host of the registry that holds the pinned image.
        reference: The pin's value, ``HOST/NAME@sha256:…``.
    """

    path: Path
    registry: str
    reference: str

    @property
    def compose_file(self) -> Path:
        """The compose file."""
        return self.path / COMPOSE_FILE

    @property
    def pin_file(self) -> Path:
        """The env file that holds the pin."""
        return self.path / PIN_FILE

    def release(self, version: str, client: RegistryClient) -> str:
        """Publish a further release and pin it, as the project's release job does.

        Returns:
            The pin's new value.
        """
        return _release(self.path, version, client)

    def revert(self) -> None:
        """Go back to the pin before, as an operator does at night: ``git revert HEAD``."""
        _git(self.path, "revert", "--no-edit", "HEAD")

    def shadow(self, value: str) -> str:
        """Break it: let the service's ``environment:`` override the pin file.

        Returns:
            The line that was added, without its indentation.
        """
        line = f"{VARIABLE}: {value}"
        text = self.compose_file.read_text(encoding="utf-8")
        before, key, after = text.partition("    environment:\n")
        self.compose_file.write_text(f"{before}{key}      {line}\n{after}", encoding="utf-8")
        return line


def check_out(folder: Path, registry: RegistryClient, releases: Sequence[str] = RELEASES) -> Sample:
    """Make the checkout, and push an image for each release.

    For each release the history has what the real one has: the tag ``vX.Y.Z``, the image tagged ``X.Y.Z``, and a
    commit that pins the image's digest.

    Args:
        folder: Made; must not exist.
        registry: Filled with the images.
        releases: Oldest first.
    """
    shutil.copytree(ROOT / "docker" / "sample", folder)
    _git(folder, "init", "--quiet", "--initial-branch=main")
    reference = ""
    for release in releases:
        reference = _release(folder, release, registry)
    return Sample(folder, registry.host, reference)


def _release(folder: Path, version: str, registry: RegistryClient) -> str:
    _git(folder, "add", "--all")
    _git(folder, "commit", "--quiet", "--allow-empty", "--message", f"Release {version}")
    _git(folder, "tag", f"v{version}")
    digest = registry.push_image(REPOSITORY, version, content=version)
    reference = f"{registry.host}/{REPOSITORY}@{digest}"
    _write_pin(folder / PIN_FILE, reference)
    _git(folder, "commit", "--quiet", "--all", "--message", f"Pin the agent image for v{version}")
    return reference


def _write_pin(file: Path, reference: str) -> None:
    lines = file.read_text(encoding="utf-8").splitlines()
    pinned = [f"{VARIABLE}={reference}" if line.startswith(f"{VARIABLE}=") else line for line in lines]
    file.write_text("\n".join(pinned) + "\n", encoding="utf-8")


def _git(folder: Path, *arguments: str) -> None:
    run(["git", *arguments], cwd=folder, env=_GIT)
