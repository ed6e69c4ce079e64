"""Runs env-file-syntax on a folder, with a real Compose."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypedDict, Unpack

from checks.env_file_syntax import EnvFileSyntax
from preflight.check import NoSettings
from preflight.compose.ask.binary import ComposeBinary
from preflight.compose.ask.door import Compose
from preflight.context import Options
from preflight.lib.deadline import Deadline
from preflight.model import Finding, Stage
from preflight.project import ComposeProject, Pin
from preflight.testing import fake_context, run_check
from tests.real.compose import NEWEST_COMPOSE, compose_binary

GOOD = "[{path: pin.env, required: false}, {path: pin.local.env, required: false}]"
LONG = "{{path: {}, required: false}}".format
PIN = LONG("pin.env")
LOCAL = LONG("pin.local.env")


def composes(version: str) -> Callable[[Mapping[str, str], Deadline], tuple[ComposeBinary, ...]]:
    """Return the search for Compose that finds one version."""
    return lambda _environ, _deadline: (ComposeBinary("standalone", (str(compose_binary(version)),), version, version),)


class How(TypedDict, total=False):
    """How the check is run; what is left out is as in most tests."""

    version: str
    pin: str
    service: str
    overrides: tuple[str, ...]
    others: tuple[str, ...]
    environ: Mapping[str, str] | None
    directory: str
    stage: Stage


def look(folder: Path, *files: str, **how: Unpack[How]) -> list[tuple[str, str, str | None]]:
    """Run the check on a folder; return status, code and place of each finding."""
    return [
        (finding.status.value, finding.code, str(finding.location) if finding.location else None)
        for finding in findings(folder, *files, **how)
    ]


def findings(
    folder: Path,
    *files: str,
    version: str = NEWEST_COMPOSE,
    pin: str = "pin.env",
    service: str = "app",
    overrides: tuple[str, ...] = (),
    others: tuple[str, ...] = (),
    environ: Mapping[str, str] | None = None,
    directory: str = "",
    stage: Stage = Stage.BEFORE,
) -> list[Finding]:
    """Run the check on a folder."""
    env = {"PATH": os.environ.get("PATH", os.defpath), "HOME": str(folder), **(environ or {})}
    project = ComposeProject(
        folder, tuple(folder / name for name in files), project_directory=folder / directory if directory else None
    )
    pins = (
        Pin("PIN", service, folder / pin, tuple(folder / name for name in overrides)),
        *(Pin(f"PIN_{place}", service, folder / name) for place, name in enumerate(others)),
    )
    ctx = fake_context(
        folder,
        pins=pins,
        project=project,
        environ=env,
        compose=Compose(project, env, composes(version)),
        options=Options(stage=stage),
        seconds=60,
    )
    found = run_check(EnvFileSyntax(NoSettings()), ctx)
    assert found
    assert all(finding.status == "pass" or finding.hint for finding in found)
    assert all(len(finding.message) <= 270 for finding in found)
    return found


def service(env_file: str, name: str = "app") -> str:
    """Return a compose file with one service; its ``env_file:`` stands in line 4."""
    return f"services:\n  {name}:\n    image: b\n    env_file: {env_file}\n"


Judge = Callable[..., list[tuple[str, str, str | None]]]
