"""Interpolation as Compose does it: `$NAME`, `${NAME}`, `${NAME:-default}`, `${NAME:+other}`, `${NAME:?message}`.

Measured with Compose 2.24.1 to 2.40.3, corner cases and oddities included; property tests compare both.
"""

from collections.abc import Callable

from preflight.lib.regex import regex

Lookup = Callable[[str], str | None]
"""Gives the value of a name, or None when it is not set."""

MAX_DEPTH = 40
"""Defaults within defaults that are followed; Compose knows no limit, but our stack does."""

# Go's case folding lets these two letters stand for s and k.
_NAME = "[_a-zA-Z\u017f\u212a][_a-zA-Z0-9\u017f\u212a]*"
_TOKEN = regex(rf"\$(?:(?P<escaped>\$)|(?P<named>{_NAME})|(?P<open>\{{))")
_BRACED = regex(rf"({_NAME})(:?[-+?]|\}})")
_MENTION = regex(rf"\$(?:\$|\{{?({_NAME}))")


class TemplateProblem(ValueError):
    """Compose refuses to interpolate the text. The message quotes no value."""


def mentioned(text: str) -> tuple[str, ...]:
    """Return the names that ``text`` interpolates, each once, in order, those in unused defaults included."""
    names = (match.group(1) for match in _MENTION.finditer(text))
    return tuple(dict.fromkeys(name for name in names if name))


def expand(text: str, lookup: Lookup, depth: int = 0) -> str:
    """Return ``text`` with all names replaced; a name that is not set gives nothing.

    Raises:
        TemplateProblem: Malformed, a required name is not set, or nested too deep.
    """
    if "$" not in text:
        return text
    if depth > MAX_DEPTH:
        raise TemplateProblem(f"its interpolation is nested deeper than {MAX_DEPTH} levels")
    parts: list[str] = []
    position = 0
    while token := _TOKEN.search(text, position):
        parts.append(text[position : token.start()])
        position = token.end()
        if token["escaped"]:
            parts.append("$")
        elif token["named"]:
            parts.append(lookup(token["named"]) or "")
        else:
            value, position = _braced(text, position, lookup, depth)
            parts.append(value)
    return "".join((*parts, text[position:]))


def _braced(text: str, start: int, lookup: Lookup, depth: int) -> tuple[str, int]:
    """Read what follows `${`; return its value and where it ends."""
    match = _BRACED.match(text, start)
    if match is None:
        raise TemplateProblem("its interpolation is malformed")
    name, operator = match.groups()
    if operator == "}":
        return lookup(name) or "", match.end()
    line_end = text.find("\n", start)
    last = text.rfind("}", match.end(), len(text) if line_end < 0 else line_end)
    if last < 0:
        raise TemplateProblem("its interpolation is malformed")
    close = _closing(text, start - 1, last)
    return _apply(name, operator, text[match.end() : close], lookup, depth), close + 1


def _closing(text: str, brace: int, last: int) -> int:
    """Return where the brace at ``brace`` is closed, no later than ``last``.

    Compose passes over the character after any opening brace, whatever it is, and takes the line's last
    closing brace when the count does not come out.
    """
    count, position = 0, brace
    while position <= last:
        if text[position] == "}":
            count -= 1
            if count == 0:
                return position
        elif text[position] == "{":
            count += 1
            position += 1
        position += 1
    return last


def _apply(name: str, operator: str, word: str, lookup: Lookup, depth: int) -> str:
    found = lookup(name)
    other = expand(word, lookup, depth + 1)  # even where it is not used, Compose refuses it when malformed
    there = bool(found) if operator[0] == ":" else found is not None
    match operator[-1]:
        case "-":
            return (found or "") if there else other
        case "+":
            return other if there else (found or "")
        case _:
            if not there:
                raise TemplateProblem(f"it requires {name}, which is not set")
            return found or ""
