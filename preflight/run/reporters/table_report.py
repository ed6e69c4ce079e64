"""The report as a table for a person, what to do below it, and one line of summary."""

import json
import re
from collections.abc import Iterator
from textwrap import TextWrapper

from preflight.errors import ExitCode
from preflight.lib.text import plural
from preflight.model import CheckResult, Finding, Status
from preflight.report import Report
from preflight.run.reporters import Style
from preflight.run.reporters.columns import columns
from preflight.run.verdict import totals, waived

# A word, never colour alone: a pipe, a mail and a colour-blind reader see the same report.
_WORDS = {
    Status.FAIL: "FAIL",
    Status.ERROR: "ERROR",
    Status.WARN: "warn",
    Status.SKIP: "skip",
    Status.PASS: "ok",
}
_COLORS = {
    Status.FAIL: "1;31",
    Status.ERROR: "1;35",
    Status.WARN: "33",
    Status.SKIP: "2",
    Status.PASS: "32",
}
_STATUS_AT_START = re.compile(r"^(FAIL|ERROR|warn|skip|ok)(?=\s|$)", re.MULTILINE)
_TOTAL_WORDS = (
    (Status.FAIL, "failed"),
    (Status.ERROR, "could not look"),
    (Status.WARN, "with warnings"),
    (Status.SKIP, "skipped"),
    (Status.PASS, "passed"),
)
Row = tuple[CheckResult, Finding]


def render(report: Report, style: Style) -> str:
    """Return the report: one row for what was found, worst first, then what to do, then one line."""
    if report.problem:
        return f"Nothing was checked: {report.problem}\n"
    rows = _rows(report, style)
    parts = [_table(rows, style), *_what_to_do(rows, _to_mend(report, style), style)]
    if style.verbose:
        parts += _details(report, style)
    parts.append(_summary(report, style))
    return "\n\n".join(part for part in parts if part) + "\n"


def _rows(report: Report, style: Style) -> list[Row]:
    rows = [(result, finding) for result in report.results for finding in result.findings]
    if style.quiet:
        rows = [row for row in rows if row[1].status not in (Status.PASS, Status.SKIP)]
    return sorted(rows, key=lambda row: row[1].status.rank)


def _table(rows: list[Row], style: Style) -> str:
    if not rows:
        return ""
    alike: dict[tuple[Status, str], list[str]] = {}  # what several checks say word for word is read once
    for result, finding in rows:
        alike.setdefault((finding.status, _sentence(finding)), []).append(result.about.id)
    cells = [(_WORDS[status], "\n".join(dict.fromkeys(ids)), said) for (status, said), ids in alike.items()]
    table = columns(("", "CHECK", "FINDING"), cells, style.width, flexible=(2,))
    head, _, body = table.partition("\n")
    return f"{_paint(head, '1', style)}\n{_paint_statuses(body, style)}"


def _sentence(finding: Finding) -> str:
    return finding.message if finding.location is None else f"{finding.message} ({finding.location})"


def _paint(text: str, code: str, style: Style) -> str:
    return f"\x1b[{code}m{text}\x1b[0m" if style.color else text


def _paint_statuses(body: str, style: Style) -> str:
    colors = {_WORDS[status]: color for status, color in _COLORS.items()}
    return _STATUS_AT_START.sub(lambda match: _paint(match[1], colors[match[1]], style), body)


def _to_mend(report: Report, style: Style) -> frozenset[Status]:
    """What is told how to mend: a skip only when it is what stands in the way, or when everything is asked for."""
    wrong = frozenset({Status.FAIL, Status.ERROR, Status.WARN})
    found = {finding.status for result in report.results for finding in result.findings}
    only_skips = report.exit_code != ExitCode.OK and not found & wrong
    return wrong | {Status.SKIP} if style.verbose or only_skips else wrong


def _what_to_do(rows: list[Row], statuses: frozenset[Status], style: Style) -> Iterator[str]:
    """One entry a remedy: findings with the same one share it."""
    by_hint: dict[str, list[Row]] = {}
    for row in rows:
        if row[1].hint and row[1].status in statuses:
            by_hint.setdefault(row[1].hint, []).append(row)
    if not by_hint:
        return
    lines = [_paint("What to do", "1", style)]
    for hint, concerned in by_hint.items():
        heading = [_paint(line, "36", style) for line in _indented(_heading(concerned), "  ", style)]
        lines += [*heading, *_indented(hint, "    ", style)]
    yield "\n".join(lines)


def _indented(text: str, indent: str, style: Style) -> list[str]:
    # A command or a path must stay whole to be copied.
    return TextWrapper(
        style.width,
        initial_indent=indent,
        subsequent_indent=indent,
        break_on_hyphens=False,
        break_long_words=False,
    ).wrap(text)


def _heading(concerned: list[Row]) -> str:
    places = {result.about.id: finding for result, finding in reversed(concerned)}
    names = [
        f"{check_id} ({finding.location})" if finding.location is not None else check_id
        for check_id, finding in reversed(places.items())
    ]
    return ", ".join(names)


def _details(report: Report, style: Style) -> Iterator[str]:
    """For ``-v``: how long each check took, and the evidence of each finding."""
    lines = [_paint("Evidence", "1", style)]
    for result in report.results:
        lines.append(f"  {result.about.id}: {result.status.value} in {result.duration_s:.3f} s")
        for finding in result.findings:
            lines += [f"    {key}: {json.dumps(value, ensure_ascii=False)}" for key, value in finding.evidence.items()]
    yield "\n".join(lines)


def _summary(report: Report, style: Style) -> str:
    counts = totals(report.results)
    said = ", ".join(f"{counts[status]} {word}" for status, word in _TOTAL_WORDS if counts[status])
    covered = waived(report.results)
    also = f", {plural(covered, 'finding')} waived" if covered else ""
    line = f"{plural(len(report.results), 'check')}: {said}{also} ({report.duration_s:.2f} s). {_meaning(report)}"
    return "\n".join(TextWrapper(style.width, break_on_hyphens=False).wrap(line))


def _meaning(report: Report) -> str:
    meanings = {
        ExitCode.OK: "Exit 0: clear to roll out.",
        ExitCode.FAILED: "Exit 1: do not roll out.",
        ExitCode.USAGE: "Exit 2: a report could not be written.",
        ExitCode.COULD_NOT_LOOK: "Exit 3: could not tell; do not roll out.",
    }
    return meanings.get(ExitCode(report.exit_code), f"Exit {report.exit_code}: interrupted.")
