"""What is printed when nothing was checked because the command line or the configuration is wrong."""

import os
import re
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from preflight.lib.text import printable
from preflight.report import Report
from preflight.version import __version__


def print_problem_report(argv: Sequence[str], problem: str, code: int) -> None:
    """Print a JSON report that names the problem, if ``argv`` is a ``run`` that asked for JSON."""
    if _wants_json(argv):
        from preflight.cli.output import print_document
        from preflight.run.reporters import Style, reporter

        print_document(reporter("json")(problem_report(problem, code), Style()), sys.stdout)


def problem_report(problem: str, code: int) -> Report:
    """Return the report of a run that checked nothing."""
    return Report(__version__, host_name(), datetime.now(UTC), 0.0, (), code, printable(problem, 500))


def host_name() -> str:
    """Return the name of this machine."""
    return os.uname().nodename


def _wants_json(argv: Sequence[str]) -> bool:
    return "run" in argv and (_chosen("--format", argv) or _format_of_file(argv)) == "json"


def _chosen(option: str, argv: Sequence[str]) -> str:
    """Return what the command line, else the environment, says for an option of which it may be all that is right."""
    chosen = os.environ.get("PREFLIGHT_" + option.removeprefix("--").upper(), "")
    for place, argument in enumerate(argv):
        if argument == option and place + 1 < len(argv):
            chosen = argv[place + 1]
        elif argument.startswith(f"{option}="):
            chosen = argument.removeprefix(f"{option}=")
    return chosen


def _format_of_file(argv: Sequence[str]) -> str:
    """Return the format that the configuration names: by its text, since what is wrong may be that very file."""
    from preflight.errors import CouldNotLook
    from preflight.lib.files import read_text
    from preflight.run.config import find_config
    from preflight.run.config.read import MAX_SIZE

    named = _chosen("--config", argv)
    try:
        path = Path(named) if named else find_config(Path.cwd())
        text = read_text(path, limit=MAX_SIZE, what="the configuration") if path else ""
    except (CouldNotLook, OSError, ValueError):
        return ""
    found = re.search(r"^format:[ \t]*[\"']?(\w+)", text, re.MULTILINE)
    return found[1] if found else ""
