"""Whether a pattern of a workflow covers a text: wildcards of several kinds, and regular expressions.

Patterns are anybody's text. Wildcards are tried by following all places at once, so that the time grows with
pattern and text and no faster; regular expressions run on RE2.

Sources: Rust's `wildmatch` (container-retention-policy 3) for ``glob``, Python's `fnmatch` for ``fnmatch``, and
`wildcard-match` of npm (ghcr-cleanup-action) for ``wildcard``.
"""

from collections.abc import Callable, Iterable, Iterator

from preflight.lib.patterns import PatternError, compile_pattern
from preflight.lib.records import frozen
from preflight.workflows.value import HOLE, HOLES, NUMBER_HOLE, WORD_HOLE, Tri, all_of, has_hole, negate

_HOLE_PATTERNS = {HOLE: "(?:.*)", WORD_HOLE: "(?:[^/]+)", NUMBER_HOLE: "(?:[0-9]*)"}
_ESCAPES = frozenset("dDwWsSbBnrtfv")
"""Letters that mean the same behind a backslash in JavaScript, in Python and in RE2."""


@frozen
class _Part:
    """One part of a pattern: characters that it takes, how many at least, and whether it takes more."""

    takes: Callable[[str], bool]
    at_least: int = 1
    more: bool = False


_ANY = _Part(lambda _char: True)
_RUN = _Part(lambda _char: True, 0, more=True)
_WITHIN_SLASHES = _Part(lambda char: char != "/", 0, more=True)
_NO_SLASH = _Part(lambda char: char != "/")
_HOLE_PARTS = {
    HOLE: _RUN,
    WORD_HOLE: _Part(lambda char: char != "/", more=True),
    NUMBER_HOLE: _Part(str.isdecimal, 0, more=True),
}


def equals(text: str, wanted: str) -> Tri:
    """Whether a text, letters in upper and lower case taken for the same, is the wanted one."""
    if not has_hole(text):
        return text.casefold() == wanted.casefold()
    return None if _fits(map(_plain, text.casefold()), wanted.casefold()) else False


def glob(pattern: str, wanted: str) -> Tri:
    """Whether a pattern with ``*`` and ``?`` covers the wanted text."""
    wild = {"*": _RUN, "?": _ANY}
    return _covers(pattern, (wild.get(char) or _plain(char) for char in pattern), wanted)


def wildcard(pattern: str, wanted: str) -> Tri:
    """Whether a pattern covers the wanted text, where ``*`` and ``?`` take no slash and ``**`` takes any."""
    return _covers(pattern, _segments(pattern), wanted)


def fnmatch(pattern: str, wanted: str) -> Tri:
    """Whether a pattern with ``*``, ``?``, ``[abc]`` and ``[!abc]`` covers the wanted text."""
    return _covers(pattern, _fnmatch_parts(pattern), wanted)


def search(pattern: str, wanted: str) -> Tri:
    """Whether a regular expression is found in the wanted text.

    Returns:
        None if that cannot be told: a part of the expression is unknown and matters, or RE2 cannot run it, or
        JavaScript and RE2 read it differently. An unknown part counts as text: it begins or ends no alternative.
    """
    conditions, rest = _look_aheads(pattern)
    if not conditions:
        return _search(pattern, wanted)
    if any(has_hole(text) for _, text in conditions):
        return None
    found = [(wanted_there, _search(f"^(?:{text})", wanted)) for wanted_there, text in conditions]
    return all_of(_search(f"^{rest}", wanted), *(there if expected else negate(there) for expected, there in found))


def _covers(pattern: str, parts: Iterable[_Part], wanted: str) -> Tri:
    fits = _fits(parts, wanted)
    return fits if not has_hole(pattern) else None if fits else False


def _fits(parts: Iterable[_Part], wanted: str) -> bool:
    """Whether the parts in their order take all of the wanted text; all ways are followed at once.

    Parts that take nothing are passed over where they repeat, so that each step either ends or moves on in the text.
    """
    places, before = {0}, None
    for part in parts:
        if part is before and part.at_least == 0:
            continue
        before = part
        places = _beyond(part, places, wanted)
        if not places:
            return False
    return len(wanted) in places


def _beyond(part: _Part, places: set[int], wanted: str) -> set[int]:
    """Return the places in the text that a part leads to from any of some places."""
    found = set(places) if part.at_least == 0 else set()
    if not part.more:
        return {at + 1 for at in places if at < len(wanted) and part.takes(wanted[at])}
    at, inside = min(places), False
    while at < len(wanted):
        inside = (inside or at in places) and part.takes(wanted[at])
        at += 1
        if inside:
            found.add(at)
    return found


def _plain(char: str) -> _Part:
    return _HOLE_PARTS.get(char) or _Part(char.__eq__)


def _segments(pattern: str) -> Iterator[_Part]:
    at = 0
    while at < len(pattern):
        char = pattern[at]
        if pattern.startswith("**", at):
            yield _RUN
            at += 1
        elif char == "\\" and at + 1 < len(pattern):
            at += 1
            yield _plain(pattern[at])
        else:
            yield {"*": _WITHIN_SLASHES, "?": _NO_SLASH}.get(char) or _plain(char)
        at += 1


def _fnmatch_parts(pattern: str) -> Iterator[_Part]:
    at, last = 0, pattern.rfind("]")
    while at < len(pattern):
        char = pattern[at]
        # A `]` right behind `[` or `[!` belongs to the set.
        end = pattern.find("]", at + 2 + pattern.startswith("!", at + 1)) if char == "[" and at < last else -1
        if end >= 0:
            yield _char_set(pattern[at + 1 : end])
            at = end
        else:
            yield {"*": _RUN, "?": _ANY}.get(char) or _plain(char)
        at += 1


def _char_set(inside: str) -> _Part:
    """Return the part for what stands between ``[`` and ``]``."""
    if any(hole in inside for hole in HOLES):
        return _ANY
    excluded = inside.startswith("!")
    chars = inside[1:] if excluded else inside
    singles, ranges, at = set(), [], 0
    while at < len(chars):
        if chars[at + 1 : at + 2] == "-" and at + 2 < len(chars):
            ranges.append((chars[at], chars[at + 2]))
            at += 3
        else:
            singles.add(chars[at])
            at += 1
    return _Part(lambda char: excluded is not (char in singles or any(low <= char <= high for low, high in ranges)))


def _search(pattern: str, wanted: str) -> Tri:
    """Search without look-ahead."""
    runnable = _runnable(pattern)
    if runnable is None:
        return None
    try:
        found = compile_pattern(runnable).search(wanted) is not None
    except PatternError:
        return None
    return found if runnable == pattern else None if found else False


def _runnable(pattern: str) -> str | None:
    """Return the expression with its holes filled, or None if JavaScript and RE2 may read it differently."""
    found: list[str] = []
    in_set, at = False, 0
    while at < len(pattern):
        char, follows = pattern[at], pattern[at + 1 : at + 2]
        if char == "\\":
            if follows.isalnum() and follows not in _ESCAPES:
                return None
            char += follows
        elif char in HOLES:
            if in_set:
                return None
            char = _HOLE_PATTERNS[char]
        elif in_set:
            if char == "[" or (char == "&" == follows):
                return None
            in_set = char != "]"
        elif char == "[":
            in_set = True
        elif char == "(" and follows == "?" and pattern[at + 2 : at + 3] not in {":", "<"}:
            return None
        found.append(char)
        at += 2 if char[0] == "\\" else 1
    return "".join(found)


def _look_aheads(pattern: str) -> tuple[list[tuple[bool, str]], str]:
    """Take the look-aheads from an expression that begins with ``^`` and them.

    Returns:
        Whether each must be found (``(?=…)``) or must not (``(?!…)``), with what is in it; and the rest. Nothing if
        the expression begins otherwise, or has alternatives, of which only the first would be looked ahead for.
    """
    found: list[tuple[bool, str]] = []
    rest = pattern.removeprefix("^")
    while rest.startswith(("(?=", "(?!")):
        end = _closing(rest)
        if end < 0:
            return [], pattern
        found.append((rest[2] == "=", rest[3:end]))
        rest = rest[end + 1 :]
    return ([], pattern) if not pattern.startswith("^") or _has_alternatives(rest) else (found, rest)


def _closing(pattern: str) -> int:
    """Return where the group ends that an expression begins with; -1 if nowhere."""
    return next((at for at, char, depth in _outside_sets(pattern) if char == ")" and depth == 0), -1)


def _has_alternatives(pattern: str) -> bool:
    return any(char == "|" and depth == 0 for _, char, depth in _outside_sets(pattern))


def _outside_sets(pattern: str) -> Iterator[tuple[int, str, int]]:
    """Yield the characters of an expression that are neither escaped nor in a set, with the depth of groups behind."""
    depth, in_set, at = 0, False, 0
    while at < len(pattern):
        char = pattern[at]
        if char == "\\":
            at += 1
        elif in_set:
            in_set = char != "]"
        else:
            depth += (char == "(") - (char == ")")
            in_set = char == "["
            yield at, char, depth
        at += 1
