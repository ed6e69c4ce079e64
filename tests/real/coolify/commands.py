"""What Coolify puts before and into the commands it runs (AJ 629-642, AJ 2259-2288, D:1650-1682)."""

import re

from tests.real.coolify.resource import Application

_FILE = re.compile(r"(?:^|\s)(?:-f(?:[=\s]|[./~]|$)|--file(?:=|\s))")
_ENV_FILE = re.compile(r"(?:^|\s)--env-file(?:=|\s)")


def with_options(command: str, *, folder: str, file: str, env_file: str) -> str:
    """Return a command with the options it lacks.

    Args:
        command: As the user wrote it. ``--project-directory`` goes behind its first ``compose``, even where that is
            part of a file's name; the others go behind its first ``docker compose``, if it has one.
        folder: For ``--project-directory``.
        file: For ``-f``.
        env_file: For ``--env-file``.
    """
    if "--project-directory" not in command:
        command = command.replace("compose", f"compose --project-directory {folder}", 1)
    options = "" if _FILE.search(command) else f" -f {file}"
    options += "" if _ENV_FILE.search(command) else f" --env-file {env_file}"
    return re.sub(r"docker\s+compose", lambda _: f"docker compose{options}", command, count=1)


def shell_variables(application: Application, commit: str) -> str:
    """Return what stands before `up`, with a space behind each, and wins over ``--env-file``.

    An application of this build pack has no address of its own, so no address is among it.
    """
    variables = {"SOURCE_COMMIT": commit} if application.source_commit else {}
    variables |= {"COOLIFY_BRANCH": application.branch, "COOLIFY_RESOURCE_UUID": application.uuid}
    return "".join(f"{key}={_quoted(value)} " for key, value in variables.items())


def _quoted(value: str) -> str:
    return "'{}'".format(value.replace("'", "'\\''"))
