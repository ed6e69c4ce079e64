"""A repository that a stand-in for Coolify deploys for real, and preflight in a checkout on the same host."""

import os
from dataclasses import dataclass
from typing import Any

from preflight.compose.ask.door import Compose
from preflight.context import Context, Options
from preflight.coolify.door import Coolify as CoolifyDoor
from preflight.coolify.judge.cause import Cause
from preflight.coolify.judge.running_cause import cause_of
from preflight.coolify.settings import CoolifySettings
from preflight.engine.door import Engine
from preflight.git.door import Git
from preflight.model import Stage
from preflight.project import ComposeProject, Pin
from preflight.running.judge import Running, RunningVerdict, analyse_running
from preflight.testing import fake_context
from tests.real.coolify import Application, Coolify
from tests.real.git import GitRepository

VARIABLE = "AGENT_IMAGE_REFERENCE"
SERVICE = "application-server"
NEW, OLD, FOREIGN = (f"ghcr.io/example/agent@sha256:{digit * 64}" for digit in "123")
LONG_FORM = """services:
  application-server:
    image: {image}
    network_mode: host
    stop_grace_period: 0s
    env_file:
      - path: {path}
        required: false
{more}"""


@dataclass
class Scene:
    """A repository, a Coolify that deploys it, and preflight in a checkout on the same host."""

    coolify: Coolify
    repository: GitRepository
    path: str = "agent-image-pin.env"
    pin_in: str = "file"

    def commit(self, value: str = NEW, more: str = "") -> None:
        """Change pin and compose file."""
        image = self.coolify.engine.image
        self.repository.commit(
            {
                "docker/agent-image-pin.env": f"{VARIABLE}={value}\n",
                "docker/compose.app.yaml": LONG_FORM.format(image=image, path=self.path, more=more),
            }
        )

    def application(self, **settings: Any) -> Application:
        """An application whose base directory is the compose file's folder."""
        named = {"base_directory": "/docker", "compose_location": "/compose.app.yaml", **settings}
        return Application(self.repository.path, **named)

    def context(self, stage: Stage = Stage.BEFORE) -> Context:
        """Return what a check may look at, from the checkout."""
        root = self.repository.path
        project = ComposeProject(root, (root / "docker/compose.app.yaml",))
        pin = Pin(VARIABLE, SERVICE, root / "docker/agent-image-pin.env")
        engine = Engine(self.coolify.engine.environ)
        settings = CoolifySettings(root=self.coolify.root, pin_in=self.pin_in)
        door = CoolifyDoor(settings, {}, engine, (*project.files, pin.file))
        return fake_context(
            root,
            options=Options(stage=stage),
            pins=[pin],
            project=project,
            compose=Compose(project, {}),
            engine=engine,
            git=Git(root, os.environ),
            coolify=door,
        )

    def look(self) -> tuple[Running, Cause | None]:
        """Return what the containers say, and why the first differs."""
        ctx = self.context()
        found = analyse_running(ctx, ctx.pins[0])
        [judgement] = found.judged
        return found, cause_of(ctx, found, judgement)

    def cause(self) -> Cause:
        """Return why the pin did not arrive; that it did not is seen first."""
        found, cause = self.look()
        assert found.judged[0].verdict is not RunningVerdict.EQUAL
        assert found.resource is not None
        assert cause is not None
        return cause

    def passes(self) -> None:
        """The container carries the pin."""
        assert self.look()[0].judged[0].verdict is RunningVerdict.EQUAL
