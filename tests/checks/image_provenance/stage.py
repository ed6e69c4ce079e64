"""A pinned image, the git repository that pins it, and what is attested about it."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from checks.image_provenance import ImageProvenance, Settings
from preflight.context import Context
from preflight.git.door import Git
from preflight.model import Finding, Location, Status
from preflight.project import Pin
from preflight.registry.door import Registry
from preflight.testing import fake_context, run_check
from tests.fakes.github import FakeGitHub
from tests.real.git import GIT_ENVIRON, GitRepository
from tests.real.registry import RealRegistry
from tests.real.signing import PATTERN, TAG, Order, SigningWorld, attach_bundles, provenance, sign

NAME = "AGENT_IMAGE"
REPOSITORY = "ls1intum/Hephaestus"
FILE = "pin.env"
SLSA = "https://slsa.dev/provenance/v1"


@dataclass
class Stage:
    """A pinned image in a repository of its own, a git repository that pins it for v1.4.1, and GitHub."""

    registry: RealRegistry
    git: GitRepository
    github: FakeGitHub
    repository: str
    digest: str
    world: SigningWorld | None = None
    environ: Mapping[str, str] = field(default_factory=dict)

    @property
    def shown(self) -> str:
        return f"{self.registry.host}/{self.repository}@{self.digest[:19]}…"

    def pin(self, subject: str = "chore: pin the agent image for v1.4.1") -> None:
        """Commit the pin."""
        self.git.commit({FILE: f"{NAME}={self.registry.host}/{self.repository}@{self.digest}\n"}, subject)

    def sign(self, *orders: Order) -> list[dict[str, Any]]:
        """Sign under a trust root of its own, and write that down."""
        self.world = sign(orders)
        self.world.write_root(self.git.path)
        return [each.bundle() for each in self.world.signed]

    def attach(self, *orders: Order) -> None:
        """Sign, and push what was signed."""
        attach_bundles(self.registry, self.repository, self.digest, *self.sign(*orders))

    def context(self, folder: Path | None = None) -> Context:
        base = folder or self.git.path
        environ = {"DOCKER_CONFIG": str(base / "none"), "PATH": os.environ["PATH"], "GITHUB_API_URL": self.github.url}
        environ |= {**GIT_ENVIRON, **self.environ}
        return fake_context(
            base,
            pins=(Pin(NAME, "app", base / FILE),),
            environ=environ,
            git=Git(base, environ),
            registry=Registry(environ, frozenset({self.registry.host})),
        )

    def look(self, folder: Path | None = None, **settings: Any) -> list[Finding]:
        """Run the check; demand our release workflow unless the test says otherwise."""
        root = str(self.git.path / "trusted_root.json") if self.world else ""
        given = {"identity": PATTERN, "trust_root": root, **settings}
        findings = run_check(ImageProvenance(Settings(**given)), self.context(folder))
        for finding in findings:
            assert finding.hint or finding.status is Status.PASS
            assert "\n" not in finding.message + finding.hint
            assert finding.location == Location(FILE, 1)
        return findings

    def verdict(self, folder: Path | None = None, **settings: Any) -> Finding:
        """Return the only finding."""
        [finding] = self.look(folder, **settings)
        return finding


def order(stage: Stage, rev: str = "v1.4.1", **changes: str) -> Order:
    """Return a provenance of the image, built from a revision, as the claims of the signer agree."""
    commit = changes.get("commit") or stage.git.git("rev-parse", f"{rev}^{{commit}}")
    ref = changes.get("ref", TAG)
    repository = changes.get("repository", REPOSITORY)
    payload = provenance(stage.digest, commit, ref, repository)
    return Order(payload, claims={"sha": commit, "ref": ref, "repository": repository})
