"""Where an interpolated name may get its value from: the shell, ``.env``, ``--env-file``.

Only for saying where. Whether a name is set at all, and what it does, is Compose's to say.
"""

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType

from preflight.envfile import EnvFile, read_env_file
from preflight.errors import CouldNotLook
from preflight.lib.records import frozen
from preflight.project import ComposeProject

_NOTHING: Mapping[str, str] = MappingProxyType({})


class SourceKind(StrEnum):
    """What a value comes from."""

    LITERAL = "literal"
    SHELL = "shell"
    FILE = "file"
    DEFAULT = "default"
    NOTHING = "nothing"
    ELSEWHERE = "elsewhere"


@frozen
class ValueSource:
    """What a value comes from.

    Args:
        kind: The sort of source.
        name: The variable that was looked up; empty for a literal.
        path: The env file, for ``FILE``.
        line: The line in it, from 1.
    """

    kind: SourceKind
    name: str = ""
    path: Path | None = None
    line: int | None = None


def interpolation_files(
    project: ComposeProject, environ: Mapping[str, str], files: tuple[Path, ...]
) -> tuple[Path, ...]:
    """Return the env files that feed ``${…}``, in rising precedence; they need not exist.

    ``--env-file`` replaces ``COMPOSE_ENV_FILES``, which replaces ``.env`` of the project's folder.

    Args:
        project: How Compose is called.
        environ: The shell's variables.
        files: The compose files; the project's folder is the first one's unless it is named.
    """
    if project.env_files:
        return project.env_files
    if listed := environ.get("COMPOSE_ENV_FILES"):
        return tuple(project.base / name.strip() for name in listed.split(",") if name.strip())
    folder = project.project_directory or (files[0].parent if files else project.base)
    return (folder / ".env",)


def find_source(name: str, environ: Mapping[str, str], files: tuple[Path, ...]) -> ValueSource | None:
    """Return where ``name`` is set for interpolation, the shell first, or ``None``."""
    if name in environ:
        return ValueSource(SourceKind.SHELL, name)
    for path in reversed(files):
        assignment = read_quietly(path).last(name)
        if assignment is not None:
            return ValueSource(SourceKind.FILE, name, path, assignment.line)
    return None


def read_quietly(path: Path, outside: Mapping[str, str] = _NOTHING, *, raw: bool = False) -> EnvFile:
    """Return an env file, as if empty when it cannot be read: Compose has judged it, this only looks for lines."""
    try:
        return read_env_file(path, raw=raw, outside=outside)
    except CouldNotLook:
        return EnvFile(path, ())
