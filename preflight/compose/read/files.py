"""Which compose files, which folder and which variables Compose would take for a project.

Measured with Compose 2.24.1 to 2.40.3; the order of the steps is that of compose-go's ``cli/options.go``.
"""

from collections.abc import Mapping
from pathlib import Path

from preflight.envfile import read_env_file
from preflight.lib.records import frozen
from preflight.project import ComposeProject

NAMES = ("compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml")
"""What Compose looks for in a folder and above, the first found wins."""
OVERRIDE_NAMES = (
    "compose.override.yml",
    "compose.override.yaml",
    "docker-compose.override.yml",
    "docker-compose.override.yaml",
)
"""What Compose adds from the same folder, the first found wins."""


@frozen
class ProjectFiles:
    """What Compose would read.

    Args:
        files: The compose files in order; empty when it would find none.
        folder: The project directory, against which relative paths are resolved.
        environ: What interpolation sees: the shell, then ``--env-file`` or ``.env``.
    """

    files: tuple[Path, ...]
    folder: Path
    environ: Mapping[str, str]


def compose_files(project: ComposeProject, environ: Mapping[str, str]) -> tuple[Path, ...]:
    """Return the compose files that Compose would read, absolute and in order; empty when there are none.

    Raises:
        CouldNotLook: ``.env`` or ``--env-file``, which may name them, cannot be read.
    """
    return find_files(project, environ).files


def find_files(project: ComposeProject, environ: Mapping[str, str]) -> ProjectFiles:
    """Return what Compose would read for a project called in ``environ``.

    Raises:
        CouldNotLook: ``.env`` or ``--env-file`` cannot be read.
    """
    folder = project.project_directory or (project.files[0].parent if project.files else project.base)
    known = _with_env_files(project, environ, folder, listed=environ.get("COMPOSE_ENV_FILES"))
    files = project.files or _named(project, known) or _found(folder)
    if files and project.project_directory is None:
        folder = files[0].parent
        known = _with_env_files(project, known, folder, listed=environ.get("COMPOSE_ENV_FILES"))
    return ProjectFiles(files, folder, known)


def is_there(path: Path) -> bool:
    """Whether something is at a path, as far as we may see."""
    try:
        return path.exists()
    except OSError:  # a folder that may not be searched, a name too long
        return False


def _named(project: ComposeProject, environ: Mapping[str, str]) -> tuple[Path, ...]:
    listed = environ.get("COMPOSE_FILE")
    if listed is None:
        return ()
    # An empty name is the folder itself: Compose fails on it, and so does reading it.
    return tuple(project.base / name for name in listed.split(environ.get("COMPOSE_PATH_SEPARATOR") or ":"))


def _found(start: Path) -> tuple[Path, ...]:
    for folder in (start, *start.parents):
        found = [folder / name for name in NAMES if is_there(folder / name)]
        if found:
            overrides = [folder / name for name in OVERRIDE_NAMES if is_there(folder / name)]
            return (found[0], *overrides[:1])
    return ()


def _with_env_files(
    project: ComposeProject, environ: Mapping[str, str], folder: Path, *, listed: str | None
) -> dict[str, str]:
    """Return ``environ`` with what the env files add to it; a later file overrides an earlier one.

    ``listed`` is the shell's ``COMPOSE_ENV_FILES``: from ``.env`` it does nothing (2.24.1 to 2.40.3).
    """
    added: dict[str, str] = {}
    for path in _env_files(project, environ, folder, listed):
        for assignment in read_env_file(path, outside={**added, **environ}).assignments:
            if assignment.value is not None:
                added[assignment.name] = assignment.value
    return {**added, **environ}


def _env_files(
    project: ComposeProject, environ: Mapping[str, str], folder: Path, listed: str | None
) -> tuple[Path, ...]:
    if project.env_files:
        return project.env_files
    if listed:
        return tuple(project.base / name for name in listed.split(","))
    if environ.get("COMPOSE_DISABLE_ENV_FILE", "").lower() in {"1", "t", "true"}:
        return ()
    default = folder / ".env"
    return (default,) if is_there(default) and not default.is_dir() else ()
