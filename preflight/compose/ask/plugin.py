"""How Compose is called, as seen from the files alone: nothing is started for that.

It saves waiting for `docker compose version` (60 to 100 ms) before anything else can be asked. And where there can be
no doubt which file `docker compose` means, that file is asked itself, which saves what `docker` costs on top: half of
80 ms (docker 28.2, Compose 2.40.3). Only questions about a project may take this way; which Compose deploys, and its
version, is `docker compose`'s own answer.
"""

import json
import os
from collections.abc import Mapping
from pathlib import Path

from preflight.errors import CouldNotLook
from preflight.lib.files import read_bytes
from preflight.lib.programs import find_program

_NAME = "docker-compose"
# The folders docker looks into after its own configuration's (docker/cli, cli-plugins/manager/manager_unix.go).
_SYSTEM_FOLDERS = (
    "/usr/local/lib/docker/cli-plugins",
    "/usr/local/libexec/docker/cli-plugins",
    "/usr/lib/docker/cli-plugins",
    "/usr/libexec/docker/cli-plugins",
)
_ELF = b"\x7fELF"
_MAX_CONFIG = 1024 * 1024


def plugin_argv(
    environ: Mapping[str, str], system_folders: tuple[str, ...] = _SYSTEM_FOLDERS
) -> tuple[str, ...] | None:
    """Return how the Compose plugin is called, if it is there for sure; ``None`` says nothing.

    The plugin itself, if it is the only one; `docker compose` if there is more than one, or if this `docker` might look
    elsewhere: a script, a snap, Podman's shim, or one whose configuration names further folders.
    """
    docker = find_program("docker", environ)
    if docker is None:
        return None
    configuration = _configuration_folder(environ)
    own = () if configuration is None else (configuration / "cli-plugins",)
    files = (folder / _NAME for folder in (*own, *map(Path, system_folders)))
    found = {file.resolve() for file in files if os.access(file, os.X_OK) and file.is_file()}
    if not found:
        return None
    certain = configuration is not None and not _names_more_folders(configuration) and _is_docker_itself(Path(docker))
    return (str(found.pop()),) if certain and len(found) == 1 else (docker, "compose")


def _is_docker_itself(docker: Path) -> bool:
    try:
        real = docker.resolve(strict=True)
        with real.open("rb") as file:
            return real.name == "docker" and file.read(len(_ELF)) == _ELF
    except (OSError, RuntimeError):  # RuntimeError: a loop of links
        return False


def _configuration_folder(environ: Mapping[str, str]) -> Path | None:
    if folder := environ.get("DOCKER_CONFIG"):
        return Path(folder)
    home = environ.get("HOME")
    return Path(home) / ".docker" if home else None


def _names_more_folders(configuration: Path) -> bool:
    file = configuration / "config.json"
    if not file.exists():
        return False
    try:
        data = json.loads(read_bytes(file, limit=_MAX_CONFIG, what="docker's configuration"))
    except (CouldNotLook, ValueError, RecursionError):
        return True
    return not isinstance(data, dict) or bool(data.get("cliPluginsExtraDirs"))
