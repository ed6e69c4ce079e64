"""An application as its fields in Coolify say, as far as a checkout tells."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from preflight.errors import CouldNotLook
from preflight.git.address import parse_address
from preflight.git.door import Git
from preflight.lib.deadline import Deadline
from preflight.lib.records import frozen

UNKNOWN_UUID = "APPLICATION-UUID"
UNKNOWN_REPOSITORY = "https://HOST/OWNER/NAME"
_IMAGE = "preflight:0.2.0"
_PLUGINS = "/usr/libexec/docker/cli-plugins"


@frozen
class ApplicationFields:
    """An application, as its fields in Coolify say.

    Args:
        application: The UUID of the application.
        repository: Address to fetch from.
        branch: The branch that is deployed.
        base_directory: From the root of the repository, ``/`` or ``/docker``.
        compose_location: Below that, e.g. ``/compose.app.yaml``.
        image: The image of preflight, on the server.
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


def application_fields(
    compose_file: Path | None, root: Path | None, environ: Mapping[str, str], deadline: Deadline
) -> ApplicationFields:
    """Return what can be told from a checkout; placeholders in capital letters stand for the rest.

    Args:
        compose_file: The compose file that is deployed.
        root: The root of the git work tree.
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
    git = Git(root, environ)
    try:
        remote, branch = git.remote_url(deadline) or "", git.branch(deadline)
    except CouldNotLook:
        return place
    return replace(place, repository=fetched_from(remote), branch=branch or place.branch)


def fetched_from(remote: str) -> str:
    """Return a remote's address as one that needs no ssh and holds no password; a placeholder if that cannot be."""
    return parse_address(remote).https or UNKNOWN_REPOSITORY
