"""Reporters: functions from a report to text. They print nothing and decide no exit code.

One format a file, named as ``--format`` names it.
"""

from collections.abc import Callable
from importlib import import_module

from preflight.lib.records import frozen
from preflight.model import Status
from preflight.report import Report

FORMATS = ("table", "line", "json")

# A word, never colour alone: a pipe, a mail and a colour-blind reader see the same report.
WORDS = {
    Status.FAIL: "FAIL",
    Status.ERROR: "ERROR",
    Status.WARN: "warn",
    Status.SKIP: "skip",
    Status.PASS: "ok",
}


@frozen
class Style:
    """How a report is to look where a person reads it.

    Args:
        width: Columns of the terminal.
        color: Whether ANSI colours may be used.
        verbose: Evidence and timings too.
        quiet: Only what is wrong.
    """

    width: int = 80
    color: bool = False
    verbose: bool = False
    quiet: bool = False


Reporter = Callable[[Report, Style], str]


def reporter(name: str) -> Reporter:
    """Return the reporter for one of ``FORMATS``; importing it loads what it needs."""
    render: Reporter = import_module(f"preflight.run.reporters.{name}_report").render
    return render
