"""Which application of Coolify's is ours: from containers' labels, folders, and the git remote; never a guess."""

import re
from collections.abc import Callable, Iterable, Sequence

from preflight.compose.labels import ONE_OFF, PROJECT, SERVICE, WORKING_DIR
from preflight.coolify.host.folders import FolderClosed, Seen, is_folder, look_through
from preflight.coolify.host.source_repository import Told, named
from preflight.coolify.resource import MANAGED, TYPE, VERSION, Kind, Resource, is_preview
from preflight.coolify.settings import CoolifySettings, is_uuid
from preflight.engine.container import Container
from preflight.errors import CouldNotLook, DoesNotApply
from preflight.lib.deadline import Deadline
from preflight.lib.records import frozen
from preflight.lib.text import plural, printable

_HOW = "Write `coolify: {application: UUID}` into preflight.yaml, the UUID being the one in its address in Coolify."
_MAX_SHOWN = 8
Environment = Callable[[Container], str]


@frozen
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
        managed: Every container on this host that Coolify manages, of all resources and states; None if there is no
            engine to ask.
        uuid_inside: Returns the ``COOLIFY_RESOURCE_UUID`` a container was configured with, "" if there is none.
        deadline: For the whole search.
        told: What the API tells, if it may be asked.
    """

    def __init__(
        self,
        settings: CoolifySettings,
        managed: Sequence[Container] | None,
        uuid_inside: Environment,
        deadline: Deadline,
        told: Told | None = None,
    ) -> None:
        self._settings, self._root = settings, settings.root
        self._managed, self._engine_asked = managed or (), managed is not None
        self._uuid_inside, self._deadline = uuid_inside, deadline
        self._told = told or Told()

    def find(self, service: str) -> Resource:
        """Return the resource to which a Compose service belongs.

        Raises:
            DoesNotApply: There is no Coolify here, or none of its resources has such a service.
            CouldNotLook: Several have, its folder may not be read, the configured one is not there, or the only one
                is deployed from another repository.
        """
        if self._settings.application:
            return self._configured(service)
        candidates = self._from_containers(service)
        seen = self._from_folders(service, candidates)
        known = {each.uuid for each in candidates}
        for kind, uuid in (*seen.found, *seen.broken):
            if uuid not in known:
                candidates.append(Candidate(uuid, kind, f"folder {kind.folder}/{uuid}"))
        if not candidates:
            return self._resource(self._not_here(service, seen), service)
        found = candidates[0] if len(candidates) == 1 else self._narrowed(service, candidates, seen)
        self._contradicted(service, found)
        return self._resource(found, service)

    def _configured(self, service: str) -> Resource:
        uuid = self._settings.application
        by = "coolify.application in the configuration"
        for kind in Kind:
            if is_folder(self._root / kind.folder / uuid, self._root):
                return self._resource(Candidate(uuid, kind, by), service)
        for container in self._managed:
            if container.labels.get(SERVICE) == service and self._uuid(container) == uuid:
                return self._resource(Candidate(uuid, _kind(container), by), service)
        in_api = self._told.kind(uuid)
        if in_api is not None:
            return self._resource(Candidate(uuid, in_api, f"{by}; never deployed here"), service)
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
                name = printable(container.name, 80)
                if not uuid:
                    raise CouldNotLook(f"container {name} is Coolify's, but nothing on it tells which one it is", _HOW)
                found.setdefault(uuid, Candidate(uuid, _kind(container), f"container {name}"))
        return sorted(found.values(), key=lambda each: each.uuid)

    def _from_folders(self, service: str, candidates: Sequence[Candidate]) -> Seen:
        """Look through the folders too: of what was stopped there are no containers, and yet it may be ours."""
        try:
            return look_through(self._root, service, self._deadline)
        except FolderClosed:
            if len(candidates) == 1:  # its containers tell, and whoever reads its folder is told that it is closed
                return Seen()
            raise

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
        if is_uuid(inside):
            return inside
        return project if is_uuid(project) else ""

    def _has_folder(self, uuid: str) -> bool:
        return any(is_folder(self._root / kind.folder / uuid, self._root) for kind in Kind)

    def _not_here(self, service: str, seen: Seen) -> Candidate:
        """Return what the API says is deployed from the checkout's repository, if that is one."""
        if seen.unread:
            raise CouldNotLook(
                f"{printable(str(seen.unread[0]))} cannot be read, so nobody knows whether it has {printable(service)}",
                "Look at it (ls -l); redeploy that application, which writes the file again.",
            )
        ours = self._told.deployed_from_here(service)
        if not ours and seen.emptied:
            raise self._emptied(seen.emptied)
        if not ours:
            raise DoesNotApply(*self._nothing(service, seen))
        found = [Candidate(each.uuid, Kind.APPLICATION, named(each)) for each in ours]
        if len(found) > 1:
            raise _several(found, f"are deployed from {self._told.remote}")
        return Candidate(ours[0].uuid, Kind.APPLICATION, f"Coolify's API ({named(ours[0])}); never deployed here")

    def _emptied(self, uuids: Sequence[str]) -> CouldNotLook:
        """Return the error for applications that run nothing since their last deployment."""
        shown = ", ".join(uuids[:_MAX_SHOWN])
        return CouldNotLook(
            f"{shown} was deployed without any service: Coolify's YAML reader refused its compose file",
            f"If it is this one: write `coolify: {{application: {uuids[0]}}}` into preflight.yaml, and take out of the "
            "compose file what `preflight run --only coolify-mode` then names.",
        )

    def _narrowed(self, service: str, candidates: Sequence[Candidate], seen: Seen) -> Candidate:
        """Return the one that is deployed from the checkout's repository, if all others surely are not."""
        has = f"have a service {printable(service, 60)}"
        try:
            known = {} if seen.cut else self._told.all()
        except CouldNotLook as problem:
            raise _several(candidates, f"{has} ({problem.message})") from problem
        ours = {each.uuid: self._told.is_ours(known.get(each.uuid)) for each in candidates}
        sure = [each for each in candidates if ours[each.uuid]]
        if len(sure) == 1 and all(ours[each.uuid] is False for each in candidates if each not in sure):
            return sure[0]
        left = [each for each in candidates if ours[each.uuid] is not False] or candidates
        shown = [
            Candidate(each.uuid, each.kind, named(known[each.uuid]) if each.uuid in known else each.seen)
            for each in left
        ]
        raise _several(shown, has, cut=seen.cut)

    def _contradicted(self, service: str, found: Candidate) -> None:
        """Refuse an application that the API says is deployed from another repository."""
        if found.kind is not Kind.APPLICATION:
            return
        try:
            application = self._told.application(found.uuid)
        except CouldNotLook:
            return  # whoever needs the API is told
        if application is not None and self._told.is_ours(application) is False:
            raise CouldNotLook(
                f"the only application here with a service {printable(service, 60)} is {named(application)}, deployed "
                f"from another repository than {self._told.remote}",
                f"If it is yours: `coolify: {{application: {found.uuid}}}` in preflight.yaml. If not, run preflight on "
                "the server that yours is deployed to.",
            )

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

    def _nothing(self, service: str, seen: Seen) -> tuple[str, str]:
        root = printable(str(self._root))
        asked = f", and Coolify's API has none of {self._told.remote}" if self._told.remote and self._told.all() else ""
        if not self._managed and not seen.folders:
            none = f"no container is labelled {MANAGED}=true" if self._engine_asked else "no Docker engine answers"
            return (
                f"no Coolify here: {none}, and {root} has no applications{asked}",
                "Run preflight on the server that Coolify deploys to; `coolify: {root: …}` names another folder.",
            )
        looked = f"{plural(len(self._managed), 'container')} labelled {MANAGED}=true and "
        looked += f"{plural(seen.folders, 'folder')} in {root}{asked}"
        return f"Coolify has no service {printable(service, 60)} here: looked at {looked}", _HOW


def _several(candidates: Sequence[Candidate], what: str, *, cut: bool = False) -> CouldNotLook:
    shown = ", ".join(f"{each.uuid} ({each.seen})" for each in candidates[:_MAX_SHOWN])
    more = f", and {len(candidates) - _MAX_SHOWN} more" if len(candidates) > _MAX_SHOWN else ""
    count = f"{'at least ' if cut else ''}{plural(len(candidates), 'resource')}"
    return CouldNotLook(f"{count} of Coolify's {what}: {shown}{more}", _HOW)


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
