"""Which changed files make Coolify deploy: its "Watch paths" (App 2287-2489).

The last pattern that fits a file decides; ``!`` excludes. Where only exclusions are written, all other files count.
"""

from collections.abc import Iterable, Iterator

from preflight.errors import CouldNotLook
from preflight.lib.patterns import PatternError, compile_pattern

_SPECIAL = frozenset(".()+{}$^|\\")
_SURELY_SHORT = 100
"""Characters of a pattern whose expression is never too long."""


def watched(text: str, files: Iterable[str]) -> tuple[str, ...]:
    """Return those of the changed files that the watch paths name.

    Args:
        text: The field, one pattern a line; not blank.
        files: From the repository's root.

    Raises:
        CouldNotLook: A pattern is longer than what is tried here.
    """
    rules = [(not each.startswith("!"), each.removeprefix("!")) for line in text.split("\n") if (each := _normal(line))]
    only_exclusions = not any(includes for includes, _ in rules)

    def counts(file: str) -> bool:
        verdicts = (includes for includes, pattern in reversed(rules) if _fits(pattern, file))
        return next(verdicts, only_exclusions)

    return tuple(file for file in files if counts(file))


def _normal(line: str) -> str:
    """Return a line as Coolify stores it: without blanks around it and leading slashes."""
    line = line.strip()
    return "!" + line[1:].strip().lstrip("/") if line.startswith("!") else line.lstrip("/")


def _fits(pattern: str, file: str) -> bool:
    expression = "^(?s:" + "".join(_translated(pattern)) + ")$"
    try:
        return compile_pattern(expression).fullmatch(file) is not None
    except PatternError:
        if len(pattern) < _SURELY_SHORT:  # as for PHP, an unclosed `[` fits nothing
            return False
        raise CouldNotLook(
            "a pattern in Watch paths is too long to be tried here", "Look at the application's Watch paths in Coolify."
        ) from None


def _translated(pattern: str) -> Iterator[str]:
    """Yield the parts of the regular expression that Coolify makes of a pattern."""
    at, in_class = 0, False
    while at < len(pattern):
        char, following = pattern[at], pattern[at + 1 : at + 2]
        at += 1
        if char == "*" and following == "*":
            at += 2 if pattern.startswith("/", at + 1) else 1
            yield ".*"
        elif char == "*":
            yield "[^/]*"
        elif char == "?":
            yield "[^/]"
        elif char == "[":
            in_class = True
            at += following in {"!", "^"}
            yield "[^" if following in {"!", "^"} else "["
        elif char == "]":
            yield "]" if in_class else "\\]"
            in_class = False
        else:
            yield f"\\{char}" if char in _SPECIAL else char
