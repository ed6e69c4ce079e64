"""The tool as a person runs it: a process of its own, with an environment that the test decides."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import preflight
from tests.real.signals import default_actions


class PreflightCli:
    """Runs ``python -m preflight``.

    Args:
        home: An empty folder that is ``HOME`` unless the test says otherwise.
    """

    def __init__(self, home: Path) -> None:
        self._home = home

    def __call__(
        self,
        *arguments: str | Path,
        cwd: Path,
        env: Mapping[str, str] | None = None,
        bare: bool = False,
        timeout: float = 90,
        stdin: str = "",
        measured: bool = True,
    ) -> subprocess.CompletedProcess[str]:
        """Run it to its end.

        Args:
            arguments: E.g. ``"run", "--format", "json"``.
            cwd: Folder to stand in.
            env: Added to a small clean environment (``PATH``, ``HOME``, ``LC_ALL``) or replacing names of it. Nothing
                else of the machine gets in, no ``DOCKER_HOST`` either: give ``engine.environ`` where the engine is
                wanted.
            bare: Only ``env``, as ``env -i`` would.
            timeout: Seconds; more is a failure of the test.
            stdin: Fed to it.
            measured: Whether coverage is measured, which imports modules of its own.

        Returns:
            ``returncode``, ``stdout`` and ``stderr`` as text.
        """
        return subprocess.run(
            [sys.executable, "-m", "preflight", *map(str, arguments)],
            cwd=cwd,
            env=self._environ(env, bare=bare, measured=measured),
            input=stdin,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )

    def start(
        self, *arguments: str | Path, cwd: Path, env: Mapping[str, str] | None = None, measured: bool = True
    ) -> "subprocess.Popen[str]":
        """Start it for a test of signals, and leave it running; it ignores none of them, whatever the suite does.

        Args:
            arguments: As of a call, like ``cwd`` and ``env``.
            cwd: See there.
            env: See there.
            measured: Whether coverage is measured, whose own start takes as long as ours.
        """
        with default_actions():
            return subprocess.Popen(
                [sys.executable, "-m", "preflight", *map(str, arguments)],
                cwd=cwd,
                env=self._environ(env, measured=measured),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )

    def _environ(self, env: Mapping[str, str] | None, *, bare: bool = False, measured: bool = True) -> dict[str, str]:
        clean = {"PATH": os.environ.get("PATH", os.defpath), "HOME": str(self._home), "LC_ALL": "C.UTF-8"}
        source = str(Path(preflight.__file__).resolve().parents[1])
        coverage = {name: value for name, value in os.environ.items() if measured and name.startswith("COVERAGE_")}
        return {**({} if bare else clean), "PYTHONPATH": source, **coverage, **(env or {})}
