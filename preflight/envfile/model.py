"""What is read from an env file."""

from pathlib import Path

from preflight.lib.records import frozen

BLANK = "\t\v\f\r \x85\xa0"
"""White space within a line, as Go's readers of env files see it."""

SPACE = BLANK + "\n\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
"""All white space, as Go sees it; Python's own ``isspace`` takes four control characters more."""


class EnvFileSyntaxError(ValueError):
    """Compose would refuse the file.

    Args:
        line: Where the statement begins, from 1.
        reason: What is wrong, quoting no value.
    """

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(f"line {line}: {reason}")
        self.line = line
        self.reason = reason


@frozen
class Assignment:
    """One `NAME=value` of an env file.

    Args:
        name: The variable.
        value: What Compose gives it; None for a bare `NAME`, which takes the shell's value or is nothing.
        line: Where it begins, from 1.
        references: Names that the value interpolates, those in unused defaults included.
    """

    name: str
    value: str | None
    line: int
    references: tuple[str, ...] = ()


@frozen
class EnvFile:
    """One env file, read."""

    path: Path
    assignments: tuple[Assignment, ...]

    def all(self, name: str) -> tuple[Assignment, ...]:
        """All assignments of ``name``, in order."""
        return tuple(each for each in self.assignments if each.name == name)

    def last(self, name: str) -> Assignment | None:
        """The assignment of ``name`` that counts, or None."""
        return next((each for each in reversed(self.assignments) if each.name == name), None)

    def value(self, name: str) -> str | None:
        """The value of ``name`` that counts, or None."""
        found = self.last(name)
        return None if found is None else found.value
