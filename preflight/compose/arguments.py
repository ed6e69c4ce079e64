"""The command line of a project, and which compose files Compose would find by itself.

The search is needed in one place only: a further file (``-f -``) can be handed over only together with all
the others. It repeats what Compose does (compose-go, ``cli/options.go``; measured with 2.24.1 to 2.40.3).
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

from preflight.context import ComposeProject

_NAMES = ("compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml")
_OVERRIDES = (
    "compose.override.yml",
    "compose.override.yaml",
    "docker-compose.override.yml",
    "docker-compose.override.yaml",
)


def project_arguments(project: ComposeProject, files: Sequence[Path | str] = ()) -> list[str]:
    """Return Compose's global options for ``project``, with ``files`` in the place of its own if given."""
    options = {
        "-f": files or project.files,
        "--project-directory": [project.project_directory] if project.project_directory else [],
        "--env-file": project.env_files,
        "--profile": project.profiles,
        "--project-name": [project.project_name] if project.project_name else [],
    }
    return [word for option, values in options.items() for value in values for word in (option, str(value))]


def compose_files(project: ComposeProject, setting: Mapping[str, str]) -> tuple[Path, ...]:
    """Return the files that Compose would take, in order; empty when it would find none.

    Args:
        project: Explicit files win.
        setting: ``COMPOSE_*`` variables, the shell's over those of ``.env``.
    """
    if project.files:
        return project.files
    listed = setting.get("COMPOSE_FILE", "")
    if listed:
        separator = setting.get("COMPOSE_PATH_SEPARATOR") or ":"
        return tuple(project.base / name for name in listed.split(separator))
    for folder in (start := project.project_directory or project.base, *start.parents):
        found = [folder / name for name in _NAMES if (folder / name).exists()]
        if found:
            overrides = [folder / name for name in _OVERRIDES if (folder / name).exists()]
            return (found[0], *overrides[:1])
    return ()
