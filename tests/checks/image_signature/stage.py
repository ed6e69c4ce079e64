"""A pinned image in a repository of its own, and what is signed about it."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from checks.image_signature import ImageSignature, Settings
from preflight.context import Context, Options
from preflight.model import Finding, Location, Status
from preflight.project import Pin
from preflight.registry.door import Registry
from preflight.testing import fake_context, run_check
from tests.real.registry import RealRegistry
from tests.real.signing import PATTERN

NAME = "AGENT_IMAGE"
COSIGN_2, COSIGN_3, COPIED, BUILT, STRANGER = range(5)


@dataclass
class Stage:
    """A pinned image in a repository of its own."""

    registry: RealRegistry
    folder: Path
    repository: str
    digest: str
    environ: Mapping[str, str] = field(default_factory=dict)
    seconds: float = 30
    options: Options = field(default_factory=Options)

    @property
    def shown(self) -> str:
        return f"{self.registry.host}/{self.repository}@{self.digest[:19]}…"

    def context(self) -> Context:
        pin = self.folder / "pin.env"
        pin.write_text(f"# the pin\n{NAME}={self.registry.host}/{self.repository}@{self.digest}\n")
        environ = {"DOCKER_CONFIG": str(self.folder / "none"), "PATH": os.environ["PATH"], **self.environ}
        return fake_context(
            self.folder,
            pins=(Pin(NAME, "app", pin), Pin(NAME, "worker", pin)),
            environ=environ,
            options=self.options,
            registry=Registry(environ, frozenset({self.registry.host})),
            seconds=self.seconds,
        )

    def look(self, **settings: Any) -> list[Finding]:
        """Run the check; demand our release workflow unless the test says otherwise."""
        given = {"identity": PATTERN, "trust_root": str(self.folder / "trusted_root.json"), **settings}
        return run_check(ImageSignature(Settings(**given)), self.context())

    def verdict(self, **settings: Any) -> Finding:
        """Return the only finding, after seeing that it can be shown."""
        [finding] = self.look(**settings)
        assert finding.hint or finding.status is Status.PASS
        assert "\n" not in finding.message + finding.hint
        assert finding.location == Location("pin.env", 2)
        return finding
