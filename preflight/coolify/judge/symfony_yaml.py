"""What Symfony's YAML reader makes of a compose file otherwise than Compose does, so that Coolify finds no services.

Tried with symfony/yaml 7.0 and the parser of Coolify 4.3.11: it takes a byte order mark for a part of the first key,
and refuses tags, several documents, keys written with `?`, and keys in braces that have no colon.
"""

from typing import Any

from preflight.lib.text import printable
from preflight.lib.yamlfile import ComposeFileProblem, parser_events
from preflight.lib.yamlnodes import Mapping, Node, Scalar, Sequence

_CORE = "tag:yaml.org,2002:"
_TAGS_READ = frozenset({"", "!", *(f"{_CORE}{name}" for name in ("str", "float", "binary"))})
_MARK = "\ufeff"

Oddity = tuple[str, int | None]
"""What is there, for people, and its line."""


def oddity_of_text(text: str, problem: ComposeFileProblem | None) -> Oddity | None:
    """Return what Symfony does not read.

    Args:
        text: The file, with its byte order mark.
        problem: Why our own reader refuses it, if it does.
    """
    if text.startswith(_MARK):
        return "it begins with a byte order mark", 1
    second = _second_document(text)
    if problem is not None:
        return problem.problem, second or problem.line
    if second is not None:
        return "a second YAML document begins", second
    return _odd_key(text)


def oddity_of_tree(tree: Node) -> Oddity | None:
    """Return the first tag that Symfony does not read; each value behind an anchor is looked at once."""
    seen: set[int] = set()
    open_nodes: list[Node] = [tree]
    found: list[tuple[int, str]] = []
    while open_nodes:
        node = open_nodes.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if node.tag not in _TAGS_READ or (not isinstance(node, Scalar) and node.tag):
            found.append((node.line, f"it knows no {printable(node.tag.replace(_CORE, '!!'), 40)}"))
        if isinstance(node, Mapping):
            open_nodes += [item.value for item in (*node.items.values(), *node.under.values())]
        elif isinstance(node, Sequence):
            open_nodes += [item.value for item in node.items]
    return next(((what, line) for line, what in sorted(found)), None)


def _second_document(text: str) -> int | None:
    has_begun = False
    for number, line in enumerate(text.splitlines(), start=1):
        if line == "---" or line.startswith("--- "):
            if has_begun:
                return number
            has_begun = True
        elif line.strip() and not line.lstrip().startswith(("#", "%")):
            has_begun = True
    return None


def _odd_key(text: str) -> Oddity | None:
    """Return the first key written with ``?``, or in braces without a colon."""
    open_nodes: list[list[Any]] = []  # of each mapping, whether it is in braces and its key; of a list, nothing
    for event in parser_events(text):
        kind = type(event).__name__
        top = open_nodes[-1] if open_nodes else []
        if kind.endswith("EndEvent"):
            if kind in {"MappingEndEvent", "SequenceEndEvent"}:
                open_nodes.pop()
            continue
        if kind in {"ScalarEvent", "AliasEvent", "MappingStartEvent", "SequenceStartEvent"} and top:
            in_braces, key = top
            if key is None:
                if _is_marked(text, event.start_mark.index):
                    return "a key is written with `?`", event.start_mark.line + 1
                top[1] = event
            else:
                top[1] = None
                if in_braces and ":" not in text[key.end_mark.index : event.start_mark.index]:
                    return "a key in braces has no `:` behind it", key.start_mark.line + 1
        if kind == "MappingStartEvent":
            open_nodes.append([event.flow_style, None])
        elif kind == "SequenceStartEvent":
            open_nodes.append([])
    return None


def _is_marked(text: str, position: int) -> bool:
    """Whether ``? `` stands before a key."""
    before = position - 1
    while before > 0 and text[before] in " \n":
        before -= 1
    return 0 <= before < position - 1 and text[before] == "?" and (before == 0 or text[before - 1] in " \n-[{,")
