"""Regular expressions that somebody else wrote, run in time linear in the text. The only file that imports re2.

Python's own engine backtracks: `(a|a)*b` on 40 letters takes minutes, and nothing can interrupt it, no deadline and no
signal. RE2 never backtracks. What it cannot do for that reason (look-around, references back to a group) is refused.
Source: https://github.com/google/re2/wiki/Syntax.
"""

from functools import lru_cache
from typing import Protocol, cast

from preflight.lib.text import printable

MAX_LENGTH = 512
"""Characters of an expression. A longer one takes RE2 long to compile: `a?` 90,000 times takes 14 seconds."""
_MEMORY = 1 << 20
_REASONS = {
    "invalid perl operator": "look-around such as (?!…) is not supported",
    "invalid escape sequence": "it has an escape that is not supported, such as a reference back to a group (\\1)",
    "pattern too large": "it is too large",
    "invalid repetition size": "it repeats something more than 1,000 times",
}


class PatternError(ValueError):
    """An expression cannot be run; the text says why, in a few words."""


class Match(Protocol):
    """What was found, as Python's own matches have it."""

    def group(self, group: int | str = 0, /) -> str | None:
        """Return what a group found; None if it took no part."""

    def span(self) -> tuple[int, int]:
        """Return where the match begins and ends."""


class _Compiled(Protocol):
    """What re2 makes of an expression."""

    @property
    def groups(self) -> int:
        """How many groups it has."""

    def search(self, text: str, /) -> Match | None:
        """Return the first match in a text."""

    def fullmatch(self, text: str, /) -> Match | None:
        """Return the match that is all of a text."""


class LinearPattern:
    """A compiled expression.

    A byte that was no UTF-8 (a lone surrogate, as Python reads it) counts as one character, which is a question mark:
    RE2 takes nothing else but text.

    Args:
        compiled: By re2.
    """

    def __init__(self, compiled: _Compiled) -> None:
        self._compiled = compiled

    @property
    def groups(self) -> int:
        """How many groups it has."""
        return self._compiled.groups

    def search(self, text: str) -> Match | None:
        """Return the first match in a text."""
        return self._compiled.search(_encodable(text))

    def fullmatch(self, text: str) -> Match | None:
        """Return the match that is all of a text."""
        return self._compiled.fullmatch(_encodable(text))


@lru_cache(maxsize=256)
def compile_pattern(pattern: str) -> LinearPattern:
    """Compile an expression.

    Raises:
        PatternError: It is no regular expression, too long, or needs what no linear engine can do.
    """
    import re2  # here: most runs see no expression of others

    if len(pattern) > MAX_LENGTH:
        raise PatternError(f"it is longer than {MAX_LENGTH} characters")
    options = re2.Options()
    options.log_errors = False
    options.max_mem = _MEMORY
    try:
        return LinearPattern(cast("_Compiled", re2.compile(pattern, options)))
    except UnicodeError as error:
        raise PatternError("it is no valid text") from error
    except re2.error as error:
        words = _words(error)
        raise PatternError(
            next((said for begin, said in _REASONS.items() if words.startswith(begin)), words)
        ) from error


def demand_pattern(setting: str, pattern: str) -> LinearPattern:
    """Compile an expression of the configuration.

    Args:
        setting: The name of the setting, with which the message begins.
        pattern: The expression.

    Raises:
        ValueError: It cannot be run; says why.
    """
    try:
        return compile_pattern(pattern)
    except PatternError as error:
        raise ValueError(
            f"{setting}: is no regular expression that can be used (RE2): {printable(str(error), 80)}"
        ) from error


def _encodable(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")


def _words(error: Exception) -> str:
    first = error.args[0] if error.args else ""
    return first.decode("utf-8", "replace") if isinstance(first, bytes) else str(first)
