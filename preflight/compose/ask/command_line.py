"""The command line of a project."""

from collections.abc import Sequence
from pathlib import Path

from preflight.project import ComposeProject


def project_arguments(project: ComposeProject, files: Sequence[Path | str] = ()) -> list[str]:
    """Return Compose's global options for ``project``, with ``files`` in place of its own if given."""
    options = {
        "-f": files or project.files,
        "--project-directory": [project.project_directory] if project.project_directory else [],
        "--env-file": project.env_files,
        "--profile": project.profiles,
        "--project-name": [project.project_name] if project.project_name else [],
    }
    return [word for option, values in options.items() for value in values for word in (option, str(value))]
