"""A server with 200 applications of Coolify's: what the checks of Coolify add to a run.

Each application has a folder with the file that was deployed and its `.env`, and a container with Coolify's labels that
is never started. The yardstick is what a person would do by hand: `docker ps --no-trunc` once, and one file read for
each application.
"""

import json
import uuid
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from provision.command import run
from provision.sample import SERVICE, Sample

from preflight.run.discovery import discover

APPLICATIONS = 200
_COMPOSE = """\
services:
  {service}:
    image: ghcr.io/acme/{service}:1.0.0
    env_file: [.env]
    environment:
      COOLIFY_BRANCH: '"main"'
      COOLIFY_RESOURCE_UUID: {uuid}
    labels: [coolify.managed=true, coolify.version=4.3.11, coolify.type=application]
"""
_ENV = "SOURCE_COMMIT=abc\nCOOLIFY_URL=https://app.example.com\nLOG_LEVEL=info\nHOST=0.0.0.0\n"


def coolify_server(folder: Path, environ: Mapping[str, str], image: str, stack: Sample) -> Path:
    """Lay out the server; the sample's service belongs to one of its applications.

    Args:
        folder: Made; Coolify's root.
        environ: Says which engine.
        image: The containers are made from it.
        stack: The sample's checkout, whose configuration will name the root.

    Returns:
        The configuration file for `preflight run --config`.
    """
    names = [f"{number:03d}{uuid.uuid4().hex[:21]}" for number in range(APPLICATIONS)]
    for number, name in enumerate(names):
        _folder(folder / "applications" / name, _service(number), name)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda each: _container(environ, image, _service(each[0]), each[1]), enumerate(names)))
    configuration = stack.path / "coolify.yaml"
    configuration.write_text(json.dumps({"coolify": {"root": str(folder)}}))
    return configuration


def without_coolify() -> list[str]:
    """Return the options that leave out every check of Coolify."""
    ids = [check.about.id for check in discover().checks if check.about.id.startswith("coolify-")]
    return [word for each in ids for word in ("--skip", each)]


def by_hand(root: Path) -> list[str]:
    """Return the command of the yardstick."""
    return ["sh", "-c", f"docker ps --all --no-trunc && cat {root}/applications/*/docker-compose.yaml"]


def _service(number: int) -> str:
    return SERVICE if number == APPLICATIONS // 2 else f"service-{number}"


def _folder(folder: Path, service: str, name: str) -> None:
    folder.mkdir(parents=True)
    (folder / "docker-compose.yaml").write_text(_COMPOSE.format(service=service, uuid=name))
    (folder / ".env").write_text(_ENV)
    (folder / "README.md").write_text("Coolify's\n")


def _container(environ: Mapping[str, str], image: str, service: str, name: str) -> None:
    labels = {
        "coolify.managed": "true",
        "coolify.version": "4.3.11",
        "coolify.type": "application",
        "coolify.applicationId": name[:3],
        "coolify.pullRequestId": "0",
        "com.docker.compose.service": service,
        "com.docker.compose.project": name,
        "com.docker.compose.project.working_dir": f"/artifacts/{name}",
    }
    options = [word for key, value in labels.items() for word in ("--label", f"{key}={value}")]
    named = ("--name", f"{service}-{name}-120000123456", "--network", "none")
    run(["docker", "create", *named, "--env", f"COOLIFY_RESOURCE_UUID={name}", *options, image], env=environ)
