"""The door to Coolify: the resource a service belongs to, what was deployed, and what its API says."""

import os.path
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from preflight.coolify.find import Finder
from preflight.coolify.resource import MANAGED, Kind, Resource
from preflight.coolify.settings import CoolifySettings
from preflight.deadline import Deadline
from preflight.errors import CouldNotLook, DoesNotApply
from preflight.once import Once

if TYPE_CHECKING:
    from preflight.coolify.api import Application, CoolifyApi, UiVariable
    from preflight.coolify.deployed import Deployed
    from preflight.coolify.mode import Mode
    from preflight.engine.container import Container
    from preflight.engine.door import Engine

_WHAT = "Coolify's containers and folders"
_API = "Coolify's API"
_INSIDE = "COOLIFY_RESOURCE_UUID"


class Coolify:
    """Asks what Coolify does here. Safe to share between threads; each thing is looked at once.

    Args:
        settings: What the operator says of Coolify.
        environ: The environment; may hold the API's address and token.
        engine: The door to the Docker engine.
        repository: Absolute paths in the checkout whose copies tell that Coolify copies the repository: the compose
            and pin files.
        offline: The API may not be asked.
    """

    def __init__(
        self,
        settings: CoolifySettings,
        environ: Mapping[str, str],
        engine: "Engine",
        repository: Sequence[Path] = (),
        *,
        offline: bool = False,
    ) -> None:
        self.settings = settings
        self._environ, self._engine, self._offline = dict(environ), engine, offline
        self._repository = tuple(repository)
        self._resources: Once[Resource | DoesNotApply] = Once()
        self._deployed: Once[Deployed] = Once()
        self._modes: Once[Mode] = Once()
        self._apis: Once[CoolifyApi | None] = Once()
        self._applications: Once[Application | None] = Once()
        self._variables: Once[tuple[UiVariable, ...] | None] = Once()

    def resource(self, service: str, deadline: Deadline) -> Resource:
        """Return the application or service stack to which a Compose service belongs.

        Raises:
            DoesNotApply: There is no Coolify here, or none of its resources has that service.
            CouldNotLook: Several have, or it cannot be seen.
        """
        found = self._resources.get(service, lambda: self._find(service, deadline), deadline, _WHAT)
        if isinstance(found, DoesNotApply):
            raise DoesNotApply(found.message, found.hint)
        return found

    def deployed(self, resource: Resource, deadline: Deadline) -> "Deployed":
        """Return what Coolify deployed last.

        Raises:
            CouldNotLook: There is nothing, or it cannot be read.
        """
        from preflight.coolify.deployed import read_deployed

        key = (resource.folder, resource.containers[:1] and resource.containers[0].id)
        return self._deployed.get(key, lambda: read_deployed(resource), deadline, str(resource.compose_file))

    def mode(self, resource: Resource, deadline: Deadline) -> "Mode":
        """Return in which mode it is deployed.

        Raises:
            CouldNotLook: Nothing tells.
        """
        return self._modes.get(
            (resource.folder, resource.containers[:1] and resource.containers[0].id),
            lambda: self._tell(resource, deadline),
            deadline,
            _WHAT,
        )

    def api(self, deadline: Deadline) -> "CoolifyApi | None":
        """Return the API, or None where no token is given or nothing may be asked.

        Raises:
            CouldNotLook: Address or token is given but cannot be used.
        """
        return self._apis.get("api", self._open_api, deadline, _API)

    def application(self, resource: Resource, deadline: Deadline) -> "Application | None":
        """Return what the API says of an application; None for a service stack, and where it cannot be asked.

        Raises:
            CouldNotLook: It does not answer, or refuses.
        """
        api = self.api(deadline)
        if api is None or resource.kind is not Kind.APPLICATION:
            return None
        return self._applications.get(resource.uuid, lambda: api.application(resource.uuid, deadline), deadline, _API)

    def variables(self, resource: Resource, deadline: Deadline) -> "tuple[UiVariable, ...] | None":
        """Return the variables of the resource in Coolify's UI as the API lists them; None where it is not asked.

        Raises:
            CouldNotLook: It does not answer, or refuses.
        """
        api = self.api(deadline)
        if api is None:
            return None
        return self._variables.get(
            resource.uuid, lambda: api.variables(resource.kind, resource.uuid, deadline), deadline, _API
        )

    def _find(self, service: str, deadline: Deadline) -> "Resource | DoesNotApply":
        managed = self._managed(deadline)
        finder = Finder(self.settings, managed, lambda each: self._uuid_inside(each, deadline), deadline)
        try:
            return finder.find(service)
        except DoesNotApply as reason:
            return reason

    def _managed(self, deadline: Deadline) -> "tuple[Container, ...]":
        try:
            return self._engine.containers({MANAGED: "true"}, deadline)
        except CouldNotLook:
            # In every mode Coolify keeps a folder on the server (AJ 1513-1610): without it there is no Coolify.
            if self.settings.application or os.path.lexists(self.settings.root):
                raise
            return ()

    def _uuid_inside(self, container: "Container", deadline: Deadline) -> str:
        return self._engine.environment(container, deadline).get(_INSIDE, "")

    def _tell(self, resource: Resource, deadline: Deadline) -> "Mode":
        from preflight.coolify.mode import Settings, tell_mode

        application = self.application(resource, deadline)
        settings = Settings() if application is None else Settings(application.raw, application.preserve)
        try:
            deployed = self.deployed(resource, deadline)
        except CouldNotLook:
            deployed = None  # the labels and the API may tell as well; who needs the file is told what is wrong with it
        return tell_mode(resource, deployed, self._copies(), settings)

    def _copies(self) -> tuple[str, ...]:
        """Return where the repository's files may lie in the folder: below whatever the base directory is."""
        return tuple("/".join(path.parts[start:]) for path in self._repository for start in range(1, len(path.parts)))

    def _open_api(self) -> "CoolifyApi | None":
        if self._offline:
            return None
        from preflight.coolify.api import CoolifyApi, find_address

        address = find_address(self.settings, self._environ)
        return None if address is None else CoolifyApi(address, self._environ)
