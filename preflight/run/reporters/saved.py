"""The text of a saved report: in a file, or on standard input."""

import sys
from pathlib import Path

from preflight.errors import CouldNotLook
from preflight.lib.files import decode, read_text

LIMIT = 16 * 1024 * 1024
"""Bytes accepted of a report."""

STDIN = Path("-")
"""Stands for standard input."""


def saved_text(file: Path) -> str:
    """Return what is in a file.

    Raises:
        CouldNotLook: It cannot be read, is too large, or is no text.
    """
    if file != STDIN:
        return read_text(file, limit=LIMIT, what="the report")
    if sys.stdin is None:  # as Python has it after ``<&-``
        raise CouldNotLook("standard input is closed")
    data = sys.stdin.buffer.read(LIMIT + 1)
    if len(data) > LIMIT:
        raise CouldNotLook(f"standard input is larger than {LIMIT >> 20} MiB")
    return decode(data, file, "standard input")


def saved_name(file: Path) -> str:
    """Return how a file is called in messages."""
    return "standard input" if file == STDIN else str(file)
