"""The report as one HTML file for a browser, a mail attachment or a static server: nothing is loaded, no script runs.

The template escapes every text. A content security policy names the one style sheet by its hash, so that a text that
got through all the same could neither run nor load anything.
"""

import base64
import hashlib
import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from pathlib import PurePath

import jinja2

from preflight.lib.clock import local_time
from preflight.lib.durations import words
from preflight.lib.reference import short_digest
from preflight.lib.text import plural, without_controls
from preflight.model import Json, Status
from preflight.report import JudgedProject, Report, Style
from preflight.run.reporters import WORDS
from preflight.run.reporters.html.drawing import HEIGHT, WIDTH, bar
from preflight.run.reporters.html.history import of_run
from preflight.run.reporters.html.sections import Sections, sections, waivers
from preflight.run.reporters.words import QUESTIONS, TOTALS, meaning, narrowed
from preflight.run.verdict import overall

_FOLDER = "html"
_LONGEST_TEXT = 4000
_LONGEST_EVIDENCE = 2000
_CHANGES = 20
_PASSES = 20
_EXACT_S = 60.0


def render(report: Report, style: Style) -> str:
    """Return the page: what is wrong first, passes folded, evidence only if verbose."""
    checks = sections(report, quiet=style.quiet)
    changes = report.past.changes
    return page(
        "page.html",
        report=report,
        judged=report.judged,
        project=_project(report.judged),
        state=overall(report.results, report.exit_code),
        answer="nothing was checked" if report.problem else meaning(report),
        question=QUESTIONS[report.stage],
        limits=narrowed(report),
        totals=[*_totals(report, checks)],
        checks=checks,
        past=of_run(report),
        changes=changes[:_CHANGES],
        more_changes=len(changes[_CHANGES:]),
        waivers=[*waivers(report)],
        today=local_time(report.started).date(),
        verbose=style.verbose,
    )


def _project(judged: JudgedProject) -> str:
    """Return the project's folder for who reads the page elsewhere: absolute, where the working folder is known."""
    return os.path.normpath(PurePath(judged.folder, judged.project)) if judged.project else ""


def _totals(report: Report, checks: Sections) -> Iterator[tuple[Status, int, str, str]]:
    """Yield status, number of checks, words, and the first section that shows one of them."""
    for status, said in TOTALS.items():
        count = sum(result.status is status for result in report.results)
        if count:
            shown = (name for name, views in checks.named() if any(view.result.status is status for view in views))
            yield status, count, said, next(shown, "")


def page(template: str, **values: object) -> str:
    """Return a page.

    Args:
        template: Name of a file in the folder of the templates.
        values: What it shows; every text is escaped and bounded.
    """
    return _environment().get_template(template).render(**values)


@cache
def _environment() -> jinja2.Environment:
    made = jinja2.Environment(
        loader=jinja2.PackageLoader("preflight.run.reporters", _FOLDER),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=_shown,
    )
    style = files("preflight.run.reporters").joinpath(_FOLDER, "style.css").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode("ascii")
    made.globals.update(
        style=style,
        style_hash=f"sha256-{digest}",
        words=WORDS,
        statuses=tuple(Status),
        width=WIDTH,
        height=HEIGHT,
        shown_passes=_PASSES,
    )
    made.filters.update(
        bar=bar,
        evidence=_evidence,
        iso=lambda at: at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        minute=lambda at: f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC",
        number=lambda count: f"{count:,}",
        plural=plural,
        seconds=_seconds,
        short=short_digest,
        utc=lambda at: f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC",
        local=_local,
        words=words,
    )
    return made


def _shown(value: object) -> object:
    """Return what the template writes for a value: bounded text in which nothing turns the direction of writing."""
    if hasattr(value, "__html__"):  # a macro's, escaped already
        return value
    text = without_controls(str(value))
    return text if len(text) <= _LONGEST_TEXT else f"{text[: _LONGEST_TEXT - 1]}…"


def _evidence(value: Json) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST_EVIDENCE else f"{text[: _LONGEST_EVIDENCE - 1]}…"


def _seconds(duration_s: float) -> str:
    return f"{duration_s:.2f} s" if duration_s < _EXACT_S else words(duration_s)


def _local(at: datetime) -> str:
    """Return the time on this machine in parentheses; nothing where that is UTC."""
    here = local_time(at)
    if not here.utcoffset():
        return ""
    form = "%H:%M:%S %Z" if here.date() == at.astimezone(UTC).date() else "%Y-%m-%d %H:%M:%S %Z"
    return f" ({here:{form}})"
