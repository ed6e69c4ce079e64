"""Text in columns that fit the terminal. The only file that imports tabulate."""

from collections.abc import Sequence
from textwrap import TextWrapper

_GAP = 2
_HEAD_GAP = 2
"""What tabulate adds to a head."""
_NARROWEST = 12


def columns(heads: Sequence[str], rows: Sequence[Sequence[str]], width: int, *, flexible: Sequence[int]) -> str:
    """Lay rows out under their heads.

    Args:
        heads: One a column.
        rows: Cells; line breaks only where the column is not flexible.
        width: Columns of the terminal; kept where the unbreakable words allow it.
        flexible: The columns that may be wrapped; they share what the others leave, the first getting most.
    """
    wanted = [max(map(_longest, (row[place] for row in (heads, *rows)))) for place in range(len(heads))]
    fixed = sum(max(size, len(heads[at]) + _HEAD_GAP) for at, size in enumerate(wanted) if at not in flexible)
    left = width - fixed - _GAP * (len(heads) - 1)
    allowed = _share(left, [wanted[place] for place in flexible])
    wraps = {place: _wrapper(size) for place, size in zip(flexible, allowed, strict=True)}
    cells = [[wraps[at].fill(cell) if at in wraps else cell for at, cell in enumerate(row)] for row in rows]
    several = any("\n" in cell for row in cells for cell in row)
    lines = _in_several_lines(heads, cells) if several else _in_one_line(heads, cells)
    return "\n".join(line.rstrip() for line in lines)


def wrapped(text: str, indent: str, width: int) -> list[str]:
    """Break a text into lines that begin with an indent, the first with its mark; a long word stays whole.

    A command or a path can only be copied where it is whole.

    Args:
        text: The text.
        indent: What the first line begins with; the others begin with as many spaces.
        width: Columns of the terminal.
    """
    return TextWrapper(
        width,
        initial_indent=indent,
        subsequent_indent=" " * len(indent),
        break_on_hyphens=False,
        break_long_words=False,
    ).wrap(text)


def _in_several_lines(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    from tabulate import tabulate  # costs as much as half of click

    table: str = tabulate(rows, heads, tablefmt="plain", disable_numparse=True)
    return table.splitlines()


def _in_one_line(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    sizes = [max(len(head) + _HEAD_GAP, *map(len, cells)) for head, *cells in zip(heads, *rows, strict=True)]
    gap = " " * _GAP
    return [gap.join(cell.ljust(size) for cell, size in zip(row, sizes, strict=True)) for row in (heads, *rows)]


def _share(left: int, wanted: list[int]) -> list[int]:
    """Give the narrow columns what they want and the wide ones an equal part of the rest."""
    sizes = [0] * len(wanted)
    order = sorted(range(len(wanted)), key=lambda place: wanted[place])
    for done, place in enumerate(order):
        part = left // (len(order) - done)
        sizes[place] = max(_NARROWEST, min(wanted[place], part))
        left -= sizes[place]
    return sizes


def _longest(cell: str) -> int:
    return max(map(len, cell.splitlines()), default=0)


def _wrapper(width: int) -> TextWrapper:
    return TextWrapper(width, break_on_hyphens=False)


def cut(text: str, room: int) -> str:
    """Return a text that fits its room, cut off with an ellipsis where it is longer."""
    return text if len(text) <= room else f"{text[: room - 1].rstrip()}…"
