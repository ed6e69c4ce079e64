"""Text of a workflow in which some parts only show when it runs. Imports nothing of ours."""

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import TypeAlias

from preflight.lib.records import frozen

Tri: TypeAlias = bool | None
"""Yes, no, or not to be told."""

HOLE = "\ue000"
"""Stands in a value for a part that may be anything."""
WORD_HOLE = "\ue001"
"""Stands for a part that may be anything without a slash, as the name of a repository."""
_SHAPES = {HOLE: ".*", WORD_HOLE: "[^/]+"}
_TOKEN = re.compile(r"\\.|\[(?:\\.|[^\]\\])*\]|[*+]|\{\d*,?\d*\}|.", re.DOTALL)
# Python is about to read sets within sets otherwise than JavaScript does, and warns of it on standard error.
_NESTED_SET = re.compile(r"\[[^\]]*(?:\[|--|&&|~~|\|\|)")
_SHORT = 24
_TRUE = frozenset({"true", "1", "yes"})
_FALSE = frozenset({"false", "0", "no", ""})


@frozen
class Value:
    """A value as far as it is known.

    Args:
        text: With ``HOLE`` or ``WORD_HOLE`` for each part that only shows when the workflow runs.
        unknown: The expressions behind the holes.
        chosen: It is the default of an input that whoever starts the workflow by hand may change.
    """

    text: str
    unknown: tuple[str, ...] = ()
    chosen: bool = False

    @property
    def known(self) -> str | None:
        """The whole text, or None if a part of it is unknown."""
        return None if has_hole(self.text) else self.text

    @property
    def truth(self) -> Tri:
        """What the value says as an answer to yes or no; None if it is unknown or neither."""
        word = self.text.strip().lower()
        return True if word in _TRUE else False if word in _FALSE else None

    def with_text(self, text: str) -> "Value":
        """Return the value with another text."""
        return replace(self, text=text)


EMPTY = Value("")


def has_hole(text: str) -> bool:
    """Whether a part of the text is unknown."""
    return HOLE in text or WORD_HOLE in text


def unknown(expression: str, hole: str = HOLE) -> Value:
    """Return a value of which nothing is known but the expression it comes from."""
    return Value(hole, (expression,))


def shown(text: str) -> str:
    """Return the text with its holes drawn as an ellipsis."""
    return text.replace(HOLE, "…").replace(WORD_HOLE, "…")


def equals(text: str, wanted: str) -> Tri:
    """Whether a text, letters in upper and lower case taken for the same, is the wanted one."""
    if not has_hole(text):
        return text.casefold() == wanted.casefold()
    pattern = "".join(_SHAPES.get(char) or re.escape(char) for char in text)
    return None if re.fullmatch(pattern, wanted, re.IGNORECASE | re.DOTALL) else False


def glob(pattern: str, wanted: str) -> Tri:
    """Whether a pattern with ``*`` and ``?`` covers the wanted text."""
    wild = {"*": ".*", "?": ".", **_SHAPES}
    found = re.fullmatch("".join(wild.get(char) or re.escape(char) for char in pattern), wanted, re.DOTALL)
    if not has_hole(pattern):
        return found is not None
    return None if found else False


def search(pattern: str, wanted: str) -> Tri:
    """Whether a JavaScript regular expression is found in the wanted text; None if it cannot be told.

    One that could search for ever is not tried: nothing could stop it.
    """
    if has_hole(pattern) or _NESTED_SET.search(pattern) or not _is_quick(pattern, len(wanted)):
        return None
    try:
        return re.search(pattern, wanted) is not None
    except (re.error, RecursionError, OverflowError):
        return None


def _is_quick(pattern: str, length: int) -> bool:
    """Whether a search takes few steps: what repeats is counted, and how deep it repeats within what repeats."""
    repeats, depth = _repeats(pattern)
    if length > _SHORT:
        return repeats <= 3 and depth <= 1  # noqa: PLR2004 -- 100 characters to the third are few steps
    return repeats <= 8 and depth <= 2  # noqa: PLR2004 -- at most some millions of steps for 24 characters


def _repeats(pattern: str) -> tuple[int, int]:
    """Return how often something may repeat in a regular expression, and how deep repeats are nested."""
    count, deepest = 0, 0
    inner: list[int] = [0]
    last, position = 0, 0
    for match in _TOKEN.finditer(pattern):
        part = match[0]
        if part == "(":
            inner.append(0)
            last = 0
        elif part == ")" and len(inner) > 1:
            last = inner.pop()
            inner[-1] = max(inner[-1], last)
        elif part[0] in "*+{" and position > 0:
            count += 1
            inner[-1] = max(inner[-1], last + 1)
            deepest = max(deepest, last + 1)
        else:
            last = 0
        position = match.end()
    return count, deepest


def any_of(answers: Iterable[Tri]) -> Tri:
    """Whether one of them is yes; None if none surely is but one may be."""
    found = set(answers)
    return True if True in found else None if None in found else False


def all_of(*answers: Tri) -> Tri:
    """Whether all of them are yes; None if it cannot be told."""
    return False if False in answers else None if None in answers else True


def negate(answer: Tri) -> Tri:
    """Return the opposite."""
    return None if answer is None else not answer
