"""Our own YAML: plain data with the line of every value. The only file that imports PyYAML."""

from collections.abc import Callable
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from preflight.errors import ConfigurationError
from preflight.lib.records import frozen
from preflight.lib.text import printable

if TYPE_CHECKING:
    import yaml

Scalar: TypeAlias = bool | int | float | str | date | None

MAX_NODES = 20_000
"""Values in one configuration; aliases count each time they are used, so a YAML bomb ends here."""


MAX_DEPTH = 50
"""Collections within collections. PyYAML's C loader recurses on the C stack and crashes the process on deep ones."""


@frozen
class Located:
    """A value with the line it stands in.

    Args:
        value: A scalar, a list of located values, or a mapping from key to located value.
        line: From 1.
        key_lines: For a mapping: the line of each key.
    """

    value: "Scalar | list[Located] | dict[str, Located]"
    line: int
    key_lines: "dict[str, int] | None" = None


def load(text: str, path: Path) -> Located:
    """Read one YAML document.

    Args:
        text: The document; an empty one is an empty mapping.
        path: Named in errors.

    Raises:
        ConfigurationError: It is no YAML, has duplicate keys, or is unreasonably large.
    """
    import yaml

    loader_class: type[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        _refuse_depth(text, loader_class, path)
        loader = loader_class(text)
        try:
            node = loader.get_single_node()
            return Located({}, 1, {}) if node is None else _Reader(loader, path).read(node)
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark is not None else 1
        raise _problem(path, line, f"not valid YAML: {printable(str(error.problem or 'syntax error'), 120)}") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise _problem(path, 1, "not valid YAML") from error


def without_keys(text: str, path: Path, leaves_out: Callable[[tuple[str, ...]], bool]) -> str:
    """Return a text of YAML documents without some keys; tags, anchors and what is plain or quoted stay as they are.

    Args:
        text: The documents.
        path: Named in errors.
        leaves_out: Says of the keys down to a place whether that is left out; ``*`` stands for an entry of a list.
            What is merged in (``<<``) counts as written at the place it is merged into.

    Raises:
        ConfigurationError: It is no YAML, or nested unreasonably deep.
    """
    import yaml

    loader_class: type[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        _refuse_depth(text, loader_class, path)
        documents = list(yaml.compose_all(text, Loader=loader_class))
        seen: set[tuple[int, tuple[str, ...]]] = set()
        for node in documents:
            _leave_out(node, (), leaves_out, seen)
        return str(yaml.serialize_all(documents, width=MAX_NODES))
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise _problem(path, 1, "not valid YAML") from error


def _leave_out(
    node: Any,
    keys: tuple[str, ...],
    leaves_out: Callable[[tuple[str, ...]], bool],
    seen: set[tuple[int, tuple[str, ...]]],
) -> None:
    import yaml

    if (id(node), keys) in seen:  # an anchor that is used again, or contains itself
        return
    seen.add((id(node), keys))
    if isinstance(node, yaml.MappingNode):
        node.value = [(key, value) for key, value in node.value if not leaves_out((*keys, str(key.value)))]
        for key, value in node.value:
            merged = value.value if isinstance(value, yaml.SequenceNode) else [value]
            for each in merged if key.value == "<<" else ():
                _leave_out(each, keys, leaves_out, seen)
            _leave_out(value, (*keys, str(key.value)), leaves_out, seen)
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            _leave_out(value, (*keys, "*"), leaves_out, seen)


def _refuse_depth(text: str, loader_class: type[Any], path: Path) -> None:
    """Go through the parser's events, which needs no stack, before anything recurses over the document."""
    import yaml

    try:
        _count_depth(text, loader_class, path)
    except yaml.MarkedYAMLError as error:
        # The scanner reads ahead: libyaml 0.2.6 refuses the 1,000th level, in its own words, before it yields the 51st
        # event. What stands before the place it names is read again, so that our limit is reported first.
        mark = error.problem_mark
        if mark is not None:
            with suppress(yaml.YAMLError):
                _count_depth(text[: mark.index], loader_class, path)
        raise


def _count_depth(text: str, loader_class: type[Any], path: Path) -> None:
    import yaml

    depth = 0
    for event in yaml.parse(text, Loader=loader_class):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > MAX_DEPTH:
                line = event.start_mark.line + 1 if event.start_mark is not None else 1
                raise _problem(path, line, f"nested more than {MAX_DEPTH} deep")
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def _problem(path: Path, line: int, message: str) -> ConfigurationError:
    return ConfigurationError(f"{path}:{line}: {message}")


class _Reader:
    """Turns PyYAML's nodes into located values, counting them."""

    def __init__(self, loader: Any, path: Path) -> None:
        self._loader, self._path, self._left = loader, path, MAX_NODES

    def read(self, node: "yaml.Node") -> Located:
        import yaml

        self._left -= 1
        line = node.start_mark.line + 1
        if self._left < 0:
            raise _problem(self._path, line, f"more than {MAX_NODES} values")
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, line)
        if isinstance(node, yaml.SequenceNode):
            return Located([self.read(item) for item in node.value], line)
        return Located(self._scalar(node, line), line)

    def _scalar(self, node: "yaml.Node", line: int) -> Scalar:
        try:
            value = self._loader.construct_object(node)
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
            # PyYAML lets whatever its conversion raises through: a KeyError for `!!bool x`, a ValueError for 2026-13-01
            raise self._unfit(node, line) from error
        if not isinstance(value, bool | int | float | str | date | None):  # `!!set x` makes a set, `!!binary` bytes
            raise self._unfit(node, line)
        return value

    def _unfit(self, node: "yaml.Node", line: int) -> ConfigurationError:
        kind = printable(str(node.tag).rpartition(":")[2], 60)
        return _problem(self._path, line, f"not valid YAML: the value is not a valid {kind}")

    def _mapping(self, node: "yaml.MappingNode", line: int) -> Located:
        values: dict[str, Located] = {}
        lines: dict[str, int] = {}
        for key_node, value_node in node.value:
            key = self.read(key_node)
            if isinstance(key.value, bool):  # YAML 1.1 reads `on:` and `off:` so; nobody means that by a key
                key = Located(str(key_node.value), key.line)
            if not isinstance(key.value, str):
                raise _problem(self._path, key.line, "a key must be text")
            if key.value in values:
                raise _problem(
                    self._path,
                    key.line,
                    f"the key {printable(key.value, 60)} stands here again (first in line {lines[key.value]})",
                )
            values[key.value] = self.read(value_node)
            lines[key.value] = key.line
        return Located(values, line, lines)
