"""Which application of Coolify's is ours: from its containers' labels, else from its folders; never a guess."""

import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from preflight.coolify.resource import MANAGED, PULL_REQUEST, TYPE, VERSION, Kind, Resource
from preflight.coolify.settings import CoolifySettings, is_uuid
from preflight.deadline import Deadline
from preflight.engine.container import Container
from preflight.errors import CouldNotLook, DoesNotApply
from preflight.files import read_bytes
from preflight.running.labels import ONE_OFF, PROJECT, SERVICE, WORKING_DIR
from preflight.text import plural, printable

_HOW = "Write `coolify: {application: UUID}` into preflight.yaml, the UUID being the one in its address in Coolify."
_MAX_SHOWN = 8
_MAX_COMPOSE = 8 * 1024 * 1024
Environment = Callable[[Container], str]


@dataclass(frozen=True)
class Candidate:
    """What may be meant.

    Args:
        uuid: Its UUID.
        kind: Application or service stack.
        seen: Where it was seen, for people.
    """

    uuid: str
    kind: Kind
    seen: str


class Finder:
    """Looks for one service's resource.

    Args:
        settings: What the operator says.
        managed: Every container on this host that Coolify manages, of all resources and states.
        uuid_inside: Returns the ``COOLIFY_RESOURCE_UUID`` a container was configured with, "" if there is none.
        deadline: For the whole search.
    """

    def __init__(
        self,
        settings: CoolifySettings,
        managed: Sequence[Container],
        uuid_inside: Environment,
        deadline: Deadline,
    ) -> None:
        self._settings, self._root = settings, settings.root
        self._managed, self._uuid_inside, self._deadline = managed, uuid_inside, deadline

    def find(self, service: str) -> Resource:
        """Return the resource to which a Compose service belongs.

        Raises:
            DoesNotApply: There is no Coolify here, or none of its resources has such a service.
            CouldNotLook: Several have, or its folder may not be read, or the configured one is not there.
        """
        if self._settings.application:
            return self._configured(service)
        candidates = self._from_containers(service) or self._from_folders(service)
        if not candidates:
            raise DoesNotApply(*self._nothing(service))
        if len(candidates) > 1:
            raise self._several(service, candidates)
        (found,) = candidates
        return self._resource(found, service)

    def _configured(self, service: str) -> Resource:
        uuid = self._settings.application
        by = "coolify.application in the configuration"
        for kind in Kind:
            if self._is_folder(self._root / kind.folder / uuid):
                return self._resource(Candidate(uuid, kind, by), service)
        for container in self._managed:
            if self._uuid(container) == uuid:
                return self._resource(Candidate(uuid, _kind(container), by), service)
        raise CouldNotLook(
            f"coolify.application is {uuid}, but this host has no folder of it in {printable(str(self._root))} and no "
            "container",
            "Correct the UUID (it stands in the application's address in Coolify), or run preflight on the server that "
            "it is deployed to.",
        )

    def _from_containers(self, service: str) -> list[Candidate]:
        found: dict[str, Candidate] = {}
        for container in self._managed:
            if container.labels.get(SERVICE) == service and _lasting(container) and not is_preview(container):
                uuid = self._uuid(container)
                if not uuid:
                    raise CouldNotLook(
                        f"container {container.name} is Coolify's, but nothing on it tells of which application", _HOW
                    )
                found.setdefault(uuid, Candidate(uuid, _kind(container), f"container {container.name}"))
        return sorted(found.values(), key=lambda each: each.uuid)

    def _uuid(self, container: Container) -> str:
        """Return the UUID of a container's resource, "" if nothing tells; no label holds it."""
        for kind in Kind:
            folder = str(self._root / kind.folder) + "/"
            working = container.labels.get(WORKING_DIR, "")
            if working.startswith(folder) and is_uuid(uuid := working.removeprefix(folder).split("/")[0]):
                return uuid
        project = container.labels.get(PROJECT, "")
        if is_uuid(project) and (_is_named_for(container, project) or self._has_folder(project)):
            return project
        inside = self._uuid_inside(container)
        return inside if is_uuid(inside) else ""

    def _has_folder(self, uuid: str) -> bool:
        return any(self._is_folder(self._root / kind.folder / uuid) for kind in Kind)

    def _is_folder(self, path: Path) -> bool:
        try:
            return path.is_dir()
        except PermissionError as error:
            raise unreadable(self._root) from error
        except OSError:
            return False

    def _from_folders(self, service: str) -> list[Candidate]:
        found: list[Candidate] = []
        broken: list[Candidate] = []
        for kind in Kind:
            for uuid in self._folders(kind):
                self._deadline.remaining(f"looking through {self._root}")
                has = _has_service(self._root / kind.folder / uuid / kind.compose_file, service)
                if has is not False:
                    place = f"folder {kind.folder}/{uuid}"
                    (found if has else broken).append(Candidate(uuid, kind, place))
        return found or broken

    def _folders(self, kind: Kind) -> Iterator[str]:
        try:
            with os.scandir(self._root / kind.folder) as entries:
                yield from sorted(entry.name for entry in entries if is_uuid(entry.name))
        except PermissionError as error:
            raise unreadable(self._root) from error
        except OSError:  # there is none
            return

    def _resource(self, found: Candidate, service: str) -> Resource:
        own = [each for each in self._managed if _may_be_of(each, service) and self._uuid(each) == found.uuid]
        lasting = sorted((each for each in own if _lasting(each)), key=lambda each: each.created, reverse=True)
        previews = tuple(each for each in lasting if is_preview(each))
        containers = tuple(each for each in lasting if each not in previews and each.labels.get(SERVICE) == service)
        return Resource(
            uuid=found.uuid,
            kind=found.kind,
            folder=self._root / found.kind.folder / found.uuid,
            containers=containers,
            previews=previews,
            version=_version(containers) or _version(self._managed),
            found_by=found.seen,
        )

    def _several(self, service: str, candidates: Sequence[Candidate]) -> CouldNotLook:
        shown = ", ".join(f"{each.uuid} ({each.seen})" for each in candidates[:_MAX_SHOWN])
        more = f", and {len(candidates) - _MAX_SHOWN} more" if len(candidates) > _MAX_SHOWN else ""
        return CouldNotLook(
            f"{len(candidates)} applications of Coolify's have a service {printable(service, 60)}: {shown}{more}", _HOW
        )

    def _nothing(self, service: str) -> tuple[str, str]:
        root = printable(str(self._root))
        folders = sum(1 for kind in Kind for _ in self._folders(kind))
        if not self._managed and not folders:
            return (
                f"no Coolify here: no container is labelled {MANAGED}=true, and {root} has no applications",
                "Run preflight on the server that Coolify deploys to; `coolify: {root: …}` names another folder.",
            )
        seen = f"{plural(len(self._managed), 'container')} labelled {MANAGED}=true and {plural(folders, 'folder')}"
        return f"Coolify has no service {printable(service, 60)} here: looked at {seen} in {root}", _HOW


def unreadable(root: Path) -> CouldNotLook:
    """Return the error for a folder that is there but closed to us (Coolify's installer sets mode 0700)."""
    return CouldNotLook(
        f"{printable(str(root))} is there but may not be read by this user", "Run preflight as root (sudo)."
    )


def is_preview(container: Container) -> bool:
    """Whether a container belongs to a pull request's preview, not to production."""
    return container.labels.get(PULL_REQUEST, "0") not in {"", "0"}


def _lasting(container: Container) -> bool:
    return container.labels.get(ONE_OFF, "").lower() != "true"


def _may_be_of(container: Container, service: str) -> bool:
    """Whether a container is that of a service, or of the service in a preview (P 1486-1487)."""
    name = container.labels.get(SERVICE, "")
    return name == service or (is_preview(container) and name.startswith(f"{service}-pr-"))


def _is_named_for(container: Container, project: str) -> bool:
    """Whether the project is in the container's name as Coolify puts it there: ``SERVICE-UUID[-…]``."""
    service = re.escape(container.labels.get(SERVICE, ""))
    return bool(re.fullmatch(rf"{service}-{re.escape(project)}(?:-\d+|-pr-\d+)?", container.name))


def _kind(container: Container) -> Kind:
    return Kind.SERVICE if container.labels.get(TYPE) == Kind.SERVICE else Kind.APPLICATION


def _version(containers: Iterable[Container]) -> str | None:
    newest = sorted(containers, key=lambda each: each.created, reverse=True)
    return next((printable(each.labels[VERSION], 40) for each in newest if each.labels.get(VERSION)), None)


def _has_service(path: Path, service: str) -> bool | None:
    """Whether a deployed compose file has a service; None when it names it but cannot be understood.

    Raises:
        CouldNotLook: We may not read it.
    """
    try:
        data = read_bytes(path, limit=_MAX_COMPOSE, what="the deployed compose file")
    except CouldNotLook as error:
        if isinstance(error.__cause__, PermissionError):
            raise unreadable(path.parent) from error
        return False
    if service.encode() not in data:  # saves reading most of many files as YAML
        return False
    from preflight.compose.yamlfile import Mapping, read_compose_file

    try:
        services = read_compose_file(path).get("services")
    except CouldNotLook:
        return None
    return isinstance(services, Mapping) and service in services.items
