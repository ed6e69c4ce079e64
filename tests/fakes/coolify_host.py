"""A server that Coolify deployed to, laid out by hand: its folders and the labels of its containers.

Real are git, the files and the doors; only the engine is a list, so that labels of any version can be written down.
What a real engine and real Compose make of a deployment is in ``tests/coolify/``.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from preflight.compose.ask.door import Compose
from preflight.context import Context
from preflight.coolify.door import Coolify
from preflight.coolify.settings import CoolifySettings
from preflight.engine.container import Container
from preflight.git.door import Git
from preflight.lib.deadline import Deadline
from preflight.project import ComposeProject, Pin
from preflight.testing import fake_context
from tests.real.git import GitRepository

if TYPE_CHECKING:
    from preflight.errors import CouldNotLook

UUID, OTHER = "aaaa0000bbbb1111cccc2222", "dddd3333eeee4444ffff5555"
SERVICE, VARIABLE = "application-server", "AGENT_IMAGE_REFERENCE"
NEW, OLD = (f"ghcr.io/example/agent@sha256:{digit * 64}" for digit in "12")
SECRET = "hunter2-do-not-show"
PIN_FILE, COMPOSE_FILE = "docker/agent-image-pin.env", "docker/compose.app.yaml"
ENTRY = {"path": "agent-image-pin.env", "required": False}
MANAGED = {"coolify.managed": "true", "coolify.applicationId": "7", "coolify.type": "application"}
VERSIONED = {**MANAGED, "coolify.version": "4.3.11", "coolify.pullRequestId": "0"}
OF_STACK = {
    "coolify.managed": "true",
    "coolify.version": "4.3.11",
    "coolify.serviceId": "7",
    "coolify.type": "service",
    "coolify.pullRequestId": "0",
    "coolify.service.subId": "1",
    "coolify.service.subType": "application",
    "coolify.service.subName": SERVICE,
}
_BORN = datetime(2026, 1, 1, tzinfo=UTC)


class ListedEngine:
    """Answers like the engine's door, from a list."""

    def __init__(self) -> None:
        self.listed: list[Container] = []
        self.inside: dict[str, Mapping[str, str]] = {}
        self.problem: CouldNotLook | None = None
        self.inspected: list[str] = []

    def containers(self, labels: Mapping[str, str], _deadline: Deadline) -> tuple[Container, ...]:
        """Return those with the labels."""
        if self.problem is not None:
            raise self.problem
        return tuple(each for each in self.listed if labels.items() <= each.labels.items())

    def environment(self, container: Container, _deadline: Deadline) -> Mapping[str, str]:
        """Return what it was configured with."""
        self.inspected.append(container.name)
        return self.inside.get(container.name, {})


@dataclass
class Host:
    """One server and one checkout.

    Args:
        folder: A folder of the test's own.
        engine: Its Docker engine.
        environ: The environment of the run.
        settings: The section ``coolify:`` of the configuration, but for the root.
        files: The compose files that the run names.
        pin_file: The pin file's path in the checkout.
    """

    folder: Path
    engine: ListedEngine = field(default_factory=ListedEngine)
    environ: dict[str, str] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)
    files: tuple[str, ...] = (COMPOSE_FILE,)
    pin_file: str = PIN_FILE

    def __post_init__(self) -> None:
        self.git = GitRepository.create(self.folder / "checkout")
        self.root.mkdir()
        self.write_pin()
        self.describe()

    @property
    def root(self) -> Path:
        return self.folder / "data-coolify"

    @property
    def checkout(self) -> Path:
        return self.git.path

    @property
    def pin(self) -> Pin:
        return Pin(VARIABLE, SERVICE, self.checkout / self.pin_file)

    def home(self, uuid: str = UUID, kind: str = "applications") -> Path:
        """Return a resource's folder, which is made."""
        path = self.root / kind / uuid
        path.mkdir(parents=True, exist_ok=True)
        return path

    def write_pin(self, value: str = NEW, extra: str = "") -> None:
        """Write and commit the pin file."""
        self.git.commit({PIN_FILE: f"# the agent\n{extra}{VARIABLE}={value}\n"})

    def describe(self, **service: Any) -> None:
        """Write and commit the repository's compose file; ``service`` adds to the service."""
        body = {"image": "x", "env_file": [ENTRY], "environment": {"DATABASE_PASSWORD": SECRET}, **service}
        self.git.commit({COMPOSE_FILE: json.dumps({"services": {SERVICE: body}}, indent=1)})

    def deploy(
        self,
        *,
        uuid: str = UUID,
        raw: bool = False,
        copied: bool = False,
        stack: bool = False,
        file: str = "",
        **service: Any,
    ) -> Path:
        """Write what Coolify would have left; return the folder. ``service`` is put over the deployed service."""
        home = self.home(uuid, "services" if stack else "applications")
        labels = MANAGED if raw else OF_STACK if stack else VERSIONED
        listed = [ENTRY] if raw else [ENTRY, ".env"] if stack else [".env"]
        made: dict[str, Any] = {"image": "x", "env_file": listed, "environment": {"DATABASE_PASSWORD": SECRET}}
        made |= {"labels": [f"{key}={value}" for key, value in labels.items()], **service}
        name = file or ("docker-compose.yml" if stack else "docker-compose.yaml")
        (home / name).write_text(json.dumps({"services": {SERVICE: made}}, indent=1))
        names = f"SERVICE_NAME_{SERVICE.upper().replace('-', '_')}={SERVICE}\n"
        first, last = ("", "") if stack else ("SOURCE_COMMIT=c0ffee\nCOOLIFY_URL=\nCOOLIFY_FQDN=\n", "HOST=0.0.0.0\n")
        (home / ".env").write_text(f"{first}{names}PASSWORD={SECRET}\n{last}")
        if copied:
            for each in (PIN_FILE, COMPOSE_FILE):
                (home / Path(each).name).write_bytes((self.checkout / each).read_bytes())
        return home

    def container(
        self,
        name: str = "",
        *,
        uuid: str = UUID,
        folder: str = "",
        service: str = SERVICE,
        raw: bool = False,
        stack: bool = False,
        inside: Mapping[str, str] | None = None,
        **labels: str,
    ) -> Container:
        """Add a container; ``folder`` is the working folder in its label, the resource's own if empty.

        Args:
            name: As Coolify names them, if empty.
            uuid: Its Compose project.
            folder: Its working folder.
            service: Its Compose service.
            raw: With the labels of raw mode only.
            stack: With the labels and the name of a service stack's.
            inside: Its environment.
            labels: Further ones; ``_`` stands for ``.``.
        """
        full = {
            **(MANAGED if raw else OF_STACK if stack else VERSIONED),
            "com.docker.compose.service": service,
            "com.docker.compose.project": uuid,
            "com.docker.compose.project.working_dir": folder or str(self.root / "applications" / uuid),
            **{key.replace("_", "."): value for key, value in labels.items()},
        }
        name = name or (f"{service}-{uuid}" if stack else f"{service}-{uuid}-123456789012")
        number = len(self.engine.listed)
        one = Container(
            f"{number:064x}", name, "x", "running", "Up", _BORN + timedelta(seconds=number), full, "sha256:0"
        )
        self.engine.listed.append(one)
        if inside is not None:
            self.engine.inside[name] = inside
        return one

    def in_helper(self, **more: Any) -> Container:
        """Add a container that default mode without Preserve Repository made."""
        return self.container(folder="/artifacts/q1w2e3r4/docker", **more)

    def remote(self, address: str) -> None:
        """Give the checkout a remote."""
        self.git.git("remote", "add", "origin", address)

    def door(self, *, offline: bool = False) -> Coolify:
        """Return a new door to it."""
        settings = CoolifySettings(**{"root": self.root, **self.settings})
        files = (self.checkout / COMPOSE_FILE, self.checkout / PIN_FILE)
        git = Git(self.checkout, os.environ)
        engine = cast("Any", self.engine)
        return Coolify(settings, self.environ, engine, files, offline=offline, remote=git.remote_url)

    def context(self) -> Context:
        """Return what a check sees."""
        project = ComposeProject(self.checkout, tuple(self.checkout / each for each in self.files))
        return fake_context(
            self.checkout,
            pins=[self.pin],
            project=project,
            compose=Compose(project, {}),
            engine=self.engine,
            git=Git(self.checkout, os.environ),
            coolify=self.door(),
        )
