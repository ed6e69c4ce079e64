"""Where reports go: one document to stdout, more to files."""

import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from dataclasses import replace
from typing import Any, TextIO

import click

from preflight.cli.output_files import OutputFiles, output_files, write_files
from preflight.cli.terminal import use_color, width
from preflight.errors import ExitCode, PreflightError
from preflight.lib import interrupts
from preflight.lib.records import frozen
from preflight.lib.streams import LastingStream
from preflight.report import Report, Style
from preflight.run.reporters import FOR_PEOPLE, FORMATS, all_formats, own_exit_code, reporter


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
    files: OutputFiles
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
        files = output_files(options["output"], FORMATS, all_formats)
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
        problems = write_files(self.files, lambda name, style: reporter(name)(report, style))
        if problems:
            report = replace(report, exit_code=report.exit_code or ExitCode.USAGE)
        quiet = self.style.quiet and report.exit_code == ExitCode.OK and not remarks.instead
        if not (quiet or remarks.silent):
            try:
                print_document(self._document(report, remarks), self.stream)
            except PreflightError as error:
                problems.append(error.message)
        tell(problems)
        return bool(problems) or is_lost(self.stream)

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


def tell(problems: Iterable[str]) -> None:
    """Say on standard error what could not be written."""
    for problem in problems:
        click.echo(f"preflight: {problem}", err=True)


def is_lost(stream: TextIO) -> bool:
    """Whether a document that was printed did not get to anybody."""
    return isinstance(stream, LastingStream) and bool(stream.problem)


def print_document(text: str, stream: TextIO) -> None:
    """Print the document that says how it went.

    A signal meanwhile ends the process, so that no other document follows half of one; afterwards it changes nothing.
    """
    interrupts.ending()
    stream.write(text.encode(stream.encoding, "replace").decode(stream.encoding))
    stream.flush()
    interrupts.over()
