"""preflight/lib/programs.py: a checkout must not run itself through PATH."""

import os
from pathlib import Path

import pytest

from preflight.errors import CouldNotLook
from preflight.lib import process
from preflight.lib.deadline import Deadline
from preflight.lib.programs import find_program, search_path, with_search_path


def program(folder: Path, name: str, text: str = "echo ran") -> Path:
    """Put a program into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


@pytest.mark.parametrize(
    ("path", "searched"),
    [
        ("/usr/bin:/bin", "/usr/bin:/bin"),
        (".:/usr/bin", "/usr/bin"),
        (":/usr/bin:", "/usr/bin"),
        ("bin:./bin:../bin:~/bin:/opt/b", "/opt/b"),
        (".", ""),
        ("", os.defpath),
    ],
)
def test_only_absolute_entries_are_searched(path: str, searched: str) -> None:
    """An empty entry means the working folder, too."""
    assert search_path({"PATH": path}) == searched
    assert with_search_path({"PATH": path, "A": "1"}) == {"PATH": searched, "A": "1"}


def test_without_path_the_systems_default_is_searched() -> None:
    """As for any program; and none is made up for children."""
    assert search_path({}) == os.defpath
    assert with_search_path({"A": "1"}) == {"A": "1"}


def test_what_lies_in_the_working_folder_is_not_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither by us, nor by the programs that we start."""
    program(tmp_path / "checkout", "git")
    program(tmp_path / "checkout", "ssh")
    real = program(tmp_path / "bin", "git", "ssh || echo no ssh here")
    monkeypatch.chdir(tmp_path / "checkout")
    environ = {"PATH": f".::{real.parent}"}

    assert find_program("git", environ) == str(real)
    assert process.run(["git"], deadline=Deadline.after(10), env=environ).text == "no ssh here\n"


def test_the_error_tells_of_ignored_entries(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else nobody understands why a program that a shell finds is not there."""
    program(tmp_path, "docker-compose")
    monkeypatch.chdir(tmp_path)

    with pytest.raises(CouldNotLook, match="not on PATH; its relative entries are ignored"):
        process.run(["docker-compose"], deadline=Deadline.after(10), env={"PATH": "."})
    with pytest.raises(CouldNotLook, match=r"not on PATH\)"):
        process.run(["docker-compose"], deadline=Deadline.after(10), env={"PATH": "/nonexistent"})
