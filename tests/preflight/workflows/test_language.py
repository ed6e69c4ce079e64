"""Tests of preflight/workflows/language.py."""

import pytest

from preflight.workflows.language import Language, language_of_file, language_of_step


@pytest.mark.parametrize(
    ("name", "text", "language"),
    [
        ("a.sh", "", Language.SHELL),
        ("a.TS", "", Language.JAVASCRIPT),
        ("a.mjs", "", Language.JAVASCRIPT),
        ("a.ps1", "", Language.POWERSHELL),
        ("a.py", "#!/bin/bash", Language.OTHER),
        ("prune", "#!/usr/bin/env node\n", Language.JAVASCRIPT),
        ("prune", "#!/usr/bin/env -S bash -e\n", Language.SHELL),
        ("prune", "#!/usr/bin/python3\n", Language.OTHER),
        ("Makefile", "a:\n", Language.SHELL),
        ("x.unknown", "", Language.SHELL),
    ],
)
def test_language_of_a_file(name: str, text: str, language: Language) -> None:
    """By the end of its name, else by its first line, else it is taken for shell."""
    assert language_of_file(name, text) is language


@pytest.mark.parametrize(
    ("shell", "runner", "language"),
    [
        ("", "ubuntu-latest", Language.SHELL),
        ("", "windows-2022", Language.POWERSHELL),
        ("bash", "windows-2022", Language.SHELL),
        ("bash --noprofile -eo pipefail {0}", "", Language.SHELL),
        ("pwsh", "", Language.POWERSHELL),
        ("node {0}", "", Language.JAVASCRIPT),
        ("python", "", Language.OTHER),
        ("cmd", "windows-latest", Language.OTHER),
    ],
)
def test_language_of_a_step(shell: str, runner: str, language: Language) -> None:
    """By its shell, else by the runner's."""
    assert language_of_step(shell, runner) is language
