"""Annotations of GitHub Actions: workflow commands that put each finding beside its line in a pull request.

Sources: docs.github.com, "Workflow commands for GitHub Actions" (commands) and "Usage limits" (ten annotations of a
kind in a step); escaping as in actions/toolkit, packages/core/src/command.ts.
"""

from collections.abc import Iterable, Iterator

from preflight.lib.text import plural, printable
from preflight.report import JudgedProject, Report, Style
from preflight.run.reporters.rows import Row, apart_from_followers, is_blocking, path_in_repository, problems
from preflight.run.reporters.words import totals_in_words, verdict

_SHOWN = 10
"""Annotations of one kind that GitHub shows of a step; it drops the others without a word."""

_LONGEST_MESSAGE = 2000
_LONGEST_NAME = 300
_SUMMARY = 'see the log, or the summary: `preflight run --output markdown=FILE`, cat FILE >> "$GITHUB_STEP_SUMMARY"'

_IN_TEXT = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_IN_PROPERTY = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A", ":": "%3A", ",": "%2C"})


def render(report: Report, _style: Style) -> str:
    """Return one command a finding, the worst first; those above GitHub's limit as plain lines, and how many they are.

    What blocks is an error, what was accepted a notice, any other warning a warning. What only follows from another
    finding shares a plain line.
    """
    if report.problem:
        return f"{_command('error', f'nothing was checked: {printable(report.problem, _LONGEST_MESSAGE)}')}\n"
    kinds: dict[str, list[Row]] = {"error": [], "warning": [], "notice": []}
    own, followers = apart_from_followers(problems(report))
    for row in own:
        kinds[_kind(row, report)].append(row)
    lines = [line for kind, found in kinds.items() for line in _annotations(kind, found, report.judged)]
    lines += [
        printable(f"preflight: because of {cause}, not looked at by: {', '.join(ids)}", _LONGEST_MESSAGE)
        for cause, ids in followers.items()
    ]
    said = printable(f"{totals_in_words(report)}. {verdict(report)}.", _LONGEST_MESSAGE)
    return "".join(f"{line}\n" for line in [*lines, f"preflight: {said}"])


def _kind(row: Row, report: Report) -> str:
    if is_blocking(row, report):
        return "error"
    return "notice" if row.accepted else "warning"


def _annotations(kind: str, found: list[Row], judged: JudgedProject) -> Iterator[str]:
    for row in found[:_SHOWN]:
        yield _command(kind, "\n".join(_texts(row, judged)), _properties(row, judged))
    left = found[_SHOWN:]
    if left:
        yield f"preflight: GitHub shows {_SHOWN} annotations of a kind; {plural(len(left), f'more {kind}')}: {_SUMMARY}"
        yield from _lines(left)


def _lines(left: Iterable[Row]) -> Iterator[str]:
    for row in left:
        place = f" {row.finding.location}" if row.finding.location is not None else ""
        yield printable(f"preflight: {row.name}{place}: {row.finding.message}", _LONGEST_MESSAGE)


def _texts(row: Row, judged: JudgedProject) -> Iterator[str]:
    finding = row.finding
    elsewhere = finding.location is not None and path_in_repository(finding.location.path, judged) is None
    place = f" ({finding.location})" if elsewhere else ""
    yield printable(f"{finding.message}{place}", _LONGEST_MESSAGE)
    if finding.caused_by:
        yield printable(f"Follows from {finding.caused_by}.", _LONGEST_NAME)
    if finding.hint:
        yield printable(finding.hint, _LONGEST_MESSAGE)


def _properties(row: Row, judged: JudgedProject) -> dict[str, str]:
    at = row.finding.location
    path = path_in_repository(at.path, judged) if at is not None else None
    place = {"file": path} if path is not None else {}
    line = {"line": str(at.line)} if path is not None and at is not None and at.line is not None else {}
    return {**place, **line, "title": f"preflight: {row.name}"}


def _command(kind: str, text: str, properties: dict[str, str] | None = None) -> str:
    given = {name: printable(value, _LONGEST_NAME) for name, value in (properties or {}).items()}
    shown = ",".join(f"{name}={value.translate(_IN_PROPERTY)}" for name, value in given.items())
    return f"::{kind}{' ' if shown else ''}{shown}::{text.translate(_IN_TEXT)}"
