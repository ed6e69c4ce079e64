"""What a real Compose says of a project: the env files of each service, in order."""

import json
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.real.compose import NEWEST_COMPOSE, compose_binary


def config(
    folder: Path,
    *arguments: str,
    version: str = NEWEST_COMPOSE,
    environ: Mapping[str, str] | None = None,
    interpolate: bool = False,
) -> dict[str, Any] | None:
    """Return the services as Compose prints them; ``None`` when it refuses."""
    argv = [str(compose_binary(version)), "--profile", "*", *arguments, "config", "--format", "json"]
    argv += [] if interpolate else ["--no-interpolate"]
    argv += [] if interpolate or version != NEWEST_COMPOSE else ["--no-env-resolution"]
    done = subprocess.run(
        argv, cwd=folder, env={"HOME": str(folder), **(environ or {})}, capture_output=True, check=False, timeout=60
    )
    if done.returncode:
        return None
    services: dict[str, Any] = json.loads(done.stdout).get("services") or {}
    return services


def env_files(services: Mapping[str, Any]) -> dict[str, list[tuple[str, object]]]:
    """Return path and ``required`` of each entry, by service."""
    return {
        name: [(entry["path"], entry.get("required", True)) for entry in service.get("env_file") or ()]
        for name, service in services.items()
    }


def variables(services: Mapping[str, Any], names: Sequence[str]) -> dict[str, dict[str, str | None]]:
    """Return what ``environment:`` says of some variables, by service."""
    found: dict[str, dict[str, str | None]] = {}
    for service, body in services.items():
        block = body.get("environment") or {}
        pairs = (
            {key: None if value is None else str(value) for key, value in block.items()}
            if isinstance(block, dict)
            else {key: value if equals else None for key, equals, value in (word.partition("=") for word in block)}
        )
        found[service] = {name: pairs[name] for name in names if name in pairs}
    return found
