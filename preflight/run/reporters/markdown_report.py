"""Markdown as GitHub shows it: for the comment on a pull request, and for the summary of a job.

Source: github.github.com/gfm (escapes, tables); docs.github.com, "Adding a job summary" (1 MiB); a comment takes 65,536
characters. Texts of others are escaped so that they are shown as written: no HTML, no link, no mention, no image.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence

from preflight.lib.reference import short_digest
from preflight.lib.text import plural
from preflight.model import Status
from preflight.report import JudgedProject, Report, Style
from preflight.run.reporters import WORDS
from preflight.run.reporters.markdown_text import code, shown, size
from preflight.run.reporters.rows import Row, apart_from_followers, problems, rows
from preflight.run.reporters.words import QUESTIONS, meaning, totals_in_words, verdict

LIMIT = 65_000
"""Bytes of a report: what a comment takes, less what whoever posts it may add."""

_LONGEST = 1000
_SHORT_COMMIT = 9


def render(report: Report, style: Style) -> str:
    """Return the answer, a table of what is wrong, and, unless quiet, one of the rest that opens with a click."""
    if report.problem:
        return f"### preflight: nothing was checked\n\n{shown(report.problem)}\n"
    head = "\n\n".join([f"### preflight: {shown(meaning(report))}", " · ".join(_facts(report)), *_pins(report.judged)])
    foot = shown(f"{totals_in_words(report)}. {verdict(report)}.")
    wrong = problems(report)
    room = LIMIT - size(head) - size(foot)
    own, followers = apart_from_followers(wrong)
    because = "\n".join(
        f"- because of {code(cause)}, not looked at by: {_ids(ids)}" for cause, ids in followers.items()
    )
    room -= size(because)
    parts = [head, _table(own, ("", "Check", "Finding", "What to do"), _problem, room), because]
    well = [row for row in rows(report) if row not in wrong]
    room -= size(parts[1])
    if well and not style.quiet and room > _LONGEST:
        table = _table(well, ("", "Check", "Finding"), _other, room)
        parts.append(f"<details><summary>{plural(len(well), 'other finding')}</summary>\n\n{table}\n\n</details>")
    return "\n\n".join(part for part in [*parts, foot] if part) + "\n"


def _facts(report: Report) -> Iterator[str]:
    judged = report.judged
    yield f"Stage {report.stage}: {shown(QUESTIONS[report.stage])}"
    if judged.project:
        yield f"project {code(judged.project)}"
    if judged.commit:
        changed = " with uncommitted changes" if judged.dirty else ""
        yield f"commit {code(judged.commit[:_SHORT_COMMIT])}{changed}"
    yield f"host {code(report.host)}"


def _pins(judged: JudgedProject) -> Iterator[str]:
    lines = [
        " ".join(
            [
                f"- {code(pin.variable)}",
                *([shown(pin.release)] if pin.release else []),
                code(short_digest(pin.digest)) if pin.digest else "no digest",
                f"for {code(pin.service)} in {code(pin.file)}",
            ]
        )
        for pin in judged.pins
    ]
    if lines:
        yield "\n".join(lines)


def _table(found: Sequence[Row], heads: tuple[str, ...], cells: Callable[[Row], tuple[str, ...]], room: int) -> str:
    """Return a table of as many rows as there is room for, in bytes, and how many are left out."""
    if not found:
        return ""
    lines = [f"| {' | '.join(line)} |" for line in (heads, ("---",) * len(heads))]
    room -= size("\n".join(lines)) + _LONGEST
    for number, row in enumerate(found):
        line = f"| {' | '.join(cells(row))} |"
        room -= size(line) + 1
        if room < 0:
            left = plural(len(found) - number, "more finding")
            return "\n".join([*lines, "", f"{left} left out: GitHub takes no longer text. The JSON report has all."])
        lines.append(line)
    return "\n".join(lines)


def _problem(row: Row) -> tuple[str, ...]:
    finding = row.finding
    place = f"<br>{code(str(finding.location))}" if finding.location is not None else ""
    cause = f" (follows from {finding.caused_by})" if finding.caused_by else ""
    word = WORDS[finding.status]
    return (
        word if finding.status is Status.WARN else f"**{word}**",
        code(row.name),
        shown(finding.message + cause) + place,
        shown(finding.hint),
    )


def _other(row: Row) -> tuple[str, ...]:
    return WORDS[row.finding.status], code(row.result.about.id), shown(row.finding.message)


def _ids(ids: Iterable[str]) -> str:
    return ", ".join(code(each) for each in ids)
