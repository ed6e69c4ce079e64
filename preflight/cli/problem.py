"""What is printed when nothing was checked because the command line or the configuration is wrong."""

import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime

from preflight.model import Report
from preflight.text import printable
from preflight.version import __version__


def print_problem_report(argv: Sequence[str], problem: str, code: int) -> None:
    """Print a JSON report that names the problem, if ``argv`` is a ``run`` that asked for JSON."""
    if _wants_json(argv):
        from preflight.reporters import Style, reporter

        report = problem_report(problem, code)
        sys.stdout.write(reporter("json")(report, Style()))
        sys.stdout.flush()


def problem_report(problem: str, code: int) -> Report:
    """Return the report of a run that checked nothing."""
    return Report(__version__, host_name(), datetime.now(UTC), 0.0, (), code, printable(problem, 500))


def host_name() -> str:
    """Return the name of this machine."""
    return os.uname().nodename


def _wants_json(argv: Sequence[str]) -> bool:
    if "run" not in argv:
        return False
    chosen = os.environ.get("PREFLIGHT_FORMAT", "")
    for place, argument in enumerate(argv):
        if argument == "--format" and place + 1 < len(argv):
            chosen = argv[place + 1]
        elif argument.startswith("--format="):
            chosen = argument.removeprefix("--format=")
    return chosen == "json"
