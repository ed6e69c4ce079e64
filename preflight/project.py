"""What is judged: the pins, and the compose project that reads them. Values only."""

from pathlib import Path

from preflight.lib.records import frozen


@frozen
class Pin:
    """One variable that pins an image for one service.

    Args:
        variable: Name of the variable, e.g. ``HEPHAESTUS_AGENT_IMAGE_REFERENCE``.
        service: The Compose service that reads it.
        file: Absolute path of the env file in git that holds it: the source of truth.
        overrides: Absolute paths of env files that may stand after it on a developer's machine only.
        message: The message of the commit that updates it, with ``{release}`` and ``{digest}``; empty for the
            usual one.
    """

    variable: str
    service: str
    file: Path
    overrides: tuple[Path, ...] = ()
    message: str = ""


@frozen
class ComposeProject:
    """How Compose is called for this project; empty fields leave the choice to Compose.

    Args:
        base: Absolute path of the folder in which Compose is started.
        files: Absolute paths for ``-f``, in order.
        project_directory: Absolute path for ``--project-directory``.
        env_files: Absolute paths for ``--env-file``, in order.
        profiles: For ``--profile``.
        project_name: For ``--project-name``.
    """

    base: Path
    files: tuple[Path, ...] = ()
    project_directory: Path | None = None
    env_files: tuple[Path, ...] = ()
    profiles: tuple[str, ...] = ()
    project_name: str | None = None
