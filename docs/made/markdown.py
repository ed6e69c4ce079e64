"""Plain text as Markdown shows it: nothing in it is taken for markup."""

import re
from collections.abc import Sequence

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>|$])")


def escaped(text: str) -> str:
    """Return text in which no character has a meaning for Markdown, also in a cell of a table."""
    return _SPECIAL.sub(r"\\\1", text)


def code(text: str) -> str:
    """Return text as inline code, also in a cell of a table."""
    fence = "``" if "`" in text else "`"
    pad = " " if "`" in text else ""
    return f"{fence}{pad}{text}{pad}{fence}".replace("|", "\\|")


def table(heads: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    """Return a table; the cells are Markdown already."""
    lines = [heads, ("---",) * len(heads), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)
