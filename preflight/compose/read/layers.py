"""All compose files of a project, or of one ``include:``, put together as Compose does it.

Services are put together one by one, when asked for: of a thousand, most runs need one. The order was measured
with Compose 2.40.3 and follows compose-go: ``extends`` within each file, then its ``include:``, then the files
one over the other.
"""

import os.path
from collections.abc import Iterator
from collections.abc import Mapping as Variables
from dataclasses import field, replace
from pathlib import Path

from preflight.compose.read.entries import EnvFileEntry, Opening, Via
from preflight.compose.read.files import is_there
from preflight.compose.read.include import Include, read_includes
from preflight.compose.read.service import (
    Origin,
    Service,
    below,
    cleared,
    clears,
    live,
    merged,
    moved,
    read_service,
)
from preflight.compose.read.template import decided_by, expanded, in_home
from preflight.envfile.template import TemplateProblem, expand
from preflight.lib.files import show_as_written
from preflight.lib.records import mutable
from preflight.lib.text import printable
from preflight.lib.yamlfile import ComposeFileProblem, read_compose_documents
from preflight.lib.yamlnodes import OVERRIDE, RESET, Item, Mapping, Scalar

MAX_FILES = 200
MAX_CHAIN = 100
MAX_INCLUDES = 20

Trail = tuple[tuple[Path, str], ...]


class FileCache:
    """Compose files, each read once; share one between all who look at the same project."""

    def __init__(self) -> None:
        self._read: dict[Path, tuple[Mapping, ...] | ComposeFileProblem] = {}

    def put(self, path: Path, top: Mapping) -> None:
        """Let a file have this top level, as in an earlier commit."""
        self._read[path] = (top,)

    def read(self, path: Path) -> tuple[Mapping, ...]:
        """Return the top level of each document in a file; Compose lays them one over the other.

        Raises:
            ComposeFileProblem: See ``read_compose_documents``.
        """
        known = self._read.get(path)
        if known is None:
            if len(self._read) >= MAX_FILES:
                problem = f"more than {MAX_FILES} compose files belong to the project"
                raise ComposeFileProblem(problem, path, hint="Split the project.", too_much=True)
            try:
                known = read_compose_documents(path)
            except ComposeFileProblem as error:
                known = error
            self._read[path] = known
        if isinstance(known, ComposeFileProblem):
            raise known.again()
        return known


@mutable
class LayeredFiles:
    """Files that are laid one over the other.

    Args:
        files: In order.
        folder: Against which relative paths are resolved.
        environ: What interpolation sees.
        cache: Where files come from.
        trail: The files that include this one, outermost first.
        via: How they come into play.
    """

    files: tuple[Path, ...]
    folder: Path
    environ: Variables[str, str]
    cache: FileCache
    trail: tuple[Path, ...] = ()
    via: Via = ""
    _included: "dict[int, tuple[tuple[Include, LayeredFiles], ...]]" = field(default_factory=dict)
    _known: dict[str, Service | None] = field(default_factory=dict)
    _own: dict[tuple[Origin, str, int], Service] = field(default_factory=dict)

    def names(self) -> tuple[str, ...]:
        """Return the names of all services, in the order in which they are first written."""
        names: dict[str, None] = {}
        for file, top in self._documents():
            services = self._services(file, top)
            if services.tag in {RESET, OVERRIDE}:
                names.clear()
            for name, item in ({} if services.tag == RESET else services.items).items():
                if live(services, name) is None:
                    names.pop(name, None)
                else:
                    names[item.key] = None
            for _, layers in self._includes(file, top):
                names.update(dict.fromkeys(layers.names()))
        return tuple(names)

    def service(self, name: str) -> Service | None:
        """Return a service, or ``None`` when there is none with that name.

        Raises:
            ComposeFileProblem: One of the files cannot be read or followed.
        """
        if name not in self._known:
            self._known[name] = self._put_together(name)
        return self._known[name]

    def _put_together(self, name: str) -> Service | None:
        found: Service | None = None
        for index, file, top in ((self.files.index(file), file, top) for file, top in self._documents()):
            services = self._services(file, top)
            if services.tag in {RESET, OVERRIDE} or clears(services, name):
                found = None
            item = None if services.tag == RESET else live(services, name)
            if item is not None and isinstance(item.value, Mapping) and found is not None:
                found = cleared(found, item.value)
            via: Via = self.via or ("second file" if index else "")
            above = self._written(Origin(file, via), item, ()) if item is not None else self._brought(file, top, name)
            found = merged(found, above)
        return found

    def _documents(self) -> Iterator[tuple[Path, Mapping]]:
        for file in self.files:
            for top in self.cache.read(file):
                yield file, top

    def _services(self, file: Path, top: Mapping) -> Mapping:
        item = top.items.get("services")
        if item is None or item.value.tag == RESET:
            return Mapping(1, RESET if item is not None else "")
        if not isinstance(item.value, Mapping):
            raise ComposeFileProblem("services must be a mapping", file, item.line)
        return item.value

    def _written(self, origin: Origin, item: Item, trail: Trail) -> Service:
        """Return a service as one file has it, what it extends included."""
        key = (origin, item.key, id(item))
        known = self._own.get(key)
        if known is None:
            known = self._as_of_today(read_service(item, origin))
            if isinstance(item.value, Mapping):
                base = self._base(origin, item, item.value, trail)
                below_it = merged(cleared(base, item.value) if base else None, known) or known
                known = replace(below_it, file=known.file, line=known.line)
            self._own[key] = known
        return known

    def _as_of_today(self, service: Service) -> Service:
        return replace(service, env_files=tuple(replace(e, now=self._now(e)) for e in service.env_files))

    def _now(self, entry: EnvFileEntry) -> str | None:
        try:
            return in_home(expand(entry.text, self.environ.get), self.environ)
        except TemplateProblem:
            return None

    def _base(self, origin: Origin, item: Item, node: Mapping, trail: Trail) -> Service | None:
        extends = live(node, "extends")
        if extends is None:
            return None
        here = (origin.file, item.key)
        if here in trail or len(trail) >= MAX_CHAIN:
            what = "in a circle" if here in trail else f"in a chain longer than {MAX_CHAIN}"
            raise origin.problem(f"services extend each other {what}", extends.line, "Break it.")
        name, text = self._reference(origin, extends)
        as_written = _written_file(extends)
        trail = (*trail, here)
        names = decided_by(extends.value)
        openings = (Opening("extends", names, origin.file, extends.line),) if names else ()
        if text is None:
            found = moved(self._extended(origin, origin, extends, name, trail), str, "extends")
            return replace(found, openings=(*found.openings, *openings))
        beside = origin.file.parent if origin.via == "extends" else self.folder
        other = Path(os.path.normpath(beside / text))  # `~` is a name here: Compose does not expand it
        show_as_written(other, as_written, beside)
        if not is_there(other):
            problem = f"extends names a file that is not there: {printable(as_written, 120)}"
            raise origin.problem(problem, extends.line)
        found = self._extended(Origin(other, "extends"), origin, extends, name, trail)
        found = moved(found, below(os.path.relpath(other.parent, beside), self.environ), "extends")
        return replace(found, openings=(*found.openings, *openings))

    def _extended(self, origin: Origin, asker: Origin, extends: Item, name: str, trail: Trail) -> Service:
        found: Service | None = None
        for top in self.cache.read(origin.file):
            services = self._services(origin.file, top)
            item = None if services.tag == RESET else live(services, name)
            if item is not None:
                found = cleared(found, item.value) if found and isinstance(item.value, Mapping) else found
                found = merged(found, self._written(origin, item, trail))
        if found is None:
            problem = f"extends names a service that is not there: {printable(_written_service(extends), 60)}"
            raise asker.problem(problem, extends.line)
        return found

    def _reference(self, origin: Origin, extends: Item) -> tuple[str, str | None]:
        """Return the name of the service that is extended, and the file it is in if that is another."""
        node = extends.value
        file = None
        if isinstance(node, Mapping):
            item = live(node, "file")
            if item is not None and isinstance(item.value, Scalar) and not item.value.is_null:
                file = expanded(item.value.text, self.environ, origin.file, item.line)
            inner = live(node, "service")
            node = inner.value if inner is not None else node
        if not isinstance(node, Scalar) or node.is_null:
            raise origin.problem("extends names no service", extends.line)
        return expanded(node.text, self.environ, origin.file, extends.line), file

    def _includes(self, file: Path, top: Mapping) -> "tuple[tuple[Include, LayeredFiles], ...]":
        if id(top) not in self._included:
            item = live(top, "include")
            listed = read_includes(item, file, self.folder, self.environ) if item is not None else ()
            self._included[id(top)] = tuple((each, self._layers(each, file)) for each in listed)
        return self._included[id(top)]

    def _layers(self, include: Include, file: Path) -> "LayeredFiles":
        trail = (*self.trail, file)
        if include.files[0] in trail or len(trail) > MAX_INCLUDES:
            raise ComposeFileProblem("compose files include each other in a circle", file, include.line, "Break it.")
        return LayeredFiles(include.files, include.folder, include.environ, self.cache, trail, "include")

    def _brought(self, file: Path, top: Mapping, name: str) -> Service | None:
        """Return a service that comes with an ``include:`` of ``file``."""
        for include, layers in self._includes(file, top):
            found = layers.service(name)
            if found is not None:
                opening = Opening("include", include.depends_on, file, include.line)
                openings = (*found.openings, *((opening,) if opening.names else ()))
                return replace(moved(found, below(include.place, self.environ), "include"), openings=openings)
        return None


def _written_file(extends: Item) -> str:
    """Return the name of the file as ``extends`` writes it, with its variables."""
    item = live(extends.value, "file") if isinstance(extends.value, Mapping) else None
    return item.value.text if item is not None and isinstance(item.value, Scalar) else ""


def _written_service(extends: Item) -> str:
    """Return the name of the service as ``extends`` writes it, with its variables."""
    item = live(extends.value, "service") if isinstance(extends.value, Mapping) else extends
    return item.value.text if item is not None and isinstance(item.value, Scalar) else ""
