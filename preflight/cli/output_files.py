"""The files of ``--output FORMAT=FILE``: understood before anything runs, each replaced as a whole."""

import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TypeAlias

from preflight.errors import ConfigurationError, PreflightError
from preflight.lib.files import replace_file
from preflight.lib.nearest import nearest
from preflight.report import Style
from preflight.run.config.outputs import is_stream

OutputFiles: TypeAlias = tuple[tuple[str, Path], ...]
"""Pairs of format and file."""

_STYLE = Style(verbose=True)
_DATABASE = b"SQLite format 3\0"


def output_files(texts: Iterable[str], formats: Sequence[str], all_formats: Callable[[], Sequence[str]]) -> OutputFiles:
    """Understand what ``--output`` says.

    Args:
        texts: Each ``FORMAT=FILE``.
        formats: The formats that are known at once.
        all_formats: Gives all formats, where a name is not among those.

    Raises:
        ConfigurationError: A format is not known, a file cannot be written, or one file is named twice.
    """
    files = tuple(_output(text, formats, all_formats) for text in texts)
    for number, (name, path) in enumerate(files):
        if any(path == other for _, other in files[:number]):
            raise ConfigurationError(f"--output {name}={path}: another report goes there", "Name another file.")
    return files


def _output(text: str, formats: Sequence[str], all_formats: Callable[[], Sequence[str]]) -> tuple[str, Path]:
    name, separator, file = text.partition("=")
    if not separator or not file:
        raise ConfigurationError(f"--output {text}: expected FORMAT=FILE", f"Formats: {', '.join(all_formats())}.")
    if name not in formats and name not in (known := all_formats()):
        raise ConfigurationError(
            f"--output {text}: no such format{nearest(name, known)}", f"Formats: {', '.join(known)}."
        )
    if is_stream(file):
        raise ConfigurationError(
            f"--output {text}: {file} is no regular file",
            f"--format {name} prints it on standard output; --output {name}=./FILE writes a file.",
        )
    path = Path(file).resolve()
    if not path.parent.is_dir():
        raise ConfigurationError(f"--output {text}: the folder {path.parent} is not there", "Make it first.")
    if path.exists() and not path.is_file():  # a rename over /dev/null would take it away from everybody
        raise ConfigurationError(f"--output {text}: that is no regular file", "Name a file.")
    if not os.access(path.parent, os.W_OK | os.X_OK):
        raise ConfigurationError(
            f"--output {text}: the folder {path.parent} cannot be written", "Name a folder that this user can write."
        )
    return name, path


def write_files(files: OutputFiles, render: Callable[[str, Style], str]) -> list[str]:
    """Write the documents; return what went wrong.

    Args:
        files: Where to.
        render: Makes the document of a format.
    """
    return [problem for name, path in files if (problem := _write(path, name, render))]


def _write(path: Path, name: str, render: Callable[[str, Style], str]) -> str:
    try:
        if _is_database(path):
            return f"{path} could not be written: it is a database, such as the history"
        replace_file(path, render(name, _STYLE).encode("utf-8", "replace"))
    except OSError as error:
        return f"{path} could not be written: {(error.strerror or 'unknown reason').lower()}"
    except PreflightError as error:
        return f"{path} could not be written: {error.message}"
    return ""


def _is_database(path: Path) -> bool:
    """Whether a file begins as SQLite's do (https://www.sqlite.org/fileformat.html, section 1.2)."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(len(_DATABASE)) == _DATABASE
