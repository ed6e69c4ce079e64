"""A repository with a pin and workflows, and the registry that has its image."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from checks.ghcr_prune_config import GhcrPruneConfig, Settings
from preflight.context import Options
from preflight.errors import CouldNotLook
from preflight.git.door import Git
from preflight.lib.deadline import Deadline
from preflight.model import Finding, Stage
from preflight.project import Pin
from preflight.registry.values import Manifest
from preflight.testing import fake_context, run_check
from tests.real.git import GIT_ENVIRON, GitRepository

CASES = Path(__file__).resolve().parents[2] / "cases-workflows"
HEX = "0123456789abcdef" * 4
IMAGE = "ghcr.io/acme/agent/runner"
PINNED = f"{IMAGE}@sha256:{HEX}"
ENVIRON = {"PATH": os.environ.get("PATH", os.defpath), **GIT_ENVIRON}
INDEX = "application/vnd.oci.image.index.v1+json"
SINGLE = "application/vnd.oci.image.manifest.v1+json"


_PRUNE = """on: push
jobs:
  prune:
    runs-on: ubuntu-latest
    steps:
      - uses: {uses}
        with: {{{inputs}}}
"""


class FakeRegistry:
    """Answers with given tags and a given kind of manifest, or not at all."""

    def __init__(self, tags: tuple[str, ...] | None = None, media_type: str = "") -> None:
        self._tags, self._media_type = tags, media_type

    def tags(self, _registry: str, _repository: str, _deadline: Deadline) -> tuple[str, ...]:
        """Return them."""
        if self._tags is None:
            raise CouldNotLook("no answer", "Try again.")
        return self._tags

    def head_manifest(self, image: Any, _deadline: Deadline) -> Manifest:
        """Return one of that kind."""
        if not self._media_type:
            raise CouldNotLook("no answer", "Try again.")
        return Manifest(image.digest, self._media_type, None)


@dataclass
class Place:
    """A repository with a pin."""

    repository: GitRepository

    def look(
        self,
        files: Mapping[str, str] | None = None,
        *,
        pinned: str = f"AGENT={PINNED}\n",
        registry: FakeRegistry | None = None,
        seconds: float = 30,
        environ: Mapping[str, str] | None = None,
        stage: Stage = Stage.AFTER,
        **settings: Any,
    ) -> list[Finding]:
        """Write files, run the check as an operator in the root would."""
        self.repository.write({"pin.env": pinned, **(files or {})})
        path = self.repository.path
        ctx = fake_context(
            path,
            pins=(Pin("AGENT", "app", path / "pin.env"),),
            environ=environ,
            options=Options(offline=registry is None, stage=stage),
            git=Git(path, ENVIRON),
            registry=registry,
            seconds=seconds,
        )
        return run_check(GhcrPruneConfig(Settings(**settings)), ctx)

    def one(self, uses: str, inputs: str, **more: Any) -> Finding:
        """Run the check on a workflow with one step, and return its only finding."""
        [finding] = self.look({".github/workflows/w.yml": _PRUNE.format(uses=uses, inputs=inputs)}, **more)
        return finding
