"""Texts of others as Markdown that shows them as they are written: no HTML, no link, no mention, no image.

Source: github.github.com/gfm (escapes).
"""

from preflight.lib.regex import regex
from preflight.lib.text import printable

_LONGEST = 1000

_MARKUP = regex(r"""[\\`*_{}\[\]~!&<>|$"'#@]|:(?=\S)|(?<=[wW]{3})\.|(?<=GH)-""")
"""What means something to Markdown, HTML or GitHub: all of it, beginnings of addresses and numbers of issues too."""

_COMMAND = regex(r"`([^`]+)`")

_NAMING = regex(r"(?<!\w)@(?=\w)|#(?=\d)")
"""What GitHub takes for a person or an issue when all else is done, however it was written."""


def shown(text: str) -> str:
    """Return a text of others as Markdown that shows it as it is written; what stands in `backticks` is code."""
    plain_and_code = enumerate(_COMMAND.split(printable(text, _LONGEST)))
    return "".join(f"<code>{_escaped(each)}</code>" if place % 2 else _escaped(each) for place, each in plain_and_code)


def code(text: str) -> str:
    """Return a text of others as code."""
    return f"<code>{_escaped(printable(text, _LONGEST))}</code>"


def size(text: str) -> int:
    """Return how many bytes a text has for GitHub."""
    return len(text.encode("utf-8", "replace"))


def _escaped(text: str) -> str:
    naming = {match.start() for match in _NAMING.finditer(text)}
    return _MARKUP.sub(lambda match: f"&#{ord(match[0])};{'<b></b>' * (match.start() in naming)}", text)
