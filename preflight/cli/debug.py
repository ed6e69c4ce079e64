"""``--debug``: where something broke, in files, lines and kinds of exceptions. Their texts may quote anything."""

import os
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import click

from preflight.cli.options import option

if TYPE_CHECKING:
    from preflight.report import Report
    from preflight.run.discovery import BrokenModule

_YES = frozenset({"1", "true", "t", "yes", "y", "on"})  # as click understands a flag's variable

debug_option = option(
    "--debug", is_flag=True, help="Print tracebacks of what crashes or does not load on stderr; no values are in them."
)


def is_debug(argv: Sequence[str]) -> bool:
    """Whether the command line or the environment asks for tracebacks, however wrong the rest of it is."""
    return "--debug" in argv or os.environ.get("PREFLIGHT_DEBUG", "").strip().lower() in _YES


def echo_broken(modules: Iterable["BrokenModule"], *, debug: bool) -> None:
    """Name what does not load, on standard error."""
    for module in modules:
        click.echo(f"preflight: {module.name} does not load: {module.reason}", err=True)
        if debug:
            echo_trace(module.trace)


def echo_traces(report: "Report") -> None:
    """Print the tracebacks that findings have as their evidence."""
    for result in report.results:
        for finding in result.findings:
            lines = finding.evidence.get("traceback")
            if finding.failure is not None and isinstance(lines, list):
                click.echo(f"preflight: {result.about.id}: {finding.message}", err=True)
                echo_trace(str(line) for line in lines)


def echo_trace(lines: Iterable[str]) -> None:
    """Print a traceback."""
    for line in lines:
        click.echo(f"  {line}", err=True)
