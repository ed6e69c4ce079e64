"""Interpolation of the few texts in a compose file that must be followed: names of files and services."""

import os.path
from collections.abc import Mapping
from pathlib import Path

from preflight.envfile.template import TemplateProblem, expand, mentioned
from preflight.lib.yamlfile import ComposeFileProblem
from preflight.lib.yamlnodes import Node, Scalar, Sequence


def expanded(text: str, environ: Mapping[str, str], file: Path, line: int) -> str:
    """Return ``text`` with its ``${…}`` replaced.

    Raises:
        ComposeFileProblem: It is malformed, or requires a variable that is not set.
    """
    try:
        return expand(text, environ.get)
    except TemplateProblem as problem:
        raise ComposeFileProblem(f"a name there cannot be interpolated: {problem}", file, line) from problem


def in_home(path: str, environ: Mapping[str, str]) -> str:
    """Return ``path`` with ``HOME`` in place of a leading ``~``; to Compose, ``~x`` is ``HOME/x``, no user's home."""
    home = environ.get("HOME")
    return os.path.normpath(f"{home}/{path[1:]}") if home and path.startswith("~") else path


def decided_by(node: Node) -> tuple[str, ...]:
    """Return the variables that decide what ``extends:`` or an entry of ``include:`` means."""
    if isinstance(node, Scalar):
        return mentioned(node.text)
    values = node.items if isinstance(node, Sequence) else node.items.values()
    return tuple(dict.fromkeys(name for item in values for name in decided_by(item.value)))
