"""Lines of shell on the server."""

import subprocess

from tests.real.engine import RealEngine


class DeploymentFailed(Exception):
    """Coolify shows the deployment as failed; what had been done by then stays done."""


def on_host(line: str, engine: RealEngine) -> subprocess.CompletedProcess[str]:
    """Run a line of shell on the server, as over ssh: none of this process's own variables are there."""
    return run(["sh", "-c", line], engine.environ)


def run(argv: list[str], environ: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a program to its end."""
    return subprocess.run(
        argv, env=environ, cwd="/", capture_output=True, text=True, timeout=120, check=False, stdin=subprocess.DEVNULL
    )


def require(line: str, done: subprocess.CompletedProcess[str]) -> None:
    """Take what a line ended with.

    Raises:
        DeploymentFailed: Another code than 0, in the words of the deployment's page.
    """
    if done.returncode != 0:
        said = done.stderr or done.stdout
        raise DeploymentFailed(f"Command execution failed (exit code {done.returncode}): {line}\nError: {said}")
