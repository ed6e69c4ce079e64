"""Where reports go: one document to stdout, more to files."""

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from dataclasses import replace
from pathlib import Path
from typing import Any, TextIO

import click

from preflight.cli.terminal import use_color, width
from preflight.errors import ConfigurationError, ExitCode, PreflightError
from preflight.lib import interrupts
from preflight.lib.files import replace_file
from preflight.lib.records import frozen
from preflight.lib.streams import LastingStream
from preflight.report import Report, Style
from preflight.run.config.outputs import is_stream
from preflight.run.reporters import FOR_PEOPLE, FORMATS, all_formats, own_exit_code, refuse_unknown_format, reporter


@frozen
class Remarks:
    """What earlier runs change in what is printed; the files are written as ever.

    Args:
        lead: Stands before the document, where a person reads it.
        instead: Printed instead of such a document, even with ``--quiet``.
        silent: Nothing is printed.
    """

    lead: str = ""
    instead: str = ""
    silent: bool = False


NO_REMARKS = Remarks()


@frozen
class Outputs:
    """What to print and write when the run is over.

    Args:
        format_: The format of the document on stdout.
        style: The style of that document.
        files: Pairs of format and file.
        stream: Standard output.
    """

    format_: str
    style: Style
    files: tuple[tuple[str, Path], ...]
    stream: TextIO

    @classmethod
    def from_options(cls, options: Mapping[str, Any], environ: Mapping[str, str], stream: TextIO) -> "Outputs":
        """Understand the options before anything runs.

        Raises:
            ConfigurationError: ``--output`` names no known format, a folder that is not there, or one file twice. Or
                the format of an installed package does not load.
        """
        style = Style(
            width=width(),
            color=use_color(options["color"], environ, stream),
            verbose=options["verbose"],
            quiet=options["quiet"],
        )
        files = tuple(_output(text) for text in options["output"])
        for number, (name, path) in enumerate(files):
            if any(path == other for _, other in files[:number]):
                raise ConfigurationError(f"--output {name}={path}: another report goes there", "Name another file.")
        for name in {options["format"], *(name for name, _ in files)}.difference(FORMATS):
            reporter(name)
        return cls(options["format"], style, files, stream)

    @property
    def formats(self) -> frozenset[str]:
        """The formats of all documents that will be made."""
        return frozenset({self.format_, *(name for name, _ in self.files)})

    def render_again(self, report: Report) -> int:
        """Write and print the report of an earlier run.

        Returns:
            0, but 2 where a file or the document could not be written. Where the format has exit codes of its own, that
            of the report.
        """
        code = ExitCode.USAGE if self._deliver(report, NO_REMARKS) else ExitCode.OK
        return self._answer(report, report.exit_code or code, code)

    def write(self, report: Report, remarks: Remarks = NO_REMARKS) -> int:
        """Write the files, then print.

        Args:
            report: The report of the run.
            remarks: What earlier runs change in what is printed.

        Returns:
            The exit code: the report's, but 2 where that is 0 and a file or the document could not be written. Where
            the format has exit codes of its own, the one that means this.
        """
        failed = self._deliver(report, remarks)
        code = report.exit_code or (ExitCode.USAGE if failed else ExitCode.OK)
        return self._answer(report, code, code)

    def _answer(self, report: Report, meant: int, otherwise: int) -> int:
        own = own_exit_code(self.format_, replace(report, exit_code=meant))
        return otherwise if own is None else own

    def _deliver(self, report: Report, remarks: Remarks) -> bool:
        """Write the files, then print; return whether anything could not be written."""
        problems = [problem for name, path in self.files if (problem := write_file(name, path, report))]
        if problems:
            report = replace(report, exit_code=report.exit_code or ExitCode.USAGE)
        quiet = self.style.quiet and report.exit_code == ExitCode.OK and not remarks.instead
        if not (quiet or remarks.silent):
            try:
                print_document(self._document(report, remarks), self.stream)
            except PreflightError as error:
                problems.append(error.message)
        for problem in problems:
            click.echo(f"preflight: {problem}", err=True)
        return bool(problems) or (isinstance(self.stream, LastingStream) and bool(self.stream.problem))

    def _document(self, report: Report, remarks: Remarks) -> str:
        people = self.format_ in FOR_PEOPLE
        if people and remarks.instead:
            return remarks.instead
        document = reporter(self.format_)(report, self.style)
        return remarks.lead + document if people else document


@contextmanager
def reserved_stdout(stdout: LastingStream) -> Iterator[None]:
    """Have standard output for the one document: what checks, and programs they start, print goes to standard error."""
    kept = os.dup(1)
    stdout.move(kept)
    try:
        os.dup2(2, 1)
        with redirect_stdout(sys.stderr):
            yield
    finally:
        with interrupts.hold:
            os.dup2(kept, 1)
            stdout.move(1)
            os.close(kept)


def _output(text: str) -> tuple[str, Path]:
    name, separator, file = text.partition("=")
    if not separator or not file:
        raise ConfigurationError(f"--output {text}: expected FORMAT=FILE", f"Formats: {', '.join(all_formats())}.")
    refuse_unknown_format(name, f"--output {text}: ")
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
    return name, path


def write_file(name: str, path: Path, report: Report) -> str:
    """Write one report; return what went wrong, or nothing."""
    style = replace(Style(), verbose=True)
    try:
        replace_file(path, reporter(name)(report, style).encode("utf-8", "replace"))
    except OSError as error:
        return f"{path} could not be written: {(error.strerror or 'unknown reason').lower()}"
    except PreflightError as error:
        return f"{path} could not be written: {error.message}"
    return ""


def print_document(text: str, stream: TextIO) -> None:
    """Print the document that says how it went.

    A signal meanwhile ends the process, so that no other document follows half of one; afterwards it changes nothing.
    """
    interrupts.ending()
    stream.write(text.encode(stream.encoding, "replace").decode(stream.encoding))
    stream.flush()
    interrupts.over()
