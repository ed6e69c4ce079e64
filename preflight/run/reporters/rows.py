"""Findings as rows of a report: each with its check, by name, worst first."""

import os
from collections.abc import Iterable
from pathlib import PurePath

from preflight.lib.records import frozen
from preflight.model import CheckResult, Finding, Status
from preflight.report import JudgedProject, Report
from preflight.run.verdict import blocks


@frozen
class Row:
    """One finding and the check that gave it."""

    result: CheckResult
    finding: Finding

    @property
    def name(self) -> str:
        """Return ``ID/CODE``, as ``--allow`` and ``explain`` take it."""
        code = self.finding.code
        return f"{self.result.about.id}/{code}" if code else self.result.about.id

    @property
    def accepted(self) -> bool:
        """Whether a waiver or ``--allow`` lets the finding through."""
        return self.finding.waived is not None or self.finding.allowed


def rows(report: Report) -> tuple[Row, ...]:
    """Return all findings, in the order of the report."""
    return tuple(Row(result, finding) for result in report.results for finding in result.findings)


def problems(report: Report) -> tuple[Row, ...]:
    """Return what is wrong, worst first: what blocks, then warnings, then what was accepted.

    Among equals, what only follows from another finding comes last, and otherwise the report's order counts.
    """
    wrong = [row for row in rows(report) if is_blocking(row, report) or row.finding.status is Status.WARN]
    return tuple(
        sorted(
            wrong,
            key=lambda row: (
                not is_blocking(row, report),
                row.accepted,
                row.finding.status.rank,
                bool(row.finding.caused_by),
            ),
        )
    )


def apart_from_followers(found: Iterable[Row]) -> tuple[tuple[Row, ...], dict[str, tuple[str, ...]]]:
    """Part what tells something of its own from errors that only follow from another finding.

    Returns:
        The first, in their order; and for each cause (``ID/CODE``) the checks that could not look because of it.
    """
    own: list[Row] = []
    followers: dict[str, dict[str, None]] = {}
    for row in found:
        if row.finding.caused_by and row.finding.status is Status.ERROR:
            followers.setdefault(row.finding.caused_by, {})[row.result.about.id] = None
        else:
            own.append(row)
    return tuple(own), {cause: tuple(ids) for cause, ids in followers.items()}


def is_blocking(row: Row, report: Report) -> bool:
    """Whether a finding keeps the exit code from being 0."""
    return blocks(row.finding, strict=report.strict)


def path_in_repository(path: str, judged: JudgedProject) -> str | None:
    """Return a path of the report relative to the root of the repository, with slashes; None where it lies elsewhere.

    Args:
        path: Relative to the working folder, or absolute.
        judged: Knows that folder and the root. Where it does not, relative paths stand for themselves.
    """
    whole = os.path.normpath(PurePath(judged.folder, path))  # pathlib itself leaves ".." in it
    if judged.folder and judged.root:
        whole = os.path.relpath(whole, judged.root)
    found = PurePath(whole)
    return None if found.is_absolute() or os.pardir in found.parts else found.as_posix()
