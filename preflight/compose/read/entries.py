"""Where things of a service stand: values that say file and line."""

from pathlib import Path
from typing import Literal

from preflight.envfile.template import mentioned
from preflight.lib.records import frozen

Via = Literal["", "anchor", "second file", "include", "extends"]
"""How an entry reaches its service when it is not simply written there."""


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
    """

    name: str
    value: str | None
    has_value: bool
    path: Path
    line: int
    via: Via = ""

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
