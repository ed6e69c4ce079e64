"""A server as a deployment of Coolify leaves it, for tests in which no container need run.

The files are written by the stand-in in ``tests/real/coolify``; only the engine is made up: it lists one container
with the labels that Coolify and Compose give it, and says what it was made with.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from preflight.compose.ask.door import Compose
from preflight.context import Context, Options
from preflight.coolify.door import Coolify
from preflight.coolify.settings import CoolifySettings
from preflight.engine.container import Container
from preflight.lib.deadline import Deadline
from preflight.project import ComposeProject, Pin
from preflight.testing import fake_context
from tests.fakes.coolify_api import FakeCoolify, variable
from tests.real.coolify import Application, ServiceStack, rewrite
from tests.real.coolify.dotenv import application_dotenv, stack_dotenv

if TYPE_CHECKING:
    from preflight.engine.door import Engine

VARIABLE, SERVICE = "AGENT_IMAGE_REFERENCE", "application-server"
PIN_NAME = "agent-image-pin.env"
NEW, OLD = (f"ghcr.io/example/agent@sha256:{digit * 64}" for digit in "12")
COMPOSE = f"services:\n  {SERVICE}:\n    image: app\n    env_file:\n      - path: {PIN_NAME}\n        required: false\n"
_COMMIT = "c" * 40


class MadeUpEngine:
    """An engine that lists what it is told.

    Args:
        containers: In every state.
        environments: By name, what each was made with.
    """

    def __init__(self) -> None:
        self.made: list[Container] = []
        self.environments: dict[str, dict[str, str]] = {}

    def containers(self, _labels: Mapping[str, str], _deadline: Deadline) -> tuple[Container, ...]:
        """Return all."""
        return tuple(self.made)

    def environment(self, container: Container, _deadline: Deadline) -> Mapping[str, str]:
        """Return what it was made with."""
        return self.environments[container.name]


@dataclass
class CoolifyHost:
    """A checkout, and a server that it is deployed to.

    Args:
        folder: Of the test.
        resource: What is deployed; its ``repository`` is not cloned: the checkout's files are taken as they are.
        settings: The section ``coolify:``, but for the root.
        api: Asked where it is given.
    """

    folder: Path
    resource: Application | ServiceStack
    settings: dict[str, Any] = field(default_factory=dict)
    api: FakeCoolify | None = None
    environ: dict[str, str] = field(default_factory=dict)
    offline: bool = False
    engine: MadeUpEngine = field(default_factory=MadeUpEngine)

    def __post_init__(self) -> None:
        self.checkout.mkdir(parents=True)
        self.compose_file.write_text(COMPOSE)
        self.pin_file.write_text(f"{VARIABLE}={NEW}\n")

    @property
    def checkout(self) -> Path:
        return self.folder / "checkout"

    @property
    def compose_file(self) -> Path:
        return self.checkout / "docker-compose.yaml"

    @property
    def pin_file(self) -> Path:
        return self.checkout / PIN_NAME

    @property
    def root(self) -> Path:
        return self.folder / "data-coolify"

    @property
    def deployed(self) -> Path:
        """The resource's folder on the server."""
        kind = "applications" if isinstance(self.resource, Application) else "services"
        return self.root / kind / self.resource.uuid

    def service(self, lines: str) -> None:
        """Give the service more lines, indented by four."""
        self.compose_file.write_text(COMPOSE + lines)

    def deploy(self, pull_request: int = 0) -> None:
        """Do what a deployment does to the files, and make the container."""
        self.deployed.mkdir(parents=True, exist_ok=True)
        if isinstance(self.resource, ServiceStack):
            self._deploy_stack(self.resource)
        else:
            self._deploy_application(self.resource, pull_request)

    def _deploy_application(self, app: Application, pull_request: int) -> None:
        text = self.compose_file.read_text()
        done = rewrite.rewrite_raw(text, app) if app.raw else rewrite.rewrite_default(text, app, pull_request)
        name = f"docker-compose-pr-{pull_request}.yaml" if pull_request else "docker-compose.yaml"
        if app.preserve:
            (self.deployed / PIN_NAME).write_text(self.pin_file.read_text())
        (self.deployed / name).write_text(done.deployed or "")
        (self.deployed / ".env").write_text(application_dotenv(app, [SERVICE], _COMMIT, pull_request))
        labels = {"coolify.managed": "true", "coolify.type": "application", "coolify.applicationId": str(app.number)}
        if not app.raw:
            labels |= {"coolify.version": "4.3.11", "coolify.pullRequestId": str(pull_request)}
        on_host = app.raw or app.preserve
        working = str(self.deployed) if on_host else f"/artifacts/deployment{pull_request}"
        suffix = f"-pr-{pull_request}" if pull_request else "-123456789012"
        self._make(f"{SERVICE}-{app.uuid}{suffix}", working, labels)

    def _deploy_stack(self, stack: ServiceStack) -> None:
        stack.compose = self.compose_file.read_text()
        (self.deployed / "docker-compose.yml").write_text(rewrite.rewrite_stack(stack).deployed or "")
        (self.deployed / ".env").write_text(stack_dotenv(stack, [SERVICE]))
        (self.deployed / PIN_NAME).write_text(self.pin_file.read_text())
        labels = {"coolify.managed": "true", "coolify.type": "service", "coolify.version": "4.3.11"}
        labels |= {"coolify.serviceId": str(stack.number), "coolify.pullRequestId": "0"}
        labels |= {"coolify.service.subId": "1", "coolify.service.subType": "application"}
        labels |= {"coolify.service.subName": SERVICE}
        self._make(f"{SERVICE}-{stack.uuid}", str(self.deployed), labels)

    def _make(self, name: str, working: str, labels: dict[str, str]) -> None:
        service = f"{SERVICE}{name[name.index('-pr-') :]}" if "-pr-" in name else SERVICE
        compose = {"service": service, "project": self.resource.uuid, "project.working_dir": working}
        labels |= {f"com.docker.compose.{key}": value for key, value in compose.items()}
        made = datetime.now(UTC)
        self.engine.made = [each for each in self.engine.made if each.name != name]
        self.engine.made.append(Container(name.ljust(64, "0"), name, "app", "running", "Up", made, labels))
        lines = (self.deployed / ".env").read_text().splitlines()
        self.engine.environments[name] = dict(line.partition("=")[::2] for line in lines)

    def tell_api(self, api: FakeCoolify) -> None:
        """Let an API say what the UI holds at this moment."""
        self.api = api
        rows = [
            variable(
                each.key,
                each.value,
                uuid=f"row-{number}",
                is_preview=each.is_preview,
                is_runtime=each.is_runtime,
                is_literal=each.is_literal,
            )
            for number, each in enumerate(self.resource.variables)
        ]
        if isinstance(self.resource, Application):
            api.add_application(self.resource.uuid, *rows, raw=self.resource.raw, preserve=self.resource.preserve)
        else:
            api.add_service(self.resource.uuid, *rows)

    def context(self, *more: Pin) -> Context:
        """Return what a check may look at."""
        project = ComposeProject(self.checkout, files=(self.compose_file,))
        environ = {**self.environ, **(self.api.environ if self.api else {})}
        coolify = Coolify(
            CoolifySettings(**{"root": self.root, **self.settings}),
            environ,
            cast("Engine", self.engine),  # the made-up one answers the questions that Coolify's rooms ask
            (self.compose_file, self.pin_file),
            offline=self.offline,
        )
        return fake_context(
            self.checkout,
            pins=(Pin(VARIABLE, SERVICE, self.pin_file), *more),
            project=project,
            environ=environ,
            options=Options(offline=self.offline),
            compose=Compose(project, environ),
            engine=self.engine,
            coolify=coolify,
            seconds=20,
        )
