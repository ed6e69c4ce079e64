"""Reporters: functions from a report to text. They print nothing and decide no exit code.

One format a file, named as ``--format`` names it. Installed packages bring more with entry points.
"""

from importlib import import_module

from preflight.model import Status
from preflight.report import Report, Reporter

FORMATS = ("table", "line", "json", "html", "markdown", "junit", "github", "sarif", "prometheus", "nagios")
"""The formats that come with preflight. A package cannot replace one of them."""

FOR_PEOPLE = ("table", "line")
"""The formats that only people read; every other one is read by a program, which needs a document in any case."""

# A word, never colour alone: a pipe, a mail and a colour-blind reader see the same report.
WORDS = {
    Status.FAIL: "FAIL",
    Status.ERROR: "ERROR",
    Status.WARN: "warn",
    Status.SKIP: "skip",
    Status.PASS: "ok",
}


def own_exit_code(name: str, report: Report) -> int | None:
    """Return the exit code that a format has for a report: ``nagios`` has those of monitoring plugins, no other any."""
    if name != "nagios":
        return None
    from preflight.run.reporters.nagios_report import state

    return state(report)


def all_formats() -> tuple[str, ...]:
    """Return the names of all formats, those of installed packages last; this reads the packages' entry points."""
    from preflight.run.reporters.third_party import names

    return (*FORMATS, *(name for name in names() if name not in FORMATS))


def reporter(name: str) -> Reporter:
    """Return the reporter of a format; importing it loads what it needs.

    Raises:
        ConfigurationError: There is no such format, or it does not load.
    """
    if name in FORMATS:
        render: Reporter = import_module(f"preflight.run.reporters.{name}_report").render
        return render
    from preflight.run.reporters.third_party import load

    return load(name)
