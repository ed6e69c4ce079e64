"""Real git repositories, untouched by the settings of the person who runs the tests."""

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

GIT_ENVIRON = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
    "GIT_AUTHOR_NAME": "Preflight Tests",
    "GIT_AUTHOR_EMAIL": "tests@preflight.invalid",
    "GIT_COMMITTER_NAME": "Preflight Tests",
    "GIT_COMMITTER_EMAIL": "tests@preflight.invalid",
    "GIT_TERMINAL_PROMPT": "0",
}
"""Makes git say the same on every machine."""


@dataclass(frozen=True)
class GitRepository:
    """A work tree.

    Args:
        path: Its root; made by ``create``.
    """

    path: Path

    @classmethod
    def create(cls, path: Path) -> "GitRepository":
        """Make an empty repository (branch ``main``) in a folder, which is made if need be."""
        path.mkdir(parents=True, exist_ok=True)
        repository = cls(path)
        repository.git("init", "--quiet", "--initial-branch=main")
        return repository

    def git(self, *arguments: str) -> str:
        """Run ``git ARGUMENTS`` in it and return what it printed, stripped."""
        done = subprocess.run(
            ["git", *arguments],
            cwd=self.path,
            env={"PATH": os.environ.get("PATH", os.defpath), **GIT_ENVIRON},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            stdin=subprocess.DEVNULL,
        )
        if done.returncode != 0:
            raise AssertionError(f"git {' '.join(arguments)} ended with {done.returncode}: {done.stderr}")
        return done.stdout.strip()

    def write(self, files: Mapping[str, str]) -> None:
        """Write files, relative path to content, byte for byte; commit nothing."""
        for name, content in files.items():
            target = self.path / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content.encode())

    def commit(self, files: Mapping[str, str] | None = None, message: str = "Change", *, date: str = "") -> str:
        """Write files, commit everything that changed, and return the commit's id.

        Args:
            files: Relative path to content.
            message: Of the commit.
            date: When (ISO 8601) it claims to have been made; now, if empty.
        """
        self.write(files or {})
        self.git("add", "--all")
        dated = ["--date", date] if date else []
        self.git("commit", "--quiet", "--allow-empty", "--message", message, *dated)
        return self.git("rev-parse", "HEAD")

    def tag(self, *names: str) -> None:
        """Put lightweight tags on HEAD."""
        for name in names:
            self.git("tag", name)
