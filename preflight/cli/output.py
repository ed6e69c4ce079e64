"""Where reports go: one document to stdout, more to files."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TextIO

from preflight.cli.terminal import use_color, width
from preflight.errors import ConfigurationError, ExitCode
from preflight.files import replace_file
from preflight.model import Report
from preflight.nearest import nearest
from preflight.reporters import FORMATS, Style, reporter


@dataclass(frozen=True)
class Outputs:
    """What to print and write when the run is over.

    Args:
        format_: Of the document on stdout.
        style: Of that document.
        files: Pairs of format and file.
    """

    format_: str
    style: Style
    files: tuple[tuple[str, Path], ...]

    @classmethod
    def from_options(cls, options: Mapping[str, Any], environ: Mapping[str, str], stream: TextIO) -> "Outputs":
        """Understand the options before anything runs.

        Raises:
            ConfigurationError: ``--output`` names no known format, or a folder that is not there.
        """
        style = Style(
            width=width(),
            color=use_color(options["color"], environ, stream),
            verbose=options["verbose"],
            quiet=options["quiet"],
        )
        return cls(options["format"], style, tuple(_output(text) for text in options["output"]))

    def write(self, report: Report) -> None:
        """Write the files, then print; a reader of stdout who has left changes nothing.

        Raises:
            ConfigurationError: A file cannot be written. The report is printed first.
        """
        problems = [problem for name, path in self.files if (problem := _write_file(name, path, report))]
        if not (self.style.quiet and report.exit_code == ExitCode.OK):
            _print(reporter(self.format_)(report, self.style))
        if problems:
            sys.stderr.write("".join(f"preflight: {problem}\n" for problem in problems))
            raise SystemExit(report.exit_code or ExitCode.USAGE)


def _output(text: str) -> tuple[str, Path]:
    name, separator, file = text.partition("=")
    if not separator or not file:
        raise ConfigurationError(f"--output {text}: expected FORMAT=FILE", f"Formats: {', '.join(FORMATS)}.")
    if name not in FORMATS:
        raise ConfigurationError(
            f"--output {text}: no such format{nearest(name, FORMATS)}", f"Formats: {', '.join(FORMATS)}."
        )
    path = Path(file).resolve()
    if not path.parent.is_dir():
        raise ConfigurationError(f"--output {text}: the folder {path.parent} is not there", "Make it first.")
    if path.exists() and not path.is_file():  # a rename over /dev/null would take it away from everybody
        raise ConfigurationError(f"--output {text}: that is no regular file", "Name a file.")
    return name, path


def _write_file(name: str, path: Path, report: Report) -> str:
    """Write one report; return what went wrong, or nothing."""
    style = replace(Style(), verbose=True)
    try:
        replace_file(path, reporter(name)(report, style).encode("utf-8", "replace"))
    except OSError as error:
        return f"{path} could not be written: {(error.strerror or 'unknown reason').lower()}"
    return ""


def _print(text: str) -> None:
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    fit = text.encode(encoding, "replace").decode(encoding)
    try:
        sys.stdout.write(fit)
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader has seen enough (`| head`); the verdict stands. Nothing may be flushed to the pipe any more.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
