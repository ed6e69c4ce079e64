"""A deploy host with the sample stack on it, and what preflight answers there, by codes."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from provision.registry import RegistryClient
from provision.sample import COMPOSE_FILE, IMAGE, PIN_FILE, SERVICE, Sample

from tests.real.cli import PreflightCli
from tests.real.engine import RealEngine
from tests.real.git import GitRepository

PROJECT = "hephaestus-rollout"
CONTAINER = f"{PROJECT}-{SERVICE}-1"


@dataclass(frozen=True)
class Answer:
    """What one run said.

    Args:
        exit_code: Of the process.
        report: The JSON document.
    """

    exit_code: int
    report: Mapping[str, Any]

    def findings(self, *statuses: str) -> list[tuple[str, Mapping[str, Any]]]:
        """Return the findings of these statuses, each with the id of its check."""
        return [
            (check["id"], finding)
            for check in self.report["checks"]
            for finding in check["findings"]
            if finding["status"] in statuses
        ]

    def codes(self, *statuses: str) -> set[str]:
        """Return ID/CODE of what was found with these statuses, but for what only follows from another finding."""
        return {f"{check}/{finding['code']}" for check, finding in self.findings(*statuses) if not finding["caused_by"]}

    def said(self, check: str, status: str) -> str:
        """Return the messages of one check."""
        return "\n".join(finding["message"] for name, finding in self.findings(status) if name == check)


@dataclass(frozen=True)
class DeployHost:
    """The checkout of a deploy host, with a remote that everybody sees, and the engine that runs its containers.

    Args:
        sample: The checkout.
        engine: That runs it.
        registry: That holds the images; nobody else uses it.
        cli: The tool.
    """

    sample: Sample
    engine: RealEngine
    registry: RegistryClient
    cli: PreflightCli

    @property
    def repository(self) -> GitRepository:
        """The checkout as a git repository."""
        return GitRepository(self.sample.path)

    def publish(self, origin: Path) -> None:
        """Give the checkout a remote that has all of it."""
        self.repository.git("init", "--quiet", "--bare", "--initial-branch=main", str(origin))
        self.repository.git("remote", "add", "origin", str(origin))
        self.repository.git("push", "--quiet", "--set-upstream", "origin", "main", "--tags")

    def commit(self, message: str = "Change") -> str:
        """Commit all that changed and push it; return the commit."""
        commit = self.repository.commit(message=message)
        self.push()
        return commit

    def push(self) -> None:
        """Push the branch and its tags."""
        self.repository.git("push", "--quiet", "origin", "main", "--tags")

    def deploy(self, environ: Mapping[str, str] | None = None) -> None:
        """Deploy as an operator would; a container that changed is replaced at once."""
        words = ("up", "--detach", "--timeout", "0", SERVICE)
        self.engine.compose("-p", PROJECT, "-f", COMPOSE_FILE, *words, cwd=self.sample.path, env=environ)

    def reset(self, commit: str) -> None:
        """Go back to a commit, here and on the remote, and delete what git does not have."""
        self.repository.git("reset", "--quiet", "--hard", commit)
        self.repository.git("clean", "-d", "--force", "--quiet", "-x")
        self.repository.git("push", "--quiet", "--force", "origin", "main")

    def ask(self, stage: str, environ: Mapping[str, str] | None = None) -> Answer:
        """Run preflight at a stage, as an operator would in the checkout."""
        words = ("run", "--stage", stage, "--registry-insecure", self.registry.host, "--format", "json")
        done = self.cli(*words, cwd=self.sample.path, env={**self.engine.environ, **(environ or {})})
        return Answer(done.returncode, json.loads(done.stdout))

    def screen(self, environ: Mapping[str, str] | None = None) -> list[str]:
        """Return the lines of the table that the gate before a rollout prints, 80 columns wide."""
        words = ("run", "--registry-insecure", self.registry.host)
        env = {**self.engine.environ, "COLUMNS": "80", **(environ or {})}
        return self.cli(*words, cwd=self.sample.path, env=env).stdout.splitlines()

    def rewrite(self, old: str, new: str, file: str = COMPOSE_FILE) -> None:
        """Replace a text that stands once in a file of the checkout."""
        path = self.sample.path / file
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == 1, text
        path.write_text(text.replace(old, new), encoding="utf-8")

    def pin(self, value: str) -> None:
        """Write another value into the pin file."""
        self.rewrite(self.repository.git("show", f"HEAD:{PIN_FILE}").rpartition("=")[2], value, PIN_FILE)

    def remove(self) -> None:
        """Remove the containers and the image of the sample stack."""
        down = ("down", "--timeout", "0")
        self.engine.compose("-p", PROJECT, *down, cwd=self.sample.path.parent, check=False)
        self.engine.docker("image", "rm", "--force", IMAGE, check=False)
