"""Text of a workflow in which some parts only show when it runs. Imports nothing of ours."""

from collections.abc import Iterable
from typing import TypeAlias

from preflight.lib.records import frozen

Tri: TypeAlias = bool | None
"""Yes, no, or not to be told."""

HOLE = "\ue000"
"""Stands in a value for a part that may be anything."""
WORD_HOLE = "\ue001"
"""Stands for a part that may be anything without a slash, as the name of a repository."""
NUMBER_HOLE = "\ue002"
"""Stands for a number, as that of a pull request, or nothing where there is none."""
HOLES = frozenset({HOLE, WORD_HOLE, NUMBER_HOLE})
_TRUE = frozenset({"true", "1", "yes"})
_FALSE = frozenset({"false", "0", "no", ""})


@frozen
class Value:
    """A value as far as it is known.

    Args:
        text: With one of ``HOLES`` for each part that only shows when the workflow runs.
        unknown: The expressions behind the holes.
        chosen: Whether it is the default of an input that whoever starts the workflow by hand may change.
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

    @property
    def given(self) -> bool:
        """Whether there is anything in it."""
        return bool(self.text.strip())


EMPTY = Value("")


def has_hole(text: str) -> bool:
    """Whether a part of the text is unknown."""
    return any(hole in text for hole in HOLES)


def unknown(expression: str, hole: str = HOLE) -> Value:
    """Return a value of which nothing is known but the expression it comes from."""
    return Value(hole, (expression,))


def shown(text: str) -> str:
    """Return the text with its holes drawn as an ellipsis."""
    for hole in HOLES:
        text = text.replace(hole, "…")
    return text


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
