"""One application or service stack of Coolify's, as found on this host. Values only."""

from enum import StrEnum
from pathlib import Path

from preflight.engine.container import Container
from preflight.lib.records import frozen

MANAGED = "coolify.managed"
PULL_REQUEST = "coolify.pullRequestId"
VERSION = "coolify.version"
TYPE = "coolify.type"


class Kind(StrEnum):
    """What Coolify calls the resource; each kind has a folder of its own."""

    APPLICATION = "application"
    SERVICE = "service"

    @property
    def folder(self) -> str:
        """The folder under Coolify's root."""
        return f"{self.value}s"

    @property
    def compose_file(self) -> str:
        """The name of the deployed compose file; it differs by kind (AJ 1035-1091, app/Models/Service.php)."""
        return "docker-compose.yaml" if self is Kind.APPLICATION else "docker-compose.yml"


class Situation(StrEnum):
    """How Coolify deploys a compose file; decides what becomes of ``env_file:``. The value is for people."""

    DEFAULT = "default mode"
    DEFAULT_PRESERVED = "default mode with Preserve Repository"
    RAW = "Raw Compose Deployment"
    RAW_PRESERVED = "Raw Compose Deployment with Preserve Repository"
    SERVICE = "service stack"

    @property
    def keeps_env_file(self) -> bool:
        """Whether the entries of ``env_file:`` survive (AJ 685-703; P 2743-2751)."""
        return self not in {Situation.DEFAULT, Situation.DEFAULT_PRESERVED}

    @property
    def copies_repository(self) -> bool:
        """Whether the repository's files reach the host (AJ 1037-1059)."""
        return self in {Situation.DEFAULT_PRESERVED, Situation.RAW_PRESERVED}

    @property
    def ups_on_host(self) -> bool:
        """Whether `up` runs with the host's Compose; otherwise with that in Coolify's helper (AJ 843-893)."""
        return self is not Situation.DEFAULT


@frozen
class Resource:
    """One application or service stack.

    Args:
        uuid: Its UUID, the name of its folder and mostly of its Compose project.
        kind: What it is.
        folder: Where Coolify keeps its files on this host; need not exist.
        containers: Those of the service that was asked for, in every state, previews left out; newest first.
        previews: Those of its pull requests.
        version: The version of the Coolify that made the containers, e.g. "4.3.11"; None where no label tells.
        found_by: How it was found, for people.
    """

    uuid: str
    kind: Kind
    folder: Path
    containers: tuple[Container, ...] = ()
    previews: tuple[Container, ...] = ()
    version: str | None = None
    found_by: str = ""

    @property
    def compose_file(self) -> Path:
        """Where Coolify writes the file that it deploys."""
        return self.folder / self.kind.compose_file

    @property
    def env_file(self) -> Path:
        """Where Coolify writes the variables of its UI."""
        return self.folder / ".env"


def is_preview(container: Container) -> bool:
    """Whether a container belongs to a pull request's preview, not to production."""
    return container.labels.get(PULL_REQUEST, "0") not in {"", "0"}
