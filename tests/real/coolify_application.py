"""An application of the stand-in for Coolify, whose pin file lies in git."""

from typing import Any

import yaml

from tests.real.coolify import Application, Coolify, ServiceStack
from tests.real.git import GitRepository

SERVICE = "application-server"
PIN = "AGENT_IMAGE_REFERENCE"
NEW, OLD = (f"ghcr.io/example/agent@sha256:{digit * 64}" for digit in "12")
PIN_FILE = "docker/agent-image-pin.env"
COMPOSE_FILE = "docker/compose.app.yaml"


def compose(coolify: Coolify, **service: Any) -> str:
    """A compose file with one service that reads the pin."""
    body = {
        "image": coolify.engine.image,
        "network_mode": "host",
        "stop_grace_period": "0s",
        "env_file": [{"path": "./agent-image-pin.env", "required": False}],
        **service,
    }
    return "# a comment\n" + yaml.safe_dump({"services": {SERVICE: body}})


def application(
    coolify: Coolify, repository: GitRepository, *, raw: bool, preserve: bool, **service: Any
) -> Application:
    """An application whose base directory is the folder of compose and pin file, both committed."""
    repository.commit({PIN_FILE: f"{PIN}={NEW}\n", COMPOSE_FILE: compose(coolify, **service)})
    return Application(
        repository.path, base_directory="/docker", compose_location="/compose.app.yaml", raw=raw, preserve=preserve
    )


def labels(coolify: Coolify, name: str) -> dict[str, str]:
    """The labels of a container."""
    shown = coolify.engine.docker("inspect", "--format", "{{json .Config.Labels}}", name).stdout
    found: dict[str, str] = yaml.safe_load(shown)
    return found


def deployed(coolify: Coolify, resource: Application | ServiceStack, name: str = "docker-compose.yaml") -> Any:
    """The service in the deployed file."""
    return yaml.safe_load((coolify.folder(resource) / name).read_text())["services"][SERVICE]
