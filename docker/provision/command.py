"""Starts the programs that bring and run things; every call has a limit in seconds."""

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from provision.errors import ProvisionError


def run(
    argv: Sequence[str],
    *,
    seconds: float = 120,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    stdin: bytes = b"",
    shielded: bool = False,
) -> str:
    """Run a program to its end and return its standard output.

    Args:
        argv: Program and arguments; no shell.
        seconds: After these it is killed.
        env: Added to our own environment.
        cwd: Folder to start in.
        stdin: Fed to it.
        shielded: It does not get the Ctrl-C of the terminal; for cleaning up.

    Raises:
        ProvisionError: It is missing, failed or took too long; the message ends with its last line.
    """
    try:
        done = subprocess.run(
            list(argv),
            input=stdin,
            capture_output=True,
            check=False,
            timeout=seconds,
            env={**os.environ, **(env or {})},
            cwd=cwd,
            start_new_session=shielded,
        )
    except OSError as error:
        raise ProvisionError(f"{argv[0]} cannot be started: {error.strerror}", "install it") from error
    except subprocess.TimeoutExpired as error:
        raise ProvisionError(f"{' '.join(argv[:3])} took over {seconds:g} s", "try again") from error
    if done.returncode != 0:
        raise ProvisionError(
            f"{' '.join(argv[:4])} ended with {done.returncode}: {last_line(done.stderr or done.stdout)}",
            "run it by hand to see more",
        )
    return done.stdout.decode("utf-8", "replace")


def last_line(output: bytes) -> str:
    """Return the last line that says something."""
    lines = [line.strip() for line in output.decode("utf-8", "replace").splitlines() if line.strip()]
    return lines[-1][:300] if lines else "(it said nothing)"
