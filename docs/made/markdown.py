"""Plain text as Markdown shows it: nothing in it is taken for markup."""

import re
from collections.abc import Sequence
from textwrap import fill

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>|$])")
_OPENS = re.compile(r"^(?:[-+#]|\d+(?=[.)]))", re.MULTILINE)
_CODE = re.compile(r"(`[^`]+`)")


def escaped(text: str) -> str:
    """Return text in which only pairs of backticks have a meaning for Markdown, also in a cell of a table."""
    parts = _CODE.split(text)
    return "".join(part if at % 2 else _SPECIAL.sub(r"\\\1", part) for at, part in enumerate(parts))


def code(text: str) -> str:
    """Return text as inline code, also in a cell of a table."""
    fence = "``" if "`" in text else "`"
    pad = " " if "`" in text else ""
    return f"{fence}{pad}{text}{pad}{fence}".replace("|", "\\|")


def paragraph(text: str) -> str:
    """Return Markdown in lines that a person can read; no line begins as one of a list or a heading does."""
    lines = fill(text, 118, break_on_hyphens=False, break_long_words=False)
    return _OPENS.sub(r"\\\g<0>", lines)


def table(heads: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    """Return a table; the cells are Markdown already."""
    lines = [heads, ("---",) * len(heads), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)
