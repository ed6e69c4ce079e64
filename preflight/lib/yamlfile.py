"""Compose files as a tree in which every value knows its line. The only file that imports ruamel.yaml.

The tree is built from parser events, not from ruamel's own objects: no tag ever makes a Python object, an
anchor may be redefined as Compose allows, and depth, number and expansion of nodes are bounded as they come.
Scalars keep their text; YAML 1.2 decides what is a boolean or null (``yes`` and ``no`` are text).
"""

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from preflight.errors import CouldNotLook
from preflight.lib.files import read_bytes, show_path
from preflight.lib.text import printable
from preflight.lib.yamlnodes import RESET, Item, Mapping, Node, Scalar, Sequence

if TYPE_CHECKING:
    from ruamel.yaml.error import MarkedYAMLError

MAX_BYTES = 8 * 1024 * 1024
"""A compose file of 1,000 services has about 200 KiB."""
MAX_NODES = 400_000
"""Values written in one file; a compose file of 1,000 services has about 30,000."""
MAX_EXPANDED = 5_000_000
"""Values when every alias is written out. Compose (go-yaml) gives up at about the same number."""
MAX_DEPTH = 100
MAX_SECOND_READING = 512 * 1024
"""Characters of a file that are read again, 5 times slower, when the C parser refuses them."""


class ComposeFileProblem(CouldNotLook):
    """A compose file cannot be read, or says something that cannot be followed.

    Args:
        problem: One line without the place.
        path: The file.
        line: From 1, or ``None`` when the whole file is meant.
        hint: What to do.
        too_much: The file goes beyond our limits; Compose may work on it for a very long time.
        is_yaml: The text is no YAML, or none that every reader takes: a key stands twice, a tab indents.
    """

    def __init__(
        self,
        problem: str,
        path: Path,
        line: int | None = None,
        hint: str = "",
        *,
        too_much: bool = False,
        is_yaml: bool = False,
    ) -> None:
        shown = printable(show_path(path, Path()))
        place = shown if line is None else f"{shown}:{line}"
        super().__init__(f"{place}: {problem}", hint or "Correct the compose file there.")
        self.problem, self.path, self.line, self.too_much = problem, path, line, too_much
        self.is_yaml = is_yaml


class EmptyComposeFile(ComposeFileProblem):
    """A compose file says nothing. Compose (from 2.29.7 on) passes over it, unless there is no other."""


def read_compose_file(path: Path) -> Mapping:
    """Read a compose file.

    Returns:
        The top level, which is a mapping.

    Raises:
        ComposeFileProblem: It is absent, no regular file, unreadable, too large, no UTF-8, no YAML, empty,
            more than one document, nested too deeply or a YAML bomb; keys stand twice; an anchor contains
            itself; the top level is no mapping.
    """
    return parse(_text(path), path)


def read_compose_documents(path: Path) -> tuple[Mapping, ...]:
    """Read a compose file that may hold several documents, which Compose lays one over the other.

    Returns:
        The top level of each that says something; at least one.

    Raises:
        ComposeFileProblem: As for ``read_compose_file``.
    """
    return _parse(_text(path), path, several=True)


def parse(text: str, path: Path) -> Mapping:
    """Read the text of a compose file of one document; see ``read_compose_file``."""
    return _parse(text, path, several=False)[0]


def parser_events(text: str) -> list[Any]:
    """Return the events of ruamel's parser for a text, with their places; none where it is no YAML."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    for pure in (False, True):
        with suppress(YAMLError):
            return list(YAML(typ="safe", pure=pure).parse(text))
    return []


def _parse(text: str, path: Path, *, several: bool) -> tuple[Mapping, ...]:
    from ruamel.yaml.error import MarkedYAMLError, YAMLError  # 30 ms that `preflight --version` does not need

    try:
        return _build(text, path, pure=False, several=several).documents()
    except MarkedYAMLError as error:
        # The C parser is one of YAML 1.1: it refuses `{image: name:tag}` and `[NAME=a:b]`, which Compose takes.
        documents = _second_reading(error, text, path, several=several)
        if documents is None:
            raise _syntax_problem(error, text, path) from error
        return documents
    except (YAMLError, ValueError) as error:
        raise _character_problem(error, text, path) from error


def _second_reading(error: "MarkedYAMLError", text: str, path: Path, *, several: bool) -> tuple[Mapping, ...] | None:
    from ruamel.yaml.error import YAMLError

    with suppress(YAMLError, ValueError):
        if len(text) <= MAX_SECOND_READING:
            return _build(text, path, pure=True, several=several).documents()
        # The C parser reads ahead, and a newer libyaml limits the depth in its own words. What stands before the place
        # it names is read again, so that our own limits are reported first.
        if error.problem_mark is not None:
            _build(text[: error.problem_mark.index], path, pure=False, several=several)
    return None


def _build(text: str, path: Path, *, pure: bool, several: bool) -> "_Builder":
    from ruamel.yaml import YAML

    builder = _Builder(path, several=several)
    for event in YAML(typ="safe", pure=pure).parse(text):
        builder.take(event)
    return builder


def _text(path: Path) -> str:
    try:
        data = read_bytes(path, limit=MAX_BYTES, what="the compose file")
    except CouldNotLook as error:
        problem = error.message.removeprefix(f"the compose file {path}").lstrip(": ")
        raise ComposeFileProblem(f"the compose file cannot be read: {problem}", path, None, error.hint) from error
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ComposeFileProblem("not UTF-8 text", path, line, "Save the file as UTF-8.") from error
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise ComposeFileProblem("a NUL byte: this is no text file", path, line, "Name the right file.")
    return text


def _syntax_problem(error: Any, text: str, path: Path) -> ComposeFileProblem:
    mark = error.problem_mark or error.context_mark
    line = mark.line + 1 if mark is not None else 1
    lines = text.splitlines()
    written = lines[line - 1] if 0 < line <= len(lines) else ""
    if "\t" in written[: len(written) - len(written.lstrip())]:
        return ComposeFileProblem(
            "not valid YAML: a tab where only spaces may indent", path, line, "Replace the tab by spaces.", is_yaml=True
        )
    problem = printable(str(error.problem or "syntax error"), 100)
    return ComposeFileProblem(f"not valid YAML: {problem}", path, line, is_yaml=True)


def _character_problem(error: Exception, text: str, path: Path) -> ComposeFileProblem:
    place = getattr(error, "position", None)
    line = text.count("\n", 0, place) + 1 if isinstance(place, int) else None
    return ComposeFileProblem(
        "not valid YAML: a character that YAML does not allow", path, line, "Remove the control character."
    )


class _Frame:
    """A mapping or list that is being read."""

    __slots__ = ("anchor", "key", "merged", "node", "size")

    def __init__(self, node: Sequence | Mapping, anchor: str) -> None:
        self.node, self.anchor, self.size = node, anchor, 1
        self.key: Scalar | None = None
        self.merged: list[Mapping] = []


class _Builder:
    """Turns parser events into nodes, one at a time, without recursion."""

    def __init__(self, path: Path, *, several: bool) -> None:
        self._path, self._several = path, several
        self._stack: list[_Frame] = []
        self._anchors: dict[str, tuple[Node, int] | None] = {}
        self._nodes = 0
        self._documents = 0
        self._roots: list[Node] = []

    def take(self, event: Any) -> None:
        """Take the next event of the parser."""
        kind = type(event).__name__
        if kind == "ScalarEvent":
            line = event.start_mark.line + 1
            scalar = Scalar(line, str(event.tag or ""), event.value, plain=event.implicit[0] or not event.style)
            self._count(line)
            if event.anchor:
                self._anchors[event.anchor] = (scalar, 1)
            self._add(scalar, line, 1, aliased=False)
        elif kind == "AliasEvent":
            self._alias(event.anchor, event.start_mark.line + 1)
        elif kind == "MappingStartEvent":
            self._open(Mapping(event.start_mark.line + 1, str(event.tag or "")), event.anchor)
        elif kind == "SequenceStartEvent":
            self._open(Sequence(event.start_mark.line + 1, str(event.tag or "")), event.anchor)
        elif kind in {"MappingEndEvent", "SequenceEndEvent"}:
            self._close()
        elif kind == "DocumentStartEvent":
            self._document(event.start_mark.line + 1)

    def documents(self) -> tuple[Mapping, ...]:
        """Return the top level of each document that says something, once all events were taken."""
        said = [root for root in self._roots if not (isinstance(root, Scalar) and root.is_null)]
        if not said:
            hint = "Write the services there, or name the right file."
            raise EmptyComposeFile("the compose file is empty", self._path, None, hint)
        tops = tuple(root for root in said if isinstance(root, Mapping))
        if len(tops) < len(said):
            line = next(root.line for root in said if not isinstance(root, Mapping))
            raise self._problem("the top level must be a mapping (services: …)", line)
        return tops

    def _document(self, line: int) -> None:
        self._documents += 1
        self._anchors.clear()
        if self._documents > 1 and not self._several:
            raise self._problem("a second YAML document (---) begins here", line, "Keep one document a file.")

    def _open(self, node: Sequence | Mapping, anchor: str | None) -> None:
        self._count(node.line)
        if len(self._stack) >= MAX_DEPTH:
            raise self._too_much(f"nested deeper than {MAX_DEPTH} levels", node.line)
        if anchor:
            self._anchors[anchor] = None  # None while open: an alias to it in here would contain itself
        self._stack.append(_Frame(node, anchor=anchor or ""))

    def _close(self) -> None:
        frame = self._stack.pop()
        if isinstance(frame.node, Mapping) and frame.merged:
            looked = _merge(frame.node, frame.merged)
            frame.size += looked
            self._count(frame.node.line, looked)
        if frame.anchor:
            self._anchors[frame.anchor] = (frame.node, frame.size)
        self._add(frame.node, frame.node.line, frame.size, aliased=False)

    def _alias(self, anchor: str, line: int) -> None:
        self._count(line)
        if anchor not in self._anchors:
            hint = "Define the anchor above it; quote a value that begins with `*`."  # which may be a secret
            raise self._problem("an alias (`*…`) has no anchor above it", line, hint)
        target = self._anchors[anchor]
        if target is None:
            raise self._problem("an anchor (`&…`) contains itself", line)
        node, size = target
        self._add(node, line, size, aliased=True)

    def _add(self, node: Node, line: int, size: int, *, aliased: bool) -> None:
        if not self._stack:
            self._roots.append(node)
            return
        frame = self._stack[-1]
        if isinstance(frame.node, Mapping) and frame.key is None:
            self._key(frame, node, line)
            return
        if frame.key is None or frame.key.text != "<<":  # what is merged is counted when it is
            frame.size += size
        if frame.size > MAX_EXPANDED:
            raise self._too_much(f"aliases expand to more than {MAX_EXPANDED:,} values (a YAML bomb)", line)
        if isinstance(frame.node, Sequence):
            frame.node.items.append(Item(node, line, aliased=aliased))
        else:
            self._value(frame, frame.node, node, aliased=aliased)

    def _key(self, frame: _Frame, node: Node, line: int) -> None:
        if not isinstance(node, Scalar):
            raise self._problem("a key must be text", line)
        frame.key = node if node.line == line else Scalar(line, node.tag, node.text, plain=node.plain)

    def _value(self, frame: _Frame, mapping: Mapping, node: Node, *, aliased: bool) -> None:
        key = frame.key
        if key is None:
            raise AssertionError("a value comes after its key")
        frame.key = None
        first = mapping.items.get(key.text)
        if first is not None or (key.text == "<<" and frame.merged):
            where = f" (first in line {first.line})" if first is not None else ""
            name = printable(key.text, 60)
            raise self._problem(f"the key {name} stands here again{where}", key.line, "Keep one of the two.")
        if key.text == "<<" and key.plain:
            frame.merged = self._mergeable(node, key.line)
        else:
            mapping.items[key.text] = Item(node, key.line, key.text, aliased=aliased)

    def _mergeable(self, node: Node, line: int) -> list[Mapping]:
        found = [item.value for item in node.items] if isinstance(node, Sequence) else [node]
        maps = [value for value in found if isinstance(value, Mapping)]
        if len(maps) != len(found):
            raise self._problem("<< needs a mapping, or a list of mappings", line)
        return maps

    def _count(self, line: int, more: int = 1) -> None:
        self._nodes += more
        if self._nodes > MAX_NODES:
            raise self._too_much(f"more than {MAX_NODES:,} values", line)

    def _too_much(self, problem: str, line: int) -> ComposeFileProblem:
        return ComposeFileProblem(problem, self._path, line, "Split or simplify the file.", too_much=True)

    def _problem(self, problem: str, line: int | None, hint: str = "") -> ComposeFileProblem:
        return ComposeFileProblem(problem, self._path, line, hint, is_yaml=True)


def _merge(mapping: Mapping, merged: list[Mapping]) -> int:
    """Add the items of merged maps that no explicit key hides; return how many were looked at."""
    looked = 0
    for source in merged:
        looked += len(source.items)
        for key, item in source.items.items():
            there = mapping.items.get(key)
            copy = Item(item.value, item.line, key, aliased=True)
            if there is None:
                mapping.items[key] = copy
            elif there.value.tag == RESET and key not in mapping.under:
                mapping.under[key] = copy
    return looked
