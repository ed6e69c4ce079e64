"""Text from outside, made fit to show: one line, no control characters, bounded."""

import unicodedata

_LIMIT = 300
# Cc control, Cf format (bidi overrides, zero width), Cs lone surrogates, Co private use, Zl/Zp line ends.
_UNSHOWN = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})


def printable(text: str, limit: int = _LIMIT) -> str:
    """Return ``text`` as one line that cannot steer a terminal.

    Control and format characters become spaces, runs of white space one space; longer text is cut at
    ``limit`` characters with an ellipsis.
    """
    if len(text) <= limit and text.isprintable() and "  " not in text and text == text.strip():
        return text  # one printable line already, as nearly all are: much faster to see than to make it one
    head = text[: limit * 4]
    line = " ".join(without_controls(head).split())
    return line if len(line) <= limit and len(head) == len(text) else line[: limit - 1] + "…"


def without_controls(text: str) -> str:
    """Return ``text`` with each control and format character replaced by a space."""
    if text.isprintable():  # nearly all that is shown; twenty times faster to see
        return text
    return "".join(" " if unicodedata.category(char) in _UNSHOWN else char for char in text)


def plural(count: int, one: str, many: str = "") -> str:
    """Return ``"1 tag"`` or ``"3 tags"``."""
    return f"{count} {one if count == 1 else many or one + 's'}"
