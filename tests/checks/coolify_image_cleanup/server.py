"""A server of Coolify's, and the check that looks at it."""

import re
import shlex
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from checks.coolify_image_cleanup import CoolifyImageCleanup, Settings
from preflight.context import Options
from preflight.coolify.door import Coolify
from preflight.coolify.settings import CoolifySettings
from preflight.engine.door import Engine
from preflight.model import Finding, Stage
from preflight.project import Pin
from preflight.testing import fake_context, run_check
from tests.real.engine import RealEngine
from tests.real.nightly import push_tiny_image
from tests.real.registry import RealRegistry

LABELLED = "LABEL coolify.managed=true"
DIGEST = "sha256:" + "a1" * 32
REFERENCE = f"ghcr.io/acme/agent@{DIGEST}"


@dataclass(frozen=True)
class Server:
    """A server of Coolify's with an application of today's version."""

    engine: RealEngine
    registry: RealRegistry
    folder: Path

    def push(self, *changes: str) -> str:
        """Push an image and return its reference."""
        return push_tiny_image(self.engine, self.registry, f"cleanup/{uuid.uuid4().hex}", *changes)

    def pull(self, *changes: str) -> str:
        """Push an image, pull it by digest only, and return its reference."""
        reference = self.push(*changes)
        self.engine.docker("pull", "--quiet", reference)
        return reference

    def hold(self, reference: str, *options: str) -> str:
        """Make a container of an image, and return its name."""
        name = f"holder-{uuid.uuid4().hex[:8]}"
        self.engine.docker("create", "--name", name, "--network", "none", *options, reference, "keep")
        return name

    def name_twice(self, reference: str, by: str) -> None:
        """Name an image after another repository too: by a "tag" of both, or by the "digest" of both only."""
        own, _, digest = reference.partition("@")
        other = f"{self.registry.host}/another/{uuid.uuid4().hex}"
        self.engine.docker("tag", reference, f"{other}:1")
        if by == "tag":
            self.engine.docker("tag", reference, f"{own}:1")
            return
        self.engine.docker("push", "--quiet", f"{other}:1")
        self.engine.docker("rmi", f"{other}:1")
        self.engine.docker("pull", "--quiet", f"{other}@{digest}")
        self.engine.docker("pull", "--quiet", reference)

    def look(self, *references: str, settings: Settings | None = None) -> list[Finding]:
        """Run the check where these are pinned."""
        return look(Engine(self.engine.environ), self.folder, *references, settings=settings)


def look(
    engine: Any, folder: Path, *references: str, settings: Settings | None = None, stage: Stage = Stage.AFTER
) -> list[Finding]:
    """Run the check with an engine where these are pinned; Coolify's root is a folder that may be there."""
    pins = []
    for number, reference in enumerate(references):
        file = folder / f"pin-{number}.env"
        file.write_text(f"IMAGE={reference}\n")
        pins.append(Pin("IMAGE", "app", file))
    coolify = Coolify(CoolifySettings(root=folder / "coolify"), {}, engine)
    ctx = fake_context(folder, pins=tuple(pins), engine=engine, coolify=coolify, options=Options(stage=stage))
    return run_check(CoolifyImageCleanup(settings or Settings()), ctx)


def command_in(finding: Finding) -> list[str]:
    """Return the arguments of the `docker` command that a hint names."""
    found = re.search(r"docker (create|pull) [^(:]*(?::\d+)?[^(:]*@sha256:[0-9a-f]{64}(?: keep)?", finding.hint)
    assert found, finding.hint
    return shlex.split(found[0])[1:]
