"""Projects on disk and what env-shadowing says of them, with a real Compose."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from checks.env_shadowing import EnvShadowing
from preflight.check import NoSettings
from preflight.compose.ask.binary import ComposeBinary
from preflight.compose.ask.door import Compose
from preflight.context import Context
from preflight.model import Finding
from preflight.project import ComposeProject, Pin
from preflight.testing import fake_context, run_check
from tests.real.compose import NEWEST_COMPOSE, compose_binary

SECONDS = 60.0


def project_of(folder: Path, args: Sequence[str]) -> ComposeProject:
    """Return the project that Compose's global options mean, called from ``folder``."""
    given: dict[str, list[str]] = {}
    for option, value in zip(args[::2], args[1::2], strict=True):
        given.setdefault(option, []).append(value)
    directory = given.get("--project-directory")
    return ComposeProject(
        base=folder,
        files=tuple(folder / name for name in given.get("-f", ())),
        project_directory=folder / directory[0] if directory else None,
        env_files=tuple(folder / name for name in given.get("--env-file", ())),
        profiles=tuple(given.get("--profile", ())),
    )


@dataclass(frozen=True)
class Judged:
    """What came of one project.

    Args:
        findings: Of the check.
        compose: The door that was used.
    """

    findings: tuple[Finding, ...]
    compose: Compose

    @property
    def verdict(self) -> str:
        """The worst status."""
        return min((finding.status for finding in self.findings), key=lambda status: status.rank).value

    @property
    def words(self) -> str:
        """All that an operator may read."""
        return "\n".join(
            f"{finding.message} | {finding.location} | {finding.hint} | {dict(finding.evidence)}"
            for finding in self.findings
        )


def context_of(
    folder: Path,
    pins: Sequence[Pin],
    *,
    args: Sequence[str] = ("-f", "compose.yaml"),
    env: Mapping[str, str] | None = None,
    version: str = NEWEST_COMPOSE,
    argv: Sequence[str] = (),
) -> Context:
    """Return the context of a check in ``folder``, with one real Compose; ``argv`` stands in for it."""
    environ = {"PATH": os.environ["PATH"], "HOME": str(folder), **(env or {})}
    project = project_of(folder, args)
    command = tuple(argv) or (str(compose_binary(version)),)
    binary = ComposeBinary("standalone", command, version, version)
    compose = Compose(project, environ, lambda _environ, _deadline: (binary,))
    return fake_context(folder, pins=pins, project=project, compose=compose, environ=environ, seconds=SECONDS)


def judge(context: Context) -> Judged:
    """Run the check as the engine would."""
    return Judged(tuple(run_check(EnvShadowing(NoSettings()), context)), context.doors.compose)


def write(folder: Path, texts: Mapping[str, str | bytes]) -> None:
    """Write files; a text ``-> NAME`` makes a link."""
    for name, text in texts.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(text, bytes):
            path.write_bytes(text)
        elif text.startswith("-> "):
            path.symlink_to(folder / text[3:])
        else:
            path.write_text(text)
