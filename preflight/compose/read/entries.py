"""Where things of a service stand: values that say file and line."""

from pathlib import Path
from typing import Literal

from preflight.envfile.template import mentioned
from preflight.lib.records import frozen

Via = Literal["", "anchor", "second file", "include", "extends"]
"""How an entry reaches its service when it is not simply written there."""


def depends_on(text: str) -> tuple[str, ...]:
    """Return the variables that decide what the name of a file is: those interpolated, and ``HOME`` behind ``~``."""
    return (*(("HOME",) if text.startswith("~") else ()), *mentioned(text))


@frozen
class Opening:
    """A place where variables from outside decide what a service is made of.

    Args:
        what: The key there.
        names: The variables.
        file: The compose file it stands in.
        line: Its line there.
    """

    what: Literal["extends", "include", "profiles"]
    names: tuple[str, ...]
    file: Path
    line: int


def names_outside(name: str, value: str | None) -> tuple[str, ...]:
    """Return the variables whose value an entry of ``environment:`` takes from outside: its own where it has none."""
    return (name,) if value is None else mentioned(value)


@frozen
class EnvironmentEntry:
    """One variable in an ``environment:`` block.

    Args:
        name: The variable.
        value: As written, not interpolated; may be a secret. ``None`` when there is none.
        has_value: Whether it is given a value at all (``VAR:`` and ``- VAR`` are not: they take the shell's).
        path: The file it stands in.
        line: Its line there.
        via: How it reaches the service.
        text: As written, where it is an entry of a list: Compose interpolates its name, too.
    """

    name: str
    value: str | None
    has_value: bool
    path: Path
    line: int
    via: Via = ""
    text: str = ""

    def names_deciding(self, variable: str) -> tuple[str, ...]:
        """Return the variables from outside that can make this an entry for ``variable``; none in a mapping."""
        literal, dollar, _ = self.text.partition("$")
        can_match = bool(dollar) and "=" not in literal and variable.startswith(literal)
        return mentioned(_name_part(self.text)) if can_match else ()

    @property
    def names_outside(self) -> tuple[str, ...]:
        """The variables whose value it takes from the shell, ``--env-file`` or ``.env``."""
        return names_outside(self.name, self.value if self.has_value else None)


@frozen
class EnvFileEntry:
    """One entry of ``env_file:``.

    Args:
        text: The path as written, not interpolated.
        path: The file it means, absolute; ``None`` when that depends on interpolation.
        required: As written (``"false"``), lower-case for a YAML boolean; ``None`` when it is not given.
        required_is_boolean: Whether ``required`` is a YAML boolean, not text or a number.
        format: As written; ``None`` when it is not given.
        form: ``string`` for ``env_file: x``, ``short`` for ``- x``, ``long`` for ``- path: x``.
        unknown_keys: Keys that the long form does not have, each with its line.
        file: The compose file it stands in.
        line: Its line there.
        via: How it reaches the service.
        key: The path as Compose compares it when it drops duplicates: as written in the first file's
            folder, joined with the folder it is relative to otherwise.
        now: The same after interpolation, as of today; ``None`` where Compose would refuse it.
    """

    text: str
    path: Path | None
    required: str | None
    required_is_boolean: bool
    format: str | None
    form: Literal["string", "short", "long"]
    unknown_keys: tuple[tuple[str, int], ...]
    file: Path
    line: int
    via: Via = ""
    key: str = ""
    now: str | None = None

    @property
    def depends_on(self) -> tuple[str, ...]:
        """The variables from outside that decide which file it means."""
        return depends_on(self.text)


def _name_part(text: str) -> str:
    """Return what stands before the first ``=`` that is not inside ``${…}``."""
    depth = 0
    for position, char in enumerate(text):
        if char == "{" and text[position - 1 : position] == "$":
            depth += 1
        elif char == "}" and depth:
            depth -= 1
        elif char == "=" and not depth:
            return text[:position]
    return text
