"""One line for Nagios, Icinga and everything else that runs monitoring plugins, with their own exit codes.

Source: Monitoring Plugins Development Guidelines, "Plugin Output for Nagios" and "Performance data"
(monitoring-plugins.org/doc/guidelines.html).
"""

from enum import IntEnum

from preflight.errors import ExitCode
from preflight.lib.text import printable
from preflight.model import Status
from preflight.report import Report, Style
from preflight.run.reporters.rows import Row, is_blocking, problems
from preflight.run.reporters.words import meaning, narrowed, totals_in_words
from preflight.run.verdict import totals, waived

_LONGEST = 700
"""Characters of the text; with the numbers behind it the line stays below the 1,024 bytes that old agents take."""
_LONGEST_MESSAGE = 300


class State(IntEnum):
    """What a plugin answers with as its exit code."""

    OK = 0
    WARNING = 1
    CRITICAL = 2
    UNKNOWN = 3


def render(report: Report, _style: Style) -> str:
    """Return ``PREFLIGHT STATE - text|numbers``: the worst finding, and how many checks ended in which way."""
    head = f"PREFLIGHT {state(report).name} - "
    if report.problem:
        return f"{head}nothing was checked: {_plain(report.problem)}\n"
    text = _plain("; ".join([meaning(report), *_worst(report), totals_in_words(report), *narrowed(report)]))
    return f"{head}{text}|{_numbers(report)}\n"


def state(report: Report) -> State:
    """Return what the plugin answers with. A warning that somebody accepted is none; what is not sure is unknown."""
    if report.exit_code == ExitCode.FAILED:
        return State.CRITICAL
    if report.exit_code != ExitCode.OK:
        return State.UNKNOWN
    return State.WARNING if any(not row.accepted for row in problems(report)) else State.OK


def _worst(report: Report) -> list[str]:
    concerned = [row for row in problems(report) if not row.accepted]
    same = [row for row in concerned if is_blocking(row, report) == is_blocking(concerned[0], report)]
    more = f" (and {len(same) - 1} more)" if len(same) > 1 else ""
    return [f"{_said(same[0])}{more}"] if same else []


def _said(row: Row) -> str:
    place = f" {row.finding.location}" if row.finding.location is not None else ""
    return f"{row.name}{place}: {printable(row.finding.message, _LONGEST_MESSAGE)}"


def _plain(text: str) -> str:
    # The first | ends the text, and nothing can quote it.
    return printable(text.replace("|", "¦"), _LONGEST)


def _numbers(report: Report) -> str:
    counts = totals(report.results)
    numbers = {status.value: counts[status] for status in Status} | {"waived": waived(report.results)}
    shown = [f"{name}={count};;;0" for name, count in numbers.items()]
    return " ".join([f"time={report.duration_s:.3f}s;;;0", f"checks={len(report.results)};;;0", *shown])
