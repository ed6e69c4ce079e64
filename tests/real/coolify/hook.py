"""The pre-deployment command (AJ 2155-2200, 4742-4819): where it runs, when it is skipped, when it is run again."""

import re
import subprocess

from tests.real.coolify.resource import Application
from tests.real.coolify.shell import DeploymentFailed, on_host, require
from tests.real.engine import RealEngine

_TRIES = 3
_TAKEN_FOR_SSH = ("Connection refused", "Connection timed out", "Broken pipe", "No route to host")
"""Coolify takes a failure with one of these for one of ssh, and runs the command again (SshRetryable.php:14-44)."""


def run_pre_deployment_command(engine: RealEngine, application: Application, log: list[str]) -> list[str]:
    """Run it, if there is one, in a container of the application as it runs now: before the clone.

    Args:
        engine: The server's.
        application: Whose command.
        log: Of the deployment; says so when the command is skipped.

    Returns:
        The lines that were run; two or three when a failure was taken for one of ssh.

    Raises:
        DeploymentFailed: It ended with another code than 0, or its container cannot be told.
    """
    if not application.pre_deployment_command:
        return []
    name = _container(engine, application)
    if name is None:
        log.append("No running containers found. Skipping.")
        return []
    command = re.sub(r"\r\n|\r|\n", " ", application.pre_deployment_command).replace("'", "'\\''")
    line = f"docker exec {name} sh -c '{command}'"
    commands = [line]
    done = on_host(line, engine)
    while len(commands) < _TRIES and _taken_for_ssh(done):
        commands.append(line)
        done = on_host(line, engine)
    require(line, done)
    return commands


def _container(engine: RealEngine, application: Application) -> str | None:
    """Return the one container, or the one of the service that is named; stopped ones count (D:46-90)."""
    label = f"label=coolify.applicationId={application.number}"
    names = engine.docker("ps", "-a", "--filter", label, "--format", "{{.Names}}").stdout.split()
    if len(names) < 2:
        return names[0] if names else None
    prefix = f"{application.pre_deployment_container}-{application.uuid}"
    found = [name for name in names if name.startswith(prefix)]
    if not found:
        raise DeploymentFailed("Pre-deployment command: no valid container found. Is the container name right?")
    return found[0]


def _taken_for_ssh(done: subprocess.CompletedProcess[str]) -> bool:
    return done.returncode != 0 and any(words in done.stderr + done.stdout for words in _TAKEN_FOR_SSH)
