"""The gate in Coolify's custom build command: a line that fits its column, and the script that the line calls."""

import re
import shlex

from preflight.hook.application_fields import ApplicationFields
from preflight.lib.regex import regex

SCRIPT = "preflight-gate.sh"
"""Stands in the base directory, committed: the commit that takes it away cannot be deployed."""

LONGEST_COMMAND = 255
"""The column of the custom build command is a varchar(255) (migration 2023_12_17_155616), though Coolify's form accepts
1,000 characters. The other commands are held to it, too: only that of the pre-deployment was widened (#2267)."""

_PLUGINS = "/usr/libexec/docker/cli-plugins"
_INSIDE = "/work"
# What Coolify's custom commands may be made of (4.3.11, app/Support/ValidationPatterns.php:74), quotes left out.
_ALLOWED = regex(r"(?:&&|\|\||[ \ta-zA-Z0-9._\-/=:@,+\[\]{}#%^~*?!])+")
_COMPOSE_WORD = regex(r"docker[\s-]compose", re.IGNORECASE)


def custom_build_command(place: ApplicationFields) -> str:
    """Return the command for "Custom Build Command": the script, then the build that Coolify would do.

    Coolify puts ``-f`` and ``--env-file`` behind the first ``docker compose`` unless the line has them (D 1663-1682),
    and ``--project-directory`` behind the first ``compose`` unless the line has one (AJ 640).

    Raises:
        ValueError: A part has a character that Coolify does not accept there, or it is longer than the column.
    """
    folder = _folder(place)
    gate = f"sh {folder}/{SCRIPT}"
    line = f"{gate} && docker compose --project-name {place.application} --project-directory {folder} build --pull"
    if not _ALLOWED.fullmatch(line) or " " in folder + place.application or _COMPOSE_WORD.search(gate):
        raise ValueError("a name in it has a character that Coolify does not take in a custom build command")
    if len(line) > LONGEST_COMMAND:
        raise ValueError(f"it has {len(line)} characters, and Coolify keeps {LONGEST_COMMAND}: shorten Base Directory")
    return line


def gate_script(place: ApplicationFields) -> str:
    """Return the script that the command calls.

    It runs in the helper, in the checkout (AJ 733-769), before the old containers are removed. The helper's files are
    not the host's, so they are copied into a container of ours. Coolify writes the ``.env`` that the default mode makes
    every service require only after this command, so an empty one has to hold its place.
    """
    name = f"preflight-gate-{place.application}"
    mounts = (
        f"{place.socket}:/var/run/docker.sock:ro",
        f"{place.root}/applications:{place.root}/applications:ro",
        f"{place.plugins}:{_PLUGINS}:ro",
        f"{place.state}/{place.application}:/var/lib/preflight",
    )
    options = ["--network", "host", "--user", "0:0", "--cap-drop", "ALL", "--cap-add", "DAC_READ_SEARCH"]
    options += ["--security-opt", "no-new-privileges", *(word for each in mounts for word in ("--volume", each))]
    create = ["docker", "create", "--name", name, *options, place.image]
    lines = (
        "#!/bin/sh",
        "# The second gate, as `preflight init --coolify` made it: judges this checkout before the build.",
        "set -eu",
        f"{shlex.join(['docker', 'rm', '--force', name])} >/dev/null 2>&1 || true",
        f"{shlex.join([*create, 'hook', '--checkout', _INSIDE, *place.where])} >/dev/null",
        f"{shlex.join(['touch', f'{_folder(place)}/.env'])}  # Coolify writes it later; services may require it",
        f"{shlex.join(['docker', 'cp', '.', f'{name}:{_INSIDE}'])}",
        shlex.join(["docker", "start", "--attach", name]),
        f"{shlex.join(['docker', 'rm', name])} >/dev/null",
    )
    return "\n".join(lines) + "\n"


def _folder(place: ApplicationFields) -> str:
    return f".{place.base_directory.rstrip('/')}"
