"""A checkout with a pin file, and a bare repository as its origin."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from tests.real.git import GIT_ENVIRON, GitRepository

NAME = "ghcr.io/example/agent"


def reference(digit: str, name: str = NAME) -> str:
    """Return an image by a digest that consists of one digit."""
    return f"{name}@sha256:{digit * 64}"


class Site:
    """Both of them.

    Args:
        folder: Gets the two repositories.
        text: Of the pin file.
    """

    def __init__(self, folder: Path, text: str = f"# the agent\nAGENT={reference('1')}\n") -> None:
        self.checkout = GitRepository.create(folder / "checkout")
        self.bare = GitRepository(folder / "remote.git")
        self.pin = self.checkout.path / "docker/pin.env"
        self.checkout.commit({"docker/pin.env": text, "other.txt": "1\n"}, "chore: pin the agent for v1.0.0")
        self.push_all()

    def push_all(self) -> None:
        """Make the remote what the checkout is."""
        if not self.bare.path.exists():
            subprocess.run(["git", "clone", "-q", "--bare", self.checkout.path, self.bare.path], check=True)
            self.checkout.git("remote", "add", "origin", str(self.bare.path))
        self.checkout.git("push", "-q", "origin", "main")

    @property
    def environ(self) -> Mapping[str, str]:
        """For git, with an identity."""
        return {"PATH": os.environ.get("PATH", os.defpath), **GIT_ENVIRON}

    @property
    def nobody(self) -> Mapping[str, str]:
        """For git, without an identity."""
        return {name: value for name, value in self.environ.items() if not name.endswith(("_NAME", "_EMAIL"))}

    def remote_text(self, branch: str = "main") -> str:
        """Return the pin file on the remote."""
        return self.bare.git("show", f"{branch}:docker/pin.env") + "\n"

    def state(self) -> tuple[str, ...]:
        """Return what a push must not change in the checkout."""
        git = self.checkout.git
        return git("rev-parse", "HEAD"), git("status", "--porcelain"), git("ls-files", "--stage"), self.pin.read_text()

    def hook(self, name: str, script: str) -> None:
        """Put a hook into the remote."""
        hook = self.bare.path / "hooks" / name
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(f"#!/bin/sh\n{script}\n")
        hook.chmod(0o755)
