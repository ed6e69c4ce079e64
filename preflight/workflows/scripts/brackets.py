"""Which brackets of a text belong together. Imports nothing of ours."""

from collections.abc import Sequence

from preflight.lib.regex import regex

_CLOSING = {")": "(", "]": "[", "}": "{"}
_WORD_REST = regex(r"[^/\s\"'`]*")


def pairs(tokens: Sequence[str]) -> dict[int, int]:
    """Return for each opening bracket, by its place, where it is closed.

    Args:
        tokens: A text, character by character or word by word; ``$(`` and ``${`` open, too. A bracket that closes
            another kind than was opened last is passed over.
    """
    found: dict[int, int] = {}
    opened: list[tuple[str, int]] = []
    for at, token in enumerate(tokens):
        if token in {"(", "[", "{"}:
            opened.append((token, at))
        elif token in _CLOSING and opened and opened[-1][0] == _CLOSING[token]:
            found[opened.pop()[1]] = at
    return found


def rest_of_word(text: str, at: int) -> int:
    """Return where the word ends that something unclosed stands in: what is in it is not known."""
    match = _WORD_REST.match(text, at)
    return match.end() if match else at
