"""The commands of a script: a line that ends in a backslash goes on in the next. Imports nothing of ours."""

from collections.abc import Iterator, Sequence

from preflight.lib.regex import regex

COMMENT = regex(r"\A\s*(?:#|//)")


def commands(lines: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Yield first and end line (from 0) of each command. A comment ends with its line, whatever that ends in."""
    start = 0
    for row, line in enumerate(lines):
        written = line.rstrip("\r")
        goes_on = (len(written) - len(written.rstrip("\\"))) % 2 and not (row == start and COMMENT.match(line))
        if not goes_on:
            yield start, row + 1
            start = row + 1
    if start < len(lines):
        yield start, len(lines)


def joined(lines: Sequence[str]) -> str:
    """Return a command as one line."""
    return " ".join([*(line.rstrip("\r")[:-1] for line in lines[:-1]), lines[-1]])
