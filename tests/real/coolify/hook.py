"""The commands before and after a deployment (AJ 2155-2200, 4742-4868): where they run, when they are skipped."""

import re
import subprocess

from tests.real.coolify.resource import Application
from tests.real.coolify.shell import DeploymentFailed, on_host, require
from tests.real.engine import RealEngine

_TRIES = 3
_TAKEN_FOR_SSH = (
    *("kex_exchange_identification", "ssh_exchange_identification", "bad file descriptor", "broken pipe"),
    *("connection reset by", "connection refused", "connection timed out", "connection closed by remote host"),
    *("no route to host", "network is unreachable", "network is down", "host is down", "no buffer space available"),
    *("permission denied, please try again", "received disconnect from", "disconnected from", "lost connection"),
    *("timeout, server not responding", "cannot assign requested address", "host key verification failed"),
    *("operation timed out", "connection closed unexpectedly", "remote host closed connection"),
    *("authentication failed", "too many authentication failures", "ssh command failed with exit code: 255"),
)
"""Coolify takes a failure with one of these, in any case, for one of ssh, and runs the command again
(SshRetryable.php:14-44; the three patterns among its 29 texts are compared as they stand and never match)."""


def run_pre_deployment_command(
    engine: RealEngine, application: Application, pull_request: int, log: list[str]
) -> list[str]:
    """Run it, if there is one, in a container of the application as it runs now: before the clone.

    Args:
        engine: The server's.
        application: Whose command.
        pull_request: 0 for production, which ignores the containers of previews; a preview looks at its own only.
        log: Of the deployment; says so when the command is skipped.

    Returns:
        The lines that were run; two or three when a failure was taken for one of ssh.

    Raises:
        DeploymentFailed: It ended with another code than 0, or its container cannot be told.
    """
    if not application.pre_deployment_command:
        return []
    name = _container(engine, application, pull_request, application.pre_deployment_container)
    if name is None:
        log.append("No running containers found. Skipping.")
        return []
    line = _line(name, application.pre_deployment_command)
    commands = [line]
    done = on_host(line, engine)
    while len(commands) < _TRIES and _taken_for_ssh(done):
        commands.append(line)
        done = on_host(line, engine)
    require(line, done)
    return commands


def run_post_deployment_command(
    engine: RealEngine, application: Application, pull_request: int, log: list[str]
) -> list[str]:
    """Run it, if there is one, in a container of the new deployment, which is finished already (AJ 529-556, 4860-4868).

    Args:
        engine: The server's.
        application: Whose command.
        pull_request: 0 for production.
        log: Of the deployment; gets what the command printed, if it failed and printed anything.

    Returns:
        The line that was run; none where its container cannot be told, which is only in Coolify's own log.
    """
    if not application.post_deployment_command:
        return []
    try:
        name = _container(engine, application, pull_request, application.post_deployment_container)
    except DeploymentFailed:
        return []
    if name is None:
        return []
    line = _line(name, application.post_deployment_command)
    done = on_host(line, engine)
    said = done.stdout + done.stderr
    if done.returncode != 0 and said:
        log += ["Post-deployment command failed.", said]
    return [line]


def _line(container: str, command: str) -> str:
    quoted = re.sub(r"\r\n|\r|\n", " ", command).replace("'", "'\\''")
    return f"docker exec {container} sh -c '{quoted}'"


def containers_of(engine: RealEngine, application: Application, pull_request: int) -> list[str]:
    """Return the names of an application's containers; stopped ones count, and no label is as good as 0 (D:46-90)."""
    found = engine.docker(
        *("ps", "-a", "--filter", f"label=coolify.applicationId={application.number}"),
        *("--format", '{{.Names}} {{.Label "coolify.pullRequestId"}}'),
    )
    rows = [line.split() for line in found.stdout.splitlines()]
    return [row[0] for row in rows if (row[1] if len(row) > 1 else "0") == str(pull_request)]


def _container(engine: RealEngine, application: Application, pull_request: int, service: str) -> str | None:
    """Return the one container, or the one of the service that is named."""
    names = containers_of(engine, application, pull_request)
    if len(names) < 2:
        return names[0] if names else None
    found = [name for name in names if service and name.startswith(f"{service}-{application.uuid}")]
    if not found:
        raise DeploymentFailed("Deployment command: no valid container found. Is the container name right?")
    return found[0]


def _taken_for_ssh(done: subprocess.CompletedProcess[str]) -> bool:
    return done.returncode != 0 and any(words in (done.stderr + done.stdout).lower() for words in _TAKEN_FOR_SSH)
