"""One service as one compose file writes it: its env files, environment and profiles, each with its place.

Reading follows compose-go: a value tagged ``!reset`` is not there, and takes away what was there before; a
value tagged ``!override`` takes away what was there before and stays.
"""

import os.path
from collections.abc import Callable
from collections.abc import Mapping as Variables
from dataclasses import replace
from pathlib import Path
from typing import Literal

from preflight.compose.read.entries import EnvFileEntry, EnvironmentEntry, Opening, Via
from preflight.compose.read.template import decided_by, in_home
from preflight.lib.records import frozen
from preflight.lib.text import printable
from preflight.lib.yamlfile import ComposeFileProblem
from preflight.lib.yamlnodes import OVERRIDE, RESET, Item, Mapping, Node, Scalar, Sequence

ENV_FILE_KEYS = ("path", "required", "format")


@frozen
class Service:
    """What is known of a service so far.

    Args:
        file: Where it was written first.
        line: Its line there.
        env_files: In Compose's order, duplicates dropped.
        environment: In order; the last of a name counts.
        is_map: Whether ``environment`` is one mapping as written; only then ``!reset`` of one variable works.
        profiles: In order.
        openings: Where variables from outside decide which file or service it is made of.
    """

    file: Path
    line: int
    env_files: tuple[EnvFileEntry, ...] = ()
    environment: tuple[EnvironmentEntry, ...] = ()
    is_map: bool = False
    profiles: tuple[str, ...] = ()
    openings: tuple[Opening, ...] = ()


@frozen
class Origin:
    """How a file is read.

    Args:
        file: The file.
        via: How it comes into play.
    """

    file: Path
    via: Via = ""

    def problem(self, problem: str, line: int, hint: str = "") -> ComposeFileProblem:
        """Return an error about this file."""
        return ComposeFileProblem(problem, self.file, line, hint)


def live(mapping: Mapping, key: str) -> Item | None:
    """Return what Compose sees at a key: not what is tagged ``!reset``, but what that hid."""
    item = mapping.items.get(key)
    if item is not None and item.value.tag == RESET:
        item = mapping.under.get(key)
        if item is not None and item.value.tag == RESET:
            return None
    return item


def clears(mapping: Mapping, key: str) -> bool:
    """Whether the value at a key takes away what earlier files or bases put there."""
    item = mapping.items.get(key)
    return item is not None and item.value.tag in {RESET, OVERRIDE}


def cleared(service: Service, node: Mapping) -> Service:
    """Return ``service`` without what ``node``, laid over it, takes away."""
    if clears(node, "env_file"):
        service = replace(service, env_files=())
    if clears(node, "profiles"):
        kept = tuple(each for each in service.openings if each.what != "profiles")
        service = replace(service, profiles=(), openings=kept)
    if clears(node, "environment"):
        return replace(service, environment=(), is_map=False)
    block = node.get("environment")
    if service.is_map and isinstance(block, Mapping):
        gone = {name for name in block.items if clears(block, name)}
        service = replace(service, environment=tuple(e for e in service.environment if e.name not in gone))
    return service


def merged(below: Service | None, above: Service | None) -> Service | None:
    """Return two layers of a service as one; what lies above was written later."""
    if below is None or above is None:
        return above or below
    return Service(
        file=below.file,
        line=below.line,
        env_files=unique((*below.env_files, *above.env_files)),
        environment=(*below.environment, *above.environment),
        is_map=above.is_map if not below.environment else below.is_map and not above.environment,
        profiles=tuple(dict.fromkeys((*below.profiles, *above.profiles))),
        openings=(*below.openings, *above.openings),
    )


def unique(entries: tuple[EnvFileEntry, ...]) -> tuple[EnvFileEntry, ...]:
    """Drop duplicates as Compose does: the last one written, in place of the first."""
    kept: dict[str, EnvFileEntry] = {}
    for entry in entries:
        kept[entry.key] = entry
    return tuple(kept.values())


def moved(service: Service, place: Callable[[str], str], via: Via) -> Service:
    """Return a service of another file, its relative paths turned by ``place``."""
    return replace(
        service,
        env_files=unique(
            tuple(
                replace(e, key=place(e.key), now=None if e.now is None else place(e.now), via=via)
                for e in service.env_files
            )
        ),
        environment=tuple(replace(entry, via=via) for entry in service.environment),
    )


def below(folder: str, environ: Variables[str, str]) -> Callable[[str], str]:
    """Return what joins a relative path with ``folder`` and leaves others alone, as Compose does, the empty one too."""

    def place(path: str) -> str:
        if not path:
            return path
        full = Path(in_home(path, environ))
        return str(full) if full.is_absolute() else os.path.normpath(Path(folder) / full)

    return place


def read_service(item: Item, origin: Origin) -> Service:
    """Read what a service writes itself.

    Raises:
        ComposeFileProblem: Something is of a kind that Compose refuses.
    """
    node = item.value
    if _said(item) is None:
        return Service(origin.file, item.line)
    if not isinstance(node, Mapping):
        raise origin.problem(f"the service {printable(item.key, 60)} must be a mapping", item.line)
    reader = _Reader(printable(item.key, 60), origin, aliased=item.aliased)
    return Service(
        file=origin.file,
        line=item.line,
        env_files=unique(reader.env_files(_said(live(node, "env_file")))),
        environment=reader.environment(_said(live(node, "environment"))),
        is_map=isinstance(node.get("environment"), Mapping),
        profiles=reader.profiles(_said(live(node, "profiles"))),
        openings=_open_profiles(live(node, "profiles"), origin),
    )


def _open_profiles(item: Item | None, origin: Origin) -> tuple[Opening, ...]:
    names = decided_by(item.value) if item is not None else ()
    return (Opening("profiles", names, origin.file, item.line),) if item is not None and names else ()


class _Reader:
    """Reads the blocks of one service."""

    def __init__(self, service: str, origin: Origin, *, aliased: bool) -> None:
        self._service, self._origin, self._aliased = service, origin, aliased

    def env_files(self, item: Item | None) -> tuple[EnvFileEntry, ...]:
        """Read ``env_file:`` in any of its forms."""
        if item is None:
            return ()
        node = item.value
        if isinstance(node, Sequence):
            return tuple(self._env_file(item, entry) for entry in node.items if entry.value.tag != RESET)
        if isinstance(node, Scalar) and node.is_text:
            return (self._short(node, "string", item),)
        hint = "Write it as a list: `- path: FILE`, then `required: false` below `path`."
        what = "a mapping" if isinstance(node, Mapping) else "neither a text nor a list"
        raise self._origin.problem(f"env_file of {self._service} is {what}; a list is due", item.line, hint)

    def environment(self, item: Item | None) -> tuple[EnvironmentEntry, ...]:
        """Read ``environment:`` as a mapping or a list."""
        if item is None:
            return ()
        node = item.value
        if isinstance(node, Mapping):
            shown = [entry for name in node.items if (entry := live(node, name)) is not None]
            return tuple(self._pair(item, entry) for entry in shown)
        if isinstance(node, Sequence):
            return tuple(self._word(item, entry) for entry in node.items if entry.value.tag != RESET)
        raise self._origin.problem(f"environment of {self._service} must be a mapping or a list", item.line)

    def profiles(self, item: Item | None) -> tuple[str, ...]:
        """Read ``profiles:``."""
        if item is None:
            return ()
        if not isinstance(item.value, Sequence):
            raise self._origin.problem(f"profiles of {self._service} must be a list", item.line)
        words = [entry.value for entry in item.value.items if entry.value.tag != RESET]
        return tuple(dict.fromkeys(word.text for word in words if isinstance(word, Scalar)))

    def _via(self, *items: Item) -> Via:
        if self._origin.via:
            return self._origin.via
        return "anchor" if self._aliased or any(item.aliased for item in items) else ""

    def _env_file(self, block: Item, item: Item) -> EnvFileEntry:
        node = item.value
        if isinstance(node, Mapping):
            return self._long(node, block, item)
        if isinstance(node, Scalar) and node.is_text:
            return self._short(node, "short", block, item)
        hint = "Write `- path: FILE`, then `required: false` below `path`."
        raise self._origin.problem(f"an env_file entry of {self._service} is no text", item.line, hint)

    def _short(self, node: Scalar, form: Literal["string", "short"], *items: Item) -> EnvFileEntry:
        return EnvFileEntry(
            text=node.text,
            path=None,
            required=None,
            required_is_boolean=False,
            format=None,
            form=form,
            unknown_keys=(),
            file=self._origin.file,
            line=node.line,
            via=self._via(*items),
            key=node.text,
        )

    def _long(self, node: Mapping, *items: Item) -> EnvFileEntry:
        path = live(node, "path")
        if path is None or not isinstance(path.value, Scalar) or not path.value.is_text:
            problem = f"an env_file entry of {self._service} has no path"
            raise self._origin.problem(problem, node.line, "Write `path: FILE` in it.")
        required, kind = live(node, "required"), live(node, "format")
        return EnvFileEntry(
            text=path.value.text,
            path=None,
            required=_written(required),
            required_is_boolean=required is not None and _boolean(required.value) is not None,
            format=_written(kind),
            form="long",
            unknown_keys=tuple((key, at.line) for key, at in node.items.items() if key not in ENV_FILE_KEYS),
            file=self._origin.file,
            line=node.line,
            via=self._via(*items),
            key=path.value.text,
        )

    def _pair(self, block: Item, item: Item) -> EnvironmentEntry:
        node = item.value
        if not isinstance(node, Scalar):
            name = printable(item.key, 60)
            raise self._origin.problem(f"{name} in environment of {self._service} is no text", item.line)
        value = None if node.is_null else node.text
        via = self._via(block, item)
        return EnvironmentEntry(item.key, value, value is not None, self._origin.file, item.line, via)

    def _word(self, block: Item, item: Item) -> EnvironmentEntry:
        node = item.value
        if not isinstance(node, Scalar) or not node.is_text:
            problem = f"an entry in environment of {self._service} is no text"
            raise self._origin.problem(problem, item.line, "Write `- NAME=value`.")
        name, equals, value = node.text.partition("=")
        via = self._via(block, item)
        value_or_none = value if equals else None
        return EnvironmentEntry(name, value_or_none, bool(equals), self._origin.file, node.line, via, node.text)


def _said(item: Item | None) -> Item | None:
    """Return an item unless it is null: laid over something, Compose (from 2.29.7 on) takes that for nothing.

    Where there is nothing below, it refuses it; that is for Compose to say, not for us.
    """
    return None if item is None or (isinstance(item.value, Scalar) and item.value.is_null) else item


def _boolean(node: Node) -> bool | None:
    return node.boolean if isinstance(node, Scalar) else None


def _written(item: Item | None) -> str | None:
    if item is None:
        return None
    boolean = _boolean(item.value)
    if boolean is not None:
        return str(boolean).lower()
    return item.value.text if isinstance(item.value, Scalar) else ""
