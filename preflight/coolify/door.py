"""The door to Coolify: the resource a service belongs to, what was deployed, and what its API says."""

import os.path
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from preflight.coolify.host.find import Finder
from preflight.coolify.host.source_repository import Told
from preflight.coolify.resource import MANAGED, Kind, Resource, Situation
from preflight.coolify.settings import CoolifySettings
from preflight.errors import CouldNotLook, DeadlineExceeded, DoesNotApply
from preflight.lib.deadline import Deadline
from preflight.lib.once import Once

if TYPE_CHECKING:
    from preflight.coolify.api.client import Application, CoolifyApi, UiVariable
    from preflight.coolify.host.deployed import Deployed
    from preflight.coolify.host.mode import Mode
    from preflight.engine.container import Container
    from preflight.engine.door import Engine

_WHAT = "Coolify's containers and folders"
_API = "Coolify's API"
_RAW = frozenset({Situation.RAW, Situation.RAW_PRESERVED})
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
        remote: Returns the address of the checkout's git remote, by which the API tells whose an application is.
    """

    def __init__(
        self,
        settings: CoolifySettings,
        environ: Mapping[str, str],
        engine: "Engine",
        repository: Sequence[Path] = (),
        *,
        offline: bool = False,
        remote: Callable[[Deadline], str | None] = lambda _: None,
    ) -> None:
        self.settings = settings
        self._environ, self._engine, self._offline = dict(environ), engine, offline
        self._repository, self._remote = tuple(repository), remote
        self._resources: Once[Resource | DoesNotApply] = Once()
        self._deployed: Once[Deployed | CouldNotLook] = Once()
        self._modes: Once[Mode] = Once()
        self._apis: Once[CoolifyApi | None] = Once()
        self._applications: Once[Application | None] = Once()
        self._lists: Once[tuple[Application, ...]] = Once()
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

    def named(self, deadline: Deadline) -> Resource | None:
        """Return the resource that the configuration names, as the API knows it; no engine is asked.

        Returns:
            None where the configuration names none, or the API is not asked or does not know it.

        Raises:
            CouldNotLook: The API does not answer, or refuses.
        """
        uuid = self.settings.application
        kind = self._kind(uuid, deadline) if uuid else None
        if kind is None:
            return None
        return Resource(uuid, kind, self.settings.root / kind.folder / uuid, found_by="coolify.application")

    def deployed(self, resource: Resource, deadline: Deadline) -> "Deployed":
        """Return what Coolify deployed last.

        Raises:
            NeverDeployed: There is nothing.
            CouldNotLook: It cannot be read.
        """
        found = self._deployed.get(_key(resource), lambda: _read(resource), deadline, str(resource.compose_file))
        if isinstance(found, CouldNotLook):
            raise found.with_traceback(None)
        return found

    def mode(self, resource: Resource, deadline: Deadline) -> "Mode":
        """Return in which mode it is deployed.

        Raises:
            CouldNotLook: Nothing tells.
        """
        return self._modes.get(_key(resource), lambda: self._tell(resource, deadline), deadline, _WHAT)

    def strips_own_keys(self, services: Sequence[str], deadline: Deadline) -> bool:
        """Whether Coolify parses the project's compose file and takes its own keys out; False where nothing tells.

        Raw mode hands the file to Compose with them (AJ 1035-1091).

        Args:
            services: Those of the pins.
            deadline: For all of it.
        """
        for service in services:
            try:
                return self.mode(self.resource(service, deadline), deadline).coming not in _RAW
            except DeadlineExceeded:
                raise
            except (CouldNotLook, DoesNotApply):
                continue
        return self.settings.pin_in == "ui"  # which only default mode hands over

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
        told = self._told(deadline)
        finder = Finder(self.settings, managed, lambda each: self._uuid_inside(each, deadline), deadline, told)
        try:
            return finder.find(service)
        except DoesNotApply as reason:
            return reason

    def _managed(self, deadline: Deadline) -> "tuple[Container, ...] | None":
        try:
            return self._engine.containers({MANAGED: "true"}, deadline)
        except CouldNotLook:
            # In every mode Coolify keeps a folder on the server (AJ 1513-1610): without it there is no Coolify.
            if self.settings.application or os.path.lexists(self.settings.root):
                raise
            return None

    def _uuid_inside(self, container: "Container", deadline: Deadline) -> str:
        return self._engine.environment(container, deadline).get(_INSIDE, "")

    def _told(self, deadline: Deadline) -> Told:
        """Return what the API tells; each thing is asked when it is needed."""
        return Told(
            applications=lambda: self._all(deadline),
            application=lambda uuid: self._known(Resource(uuid, Kind.APPLICATION, self.settings.root), deadline),
            kind=lambda uuid: self._kind(uuid, deadline),
            remote=lambda: self._remote_or_none(deadline),
        )

    def _all(self, deadline: Deadline) -> "tuple[Application, ...] | None":
        api = self.api(deadline)
        return None if api is None else self._lists.get("all", lambda: api.applications(deadline), deadline, _API)

    def _known(self, resource: Resource, deadline: Deadline) -> "Application | None":
        from preflight.coolify.api.refusals import ApiUnknown

        try:
            return self.application(resource, deadline)
        except ApiUnknown:
            return None

    def _kind(self, uuid: str, deadline: Deadline) -> Kind | None:
        api = self.api(deadline)
        if api is None:
            return None
        if self._known(Resource(uuid, Kind.APPLICATION, self.settings.root), deadline) is not None:
            return Kind.APPLICATION
        return Kind.SERVICE if api.has_service(uuid, deadline) else None

    def _remote_or_none(self, deadline: Deadline) -> str | None:
        try:
            return self._remote(deadline)
        except CouldNotLook:  # it only helps to choose
            return None

    def _tell(self, resource: Resource, deadline: Deadline) -> "Mode":
        from preflight.coolify.host.mode import Settings, tell_mode

        problem, settings = None, Settings()
        try:
            application = self.application(resource, deadline)
        except CouldNotLook as error:
            problem = error  # what lies here may tell as well; that nobody knows what comes next is told with it
        else:
            settings = settings if application is None else Settings(application.raw, application.preserve)
        try:
            deployed = self.deployed(resource, deadline)
        except CouldNotLook:
            deployed = None  # the labels and the API may tell as well; who needs the file is told what is wrong with it
        try:
            return replace(tell_mode(resource, deployed, self._copies(), settings), problem=problem)
        except CouldNotLook:
            if problem is not None:
                raise problem from None
            raise

    def _copies(self) -> tuple[str, ...]:
        """Return where the repository's files may lie in the folder: below whatever the base directory is."""
        return tuple("/".join(path.parts[start:]) for path in self._repository for start in range(1, len(path.parts)))

    def _open_api(self) -> "CoolifyApi | None":
        if self._offline:
            return None
        from preflight.coolify.api.client import CoolifyApi, find_address

        address = find_address(self.settings, self._environ)
        return None if address is None else CoolifyApi(address, self._environ)


def _key(resource: Resource) -> tuple[Path, str]:
    return resource.folder, resource.containers[0].id if resource.containers else ""


def _read(resource: Resource) -> "Deployed | CouldNotLook":
    """Return what was deployed, or why it cannot be read: an error that has a place, and shall keep it."""
    from preflight.coolify.host.deployed import read_deployed

    try:
        return read_deployed(resource)
    except CouldNotLook as error:
        return error
