"""A git repository with a pin and a registry with releases, to run ghcr-tag-retention on."""

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from checks.ghcr_tag_retention import GhcrTagRetention, Settings
from preflight.context import Options
from preflight.git.door import Git
from preflight.model import Finding, Stage, Status
from preflight.project import Pin
from preflight.registry.door import Registry
from preflight.testing import fake_context, run_check
from tests.fakes.ghcr import FakeGhcr
from tests.real.git import GIT_ENVIRON, GitRepository

NAME = "AGENT_IMAGE"
REPOSITORY = "acme/agent"
FILE = "docker/pin.env"
HEX = "0123456789abcdef" * 4


@dataclass
class Scene:
    """A git repository with a pin, and a registry."""

    git: GitRepository
    host: str
    environ: dict[str, str]
    settings: dict[str, Any] = field(default_factory=dict)
    seconds: float = 30
    repository: str = REPOSITORY
    stage: Stage = Stage.AFTER

    def pin(self, digest: str, message: str = "Pin", *, variable: str = NAME, file: str = FILE) -> None:
        self.git.commit({file: f"{variable}={self.host}/{self.repository}@{digest}\n"}, message)

    def look(self, *pins: Pin, base: Path | None = None) -> list[Finding]:
        base = base or self.git.path
        ctx = fake_context(
            base,
            pins=pins or (Pin(NAME, "app", base / FILE),),
            environ=self.environ,
            git=Git(base, {"PATH": os.environ["PATH"], **GIT_ENVIRON}),
            registry=Registry(self.environ, frozenset({self.host})),
            options=Options(stage=self.stage),
            seconds=self.seconds,
        )
        return run_check(GhcrTagRetention(Settings(**self.settings)), ctx)


def remove(ghcr: FakeGhcr, *tags: str) -> None:
    """Delete tags as a clean-up does."""
    for tag in tags:
        ghcr.repositories[REPOSITORY].remove(tag)
        del ghcr.manifests[REPOSITORY, tag]


def words(findings: list[Finding], status: Status) -> str:
    """Return the only message with a status; a bad one has a hint."""
    [finding] = [finding for finding in findings if finding.status is status]
    assert finding.hint or status is Status.PASS
    return finding.message


def statuses(findings: list[Finding]) -> list[Status]:
    """Return all statuses, in order."""
    return [finding.status for finding in findings]


def wrong(findings: list[Finding]) -> list[tuple[str, str, str]]:
    """Return status, code and subject of what is not a pass; each has a hint that does not say deploy."""
    found = [finding for finding in findings if finding.status is not Status.PASS]
    assert all(finding.hint and "deploy" not in finding.hint.lower() for finding in found)
    return [(finding.status.value, finding.code, str(finding.subject)) for finding in found]
