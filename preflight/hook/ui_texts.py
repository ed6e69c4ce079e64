"""The texts to paste into Coolify's UI, made for one application."""

import re
import shlex
from collections.abc import Mapping
from pathlib import Path

from preflight.errors import CouldNotLook
from preflight.git.address import parse_address
from preflight.git.door import Git
from preflight.lib.deadline import Deadline
from preflight.lib.records import frozen
from preflight.lib.regex import regex

SIDECAR = "preflight"
"""Name of the sidecar's service in docker/coolify/compose.preflight.yaml."""

UNKNOWN_UUID = "APPLICATION-UUID"
UNKNOWN_REPOSITORY = "https://HOST/OWNER/NAME"
_IMAGE = "preflight:0.1.0"
_PLUGINS = "/usr/libexec/docker/cli-plugins"
_INSIDE = "/work"
# What Coolify's custom commands may be made of (4.3.11, app/Support/ValidationPatterns.php:74), quotes left out.
_ALLOWED = regex(r"(?:&&|\|\||[ \ta-zA-Z0-9._\-/=:@,+\[\]{}#%^~*?!])+")
_COMPOSE_WORD = regex(r"docker[\s-]compose", re.IGNORECASE)


@frozen
class ApplicationFields:
    """An application, as its fields in Coolify say.

    Args:
        application: Its UUID.
        repository: Address to fetch from.
        branch: That is deployed.
        base_directory: From the root of the repository, ``/`` or ``/docker``.
        compose_location: Below that, e.g. ``/compose.app.yaml``.
        image: Of preflight, on the server.
        socket: The engine's, on the server.
        root: Coolify's folder there.
        state: Folder there for receipts, log and lock of all applications.
        plugins: Folder there with the Compose that deploys.
        more: Further options of the hook, e.g. ``--registry-insecure HOST``.
    """

    application: str = UNKNOWN_UUID
    repository: str = UNKNOWN_REPOSITORY
    branch: str = "main"
    base_directory: str = "/"
    compose_location: str = "/docker-compose.yaml"
    image: str = _IMAGE
    socket: str = "/var/run/docker.sock"
    root: str = "/data/coolify"
    state: str = "/var/lib/preflight"
    plugins: str = _PLUGINS
    more: tuple[str, ...] = ()

    @property
    def where(self) -> tuple[str, ...]:
        """The options that say where the files lie."""
        place = ("--base-directory", self.base_directory, "--compose-location", self.compose_location)
        return ("--application", self.application, "--branch", self.branch, *place, *self.more)


def pre_deployment_command(place: ApplicationFields) -> str:
    """Return the command for "Pre-deployment": one line, no comment, its exit code the last thing it has."""
    return shlex.join(["preflight", "hook", "--repository", place.repository, *place.where])


def custom_build_command(place: ApplicationFields) -> str:
    """Return the command for "Custom Build Command": the second gate, then the build that Coolify would do.

    It runs in the helper, in the checkout (AJ 733-769), before the old containers are removed. The helper's files are
    not the host's, so they are copied into a container of ours. Coolify writes the ``.env`` that the default mode makes
    every service require only after this command, so an empty one has to hold its place. Coolify puts ``-f`` and
    ``--env-file`` behind the first ``docker compose`` unless the line has them (D 1663-1682), and
    ``--project-directory`` behind the first ``compose`` unless the line has one (AJ 640).

    Raises:
        ValueError: A part has a character that Coolify does not accept there.
    """
    name = f"preflight-gate-{place.application}"
    mounts = (
        f"{place.socket}:/var/run/docker.sock:ro",
        f"{place.root}/applications:{place.root}/applications:ro",
        f"{place.plugins}:{_PLUGINS}:ro",
        f"{place.state}/{place.application}:/var/lib/preflight",
    )
    create = ["docker", "create", "--name", name, "--network", "host", "--user", "0:0"]
    create += ["--cap-drop", "ALL", "--cap-add", "DAC_READ_SEARCH", "--security-opt", "no-new-privileges"]
    create += [word for mount in mounts for word in ("--volume", mount)]
    create += [place.image, "hook", "--checkout", _INSIDE]
    options = _COMPOSE_WORD.sub(lambda found: found[0].replace("-", "%2D"), " ".join(place.where))
    directory = f".{place.base_directory.rstrip('/')}"
    gate = [
        f"docker rm --force {name} || true",
        f"{' '.join(create)} {options}",
        f"touch {directory}/.env",
        f"docker cp . {name}:{_INSIDE}",
        f"docker start --attach {name}",
        f"docker rm {name}",
    ]
    build = f"docker compose --project-name {place.application} --project-directory {directory} build --pull"
    line = " && ".join([*gate, build])
    if not _ALLOWED.fullmatch(line) or _COMPOSE_WORD.search(" ".join(create)):
        raise ValueError("a name in it has a character that Coolify does not take in a custom build command")
    return line


def application_fields(
    compose_file: Path | None, root: Path | None, environ: Mapping[str, str], deadline: Deadline
) -> ApplicationFields:
    """Return what can be told from a checkout; placeholders in capital letters stand for the rest.

    Args:
        compose_file: The compose file that is deployed.
        root: Of the git work tree.
        environ: In which git is called.
        deadline: When git must have answered.
    """
    place = ApplicationFields()
    if compose_file is not None and root is not None and compose_file.is_relative_to(root):
        inside = compose_file.relative_to(root)
        base = "/" if inside.parent == Path() else f"/{inside.parent}"
        place = ApplicationFields(base_directory=base, compose_location=f"/{inside.name}")
    if root is None:
        return place
    from dataclasses import replace

    git = Git(root, environ)
    try:
        remote, branch = git.remote_url(deadline) or "", git.branch(deadline)
    except CouldNotLook:
        return place
    return replace(place, repository=fetched_from(remote), branch=branch or place.branch)


def fetched_from(remote: str) -> str:
    """Return a remote's address as one that needs no ssh and holds no password; a placeholder if that cannot be."""
    return parse_address(remote).https or UNKNOWN_REPOSITORY


def instructions(place: ApplicationFields) -> str:
    """Return what to do in Coolify, step by step, with the texts to paste."""
    return f"""\
Paste into Coolify (application {place.application}); nothing was written here.

1. Configuration > General
   Build Pack                    Docker Compose
   Base Directory                {place.base_directory}
   Docker Compose Location       {place.compose_location}
   Raw Compose Deployment        on    the default mode replaces every env_file: by Coolify's own .env
   Preserve Repository           on    copies the base directory, and so the pin file, to where `up` looks for it
   The path of the pin file in env_file: is then relative to the base directory: write ./NAME.env.

2. In the compose file: the sidecar of docker/coolify/compose.preflight.yaml (or compose.preflight-proxy.yaml), with
   {UNKNOWN_UUID} replaced by {place.application}. In raw mode labels: must be lists ("- a=b") in every service:
   Coolify appends its own to them. Deploy once: a first deployment is never gated, for no container is there yet.

3. Configuration > Advanced > Pre/Post Deployment Commands
   Pre-deployment                {pre_deployment_command(place)}
   Container name                {SIDECAR}

4. Configuration > General > Custom Build Command: the second gate, which sees the very checkout that is deployed. It
   ends with the build that Coolify would do itself. Have the pins in preflight.yaml (`preflight init` writes it): in
   the default mode nothing in that checkout tells of them any more, and the line would only say that none was found.
   {_gate_or_reason(place)}

5. On the server, for a job of every hour: what runs is what was approved.
   preflight run --only approved-\
rollout --output json=/var/lib/preflight.json     with, in preflight.yaml:
   checks: {{approved-\
rollout: {{receipts: {place.state}/{place.application}/receipts}}}}

`preflight explain hook` says why each of these is as it is.
"""


def _gate_or_reason(place: ApplicationFields) -> str:
    try:
        return custom_build_command(place)
    except ValueError as error:
        return f"(none: {error})"
