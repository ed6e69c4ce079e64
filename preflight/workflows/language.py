"""Which language a script is written in. Imports nothing of ours.

Source: GitHub Docs, "Workflow syntax for GitHub Actions", `jobs.<job_id>.steps[*].shell`: on Windows the default is
PowerShell, elsewhere bash or sh.
"""

from enum import Enum, auto


class Language(Enum):
    """How a script writes variables and texts."""

    SHELL = auto()
    JAVASCRIPT = auto()
    POWERSHELL = auto()
    OTHER = auto()


_BY_SUFFIX = {
    "bash": Language.SHELL,
    "sh": Language.SHELL,
    "zsh": Language.SHELL,
    "cjs": Language.JAVASCRIPT,
    "js": Language.JAVASCRIPT,
    "mjs": Language.JAVASCRIPT,
    "mts": Language.JAVASCRIPT,
    "ts": Language.JAVASCRIPT,
    "ps1": Language.POWERSHELL,
    "py": Language.OTHER,
    "rb": Language.OTHER,
}
SUFFIXES = frozenset(_BY_SUFFIX)
"""Ends of the names of scripts."""
_BY_PROGRAM = {
    "bash": Language.SHELL,
    "sh": Language.SHELL,
    "zsh": Language.SHELL,
    "node": Language.JAVASCRIPT,
    "bun": Language.JAVASCRIPT,
    "deno": Language.JAVASCRIPT,
    "pwsh": Language.POWERSHELL,
    "powershell": Language.POWERSHELL,
}


def language_of_file(name: str, text: str) -> Language:
    """Return the language of a file, from the end of its name or from its first line (``#!/usr/bin/env node``)."""
    suffix = name.rpartition(".")[2].lower() if "." in name else ""
    if suffix in _BY_SUFFIX:
        return _BY_SUFFIX[suffix]
    return _of_program(text.partition("\n")[0].removeprefix("#!")) if text.startswith("#!") else Language.SHELL


def language_of_step(shell: str, runner: str) -> Language:
    """Return the language of ``run:``, from ``shell:`` (empty for the default) and ``runs-on:``."""
    if shell:
        return _of_program(shell)
    return Language.POWERSHELL if "windows" in runner.lower() else Language.SHELL


def _of_program(command: str) -> Language:
    """Return the language that a command such as ``bash -e {0}`` or ``/usr/bin/env node`` runs."""
    names = [word.rpartition("/")[2].removesuffix(".exe") for word in command.split()]
    return next((_BY_PROGRAM[name] for name in names if name in _BY_PROGRAM), Language.OTHER)
