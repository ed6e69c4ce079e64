"""One checkout and one Compose project on a real engine, to run coolify-env-file on."""

import itertools
import os
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from checks.coolify_env_file import CoolifyEnvFile
from preflight.check import NoSettings
from preflight.compose.ask.door import Compose
from preflight.context import Context, Options
from preflight.coolify.door import Coolify
from preflight.coolify.settings import CoolifySettings
from preflight.engine.door import Engine
from preflight.git.door import Git
from preflight.model import Finding, Stage
from preflight.project import ComposeProject, Pin
from preflight.testing import fake_context, run_check
from tests.real.engine import RealEngine

VARIABLE = "AGENT_IMAGE_REFERENCE"
SECRET = "hunter2-do-not-show"
NEW, OLD, FOREIGN = (f"ghcr.io/example/agent@sha256:{digit * 64}" for digit in "123")
SERVICE = "application-server"
AFTER = Options(stage=Stage.AFTER)


def pin_text(value: str) -> str:
    """A pin file as people write it."""
    return f"# the agent\n{VARIABLE}={value}\n"


@dataclass
class Stack:
    """One checkout and one Compose project of the test's own."""

    engine: RealEngine
    root: Path
    project: str = field(default_factory=lambda: f"cef-{uuid.uuid4().hex[:10]}")
    options: Options = field(default_factory=Options)

    @property
    def pin(self) -> Path:
        return self.root / "docker" / "agent-image-pin.env"

    @property
    def file(self) -> Path:
        return self.root / "docker" / "compose.app.yaml"

    def write(self, value: str = NEW, **service: Any) -> None:
        """Write pin and compose file; ``service`` adds to the service."""
        self.pin.parent.mkdir(parents=True, exist_ok=True)
        self.pin.write_text(pin_text(value))
        self.describe(**service)

    def describe(self, **service: Any) -> None:
        """Write the compose file."""
        import json

        body: dict[str, Any] = {
            "image": self.engine.image,
            "network_mode": "host",
            "stop_grace_period": "0s",
            "env_file": [{"path": "agent-image-pin.env", "required": False}],
            "environment": {"DATABASE_PASSWORD": SECRET},
        }
        extra = service.pop("environment", {})
        body["environment"] |= extra
        self.file.write_text(json.dumps({"services": {SERVICE: {**body, **service}}}))

    def up(self, *arguments: str, project: str = "") -> None:
        """Deploy it as an operator would."""
        self.engine.compose("-p", project or self.project, "-f", str(self.file), "up", "-d", *arguments, cwd=self.root)

    def context(self, **changes: Any) -> Context:
        """What the check sees."""
        project = ComposeProject(self.root, (self.file,))
        engine = Engine(self.engine.environ)
        coolify = Coolify(CoolifySettings(root=self.root / "coolify"), {}, engine, (self.pin, self.file))
        compose = changes.pop("compose", None)
        context = fake_context(
            self.root,
            pins=[Pin(VARIABLE, SERVICE, self.pin)],
            project=project,
            compose=compose or Compose(project, {}),
            engine=engine,
            git=Git(self.root, os.environ),
            coolify=coolify,
            options=self.options,
        )
        return replace(context, **changes)

    def check(self, **changes: Any) -> list[Finding]:
        """Run the check; no finding of any test may hold the secret."""
        found = run_check(CoolifyEnvFile(NoSettings()), self.context(**changes))
        assert SECRET not in repr(found)
        return found

    def only(self, **changes: Any) -> Finding:
        """Run the check and return its one finding."""
        [finding] = self.check(**changes)
        return finding

    def container(self, number: int = 1) -> str:
        return f"{self.project}-{SERVICE}-{number}"

    def run(self, name: str, *arguments: str, labels: Mapping[str, str], image: str = "") -> str:
        """Start a container by hand, labelled as by Compose; return its name."""
        full = {"com.docker.compose.service": SERVICE, "com.docker.compose.project": self.project, **labels}
        words = itertools.chain.from_iterable(("--label", f"{key}={value}") for key, value in full.items())
        self.engine.docker(
            "run",
            "-d",
            "--network=host",
            "--name",
            f"{self.project}-{name}",
            *words,
            *arguments,
            image or self.engine.image,
        )
        return f"{self.project}-{name}"

    def clean(self) -> None:
        listed = self.engine.docker("ps", "-aq", "--filter", f"name={self.project}").stdout.split()
        if listed:
            self.engine.docker("rm", "--force", *listed)
