"""What a person sets up in Coolify: applications, service stacks, and the variables of each."""

import re
import secrets
import string
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from tests.real.coolify.shell import DeploymentFailed

VERSION = "4.3.11"
_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*")


def new_uuid() -> str:
    """Return a name as Coolify makes them: 24 small letters and digits, the first a letter."""
    letters = string.ascii_lowercase
    return secrets.choice(letters) + "".join(secrets.choice(letters + string.digits) for _ in range(23))


@dataclass
class UiVariable:
    """One row of the page Environment Variables; both times are on by default (EV:39-42)."""

    key: str
    value: str | None = None
    is_preview: bool = False
    is_runtime: bool = True
    is_buildtime: bool = True
    is_literal: bool = False
    is_multiline: bool = False
    made_by_coolify: bool = False

    def __post_init__(self) -> None:
        """Trim key and value, and refuse what is no key (EV:88-378, ValidationPatterns:109-219)."""
        self.key = self.key.strip()
        if not _KEY.fullmatch(self.key):
            raise DeploymentFailed(f"The key must begin with a letter or an underscore: {self.key}")
        self.value = None if self.value is None else self.value.strip()


class Variables:
    """The rows of one resource, in the order of their creation.

    Args:
        with_previews: Each row for production brings a copy for previews (applications only, EV:95-120).
    """

    def __init__(self, *, with_previews: bool) -> None:
        self._rows: list[UiVariable] = []
        self._with_previews = with_previews

    def __iter__(self) -> Iterator[UiVariable]:
        return iter(list(self._rows))

    def get(self, key: str, *, is_preview: bool = False) -> UiVariable | None:
        """Return the row of that name."""
        return next((row for row in self._rows if row.key == key and row.is_preview is is_preview), None)

    def set(
        self,
        key: str,
        value: str | None,
        *,
        is_preview: bool = False,
        is_runtime: bool = True,
        is_buildtime: bool = True,
        is_literal: bool = False,
        is_multiline: bool = False,
    ) -> None:
        """Add or change a row, as the UI does."""
        row = UiVariable(key, value, is_preview, is_runtime, is_buildtime, is_literal, is_multiline)
        there = self.get(row.key, is_preview=is_preview)
        if there is None:
            self._add(row)
        else:
            self._rows[self._rows.index(there)] = row

    def first_or_create(self, key: str, value: str | None) -> UiVariable:
        """Return production's row of that name; what the parser finds missing it creates (P:1023-1130).

        Raises:
            DeploymentFailed: It is missing, and the name is no key.
        """
        row = self.get(key)
        if row is None:
            row = UiVariable(key, value, made_by_coolify=True)
            self._add(row)
        return row

    def update_or_create(self, key: str, value: str | None) -> None:
        """Give production's row of that name a value; what the parser finds missing it creates."""
        self.first_or_create(key, value).value = value

    def remove(self, key: str, *, is_preview: bool = False) -> None:
        """Delete the row; it must be there."""
        row = self.get(key, is_preview=is_preview)
        if row is None:
            raise AssertionError(f"the UI has no {key}")
        self._rows.remove(row)

    def _add(self, row: UiVariable) -> None:
        self._rows.append(row)
        if self._with_previews and not row.is_preview and self.get(row.key, is_preview=True) is None:
            self._rows.append(replace(row, is_preview=True))


def with_shared(text: str, shared: Mapping[str, str]) -> str:
    """Return a value, trimmed, with ``{{team.X}}`` and its kin filled in; what is not known stays (EV:310-356)."""
    return re.sub("{{(.*?)}}", lambda found: shared.get(found[1].strip(), found[0]), text.strip())


@dataclass
class Application:
    """A resource with the build pack Docker Compose. A test changes a setting as a person would, then deploys again.

    Args:
        repository: Where it is cloned from: the path of a real repository.
        name: Its name in the UI.
        branch: Its tip is deployed.
        base_directory: Folder in the repository, from ``/``.
        compose_location: The compose file below that folder, from ``/``.
        raw: Raw Compose Deployment.
        preserve: Preserve Repository During Deployment.
        consistent_names: Containers are called ``SERVICE-UUID``, without digits.
        escape_labels: A dollar sign in a label is doubled.
        source_commit: SOURCE_COMMIT goes before `up` too; off by default.
        sorted_variables: The rows of ``.env`` are sorted by their keys; off by default.
        domains: Service to address.
        pre_deployment_command: Run in a container of the running application.
        pre_deployment_container: Which one: a service's name.
        post_deployment_command: Run in a container of the new deployment.
        post_deployment_container: Which one.
        custom_build_command: Run in the helper, in the checkout.
        custom_start_command: Run in place of `up`.
        shared: The team's and project's variables, e.g. ``{"team.REGION": "eu"}``.
        uuid: As in its address.
        number: Its number in the database, which is all a label tells.
        variables: The rows of its UI.
        docker_compose: What the UI ("Deployable Compose") and the API show: what the parser made of the file last.
    """

    repository: Path
    name: str = "Hephaestus"
    branch: str = "main"
    base_directory: str = "/"
    compose_location: str = "/docker-compose.yaml"
    raw: bool = False
    preserve: bool = False
    consistent_names: bool = False
    escape_labels: bool = True
    source_commit: bool = False
    sorted_variables: bool = False
    domains: Mapping[str, str] = field(default_factory=dict)
    pre_deployment_command: str = ""
    pre_deployment_container: str = ""
    post_deployment_command: str = ""
    post_deployment_container: str = ""
    custom_build_command: str = ""
    custom_start_command: str = ""
    shared: Mapping[str, str] = field(default_factory=dict)
    uuid: str = field(default_factory=new_uuid)
    number: int = field(default_factory=lambda: secrets.randbelow(1_000_000) + 1)
    variables: Variables = field(default_factory=lambda: Variables(with_previews=True))
    docker_compose: str | None = None

    @property
    def below(self) -> str:
        """The base directory as Coolify joins it to a path: empty for the root."""
        return self.base_directory.rstrip("/")


@dataclass
class ServiceStack:
    """A stack whose compose file is kept in the UI.

    Args:
        compose: The text in the UI.
        name: Its name in the UI.
        escape_labels: A dollar sign in a label is doubled.
        shared: The team's and project's variables.
        uuid: As in its address.
        number: Its number in the database.
        variables: The rows of its UI.
        docker_compose: What the parser made of the text last; this is what is deployed.
    """

    compose: str
    name: str = "Hephaestus"
    escape_labels: bool = True
    shared: Mapping[str, str] = field(default_factory=dict)
    uuid: str = field(default_factory=new_uuid)
    number: int = field(default_factory=lambda: secrets.randbelow(1_000_000) + 1)
    variables: Variables = field(default_factory=lambda: Variables(with_previews=False))
    docker_compose: str | None = None
