"""Runs the steps of a composite action as GitHub's runner does, as far as ours goes: bash, with inputs in variables.

Source: docs.github.com, "Workflow syntax" (shell), "Metadata syntax" (composite actions), "Workflow commands" (files).
"""

import os
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

_INPUT = re.compile(r"\$\{\{ inputs\.([a-z-]+) \}\}")
_KNOWN = {"name", "shell", "env", "run"}


@dataclass(frozen=True)
class Outcome:
    """What a step left.

    Args:
        code: Exit code of its shell.
        log: What it printed, standard error included.
        summary: The file of ``GITHUB_STEP_SUMMARY``.
    """

    code: int
    log: str
    summary: str

    @property
    def annotations(self) -> list[str]:
        """The workflow commands of the log."""
        return [line for line in self.log.splitlines() if line.startswith("::")]


@dataclass(frozen=True)
class Runner:
    """A machine with a checkout.

    Args:
        action: Folder of the action.
        workspace: The checkout that is judged.
        temp: The runner's own folder; what one step leaves there the next ones find.
        environ: Of the machine: ``PATH``, ``HOME`` and the like.
    """

    action: Path
    workspace: Path
    temp: Path
    environ: Mapping[str, str]

    @property
    def definition(self) -> dict[str, Any]:
        """The action's metadata."""
        read: dict[str, Any] = yaml.safe_load((self.action / "action.yml").read_text(encoding="utf-8"))
        return read

    def step(self, name: str, **inputs: str) -> Outcome:
        """Run one step of the action.

        Args:
            name: Of the step.
            inputs: Those that a workflow gives, with ``_`` for ``-``; the others have their defaults.
        """
        given = {key.replace("_", "-"): value for key, value in inputs.items()}
        values = {key: given.get(key, one["default"]) for key, one in self.definition["inputs"].items()}
        assert given.keys() <= values.keys()
        [step] = [each for each in self.definition["runs"]["steps"] if each["name"] == name]
        assert step.keys() <= _KNOWN
        assert step["shell"] == "bash"
        script = self.temp / "step.sh"
        script.write_text(step["run"], encoding="utf-8")
        summary = self.temp / "summary.md"
        summary.write_text("What the step had said before.\n", encoding="utf-8")
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)],
            cwd=self.workspace,
            env={
                **self.environ,
                "CI": "true",
                "GITHUB_ACTIONS": "true",
                "GITHUB_ACTION_PATH": str(self.action),
                "GITHUB_STEP_SUMMARY": str(summary),
                "GITHUB_WORKSPACE": str(self.workspace),
                "RUNNER_TEMP": str(self.temp),
                **{key: _INPUT.sub(lambda found: values[found[1]], text) for key, text in step.get("env", {}).items()},
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=300,
            check=False,
        )
        return Outcome(done.returncode, done.stdout, summary.read_text(encoding="utf-8"))


def machine(**more: str) -> dict[str, str]:
    """Return the variables of a machine; those of pip say where packages come from here."""
    kept = {name: value for name, value in os.environ.items() if name == "PATH" or name.startswith("PIP_")}
    return {"LC_ALL": "C.UTF-8", **kept, **more}
