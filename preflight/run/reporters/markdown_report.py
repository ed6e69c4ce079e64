"""Markdown as GitHub shows it: for the comment on a pull request, and for the summary of a job.

Source: github.github.com/gfm (escapes, tables); docs.github.com, "Adding a job summary" (1 MiB); a comment takes 65,536
characters. Texts of others are escaped so that they are shown as written: no HTML, no link, no mention, no image.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence

from preflight.lib.reference import short_digest
from preflight.lib.regex import regex
from preflight.lib.text import plural, printable
from preflight.model import Status
from preflight.report import JudgedProject, Report, Style
from preflight.run.reporters import WORDS
from preflight.run.reporters.rows import Row, apart_from_followers, problems, rows
from preflight.run.reporters.words import QUESTIONS, meaning, totals_in_words, verdict

LIMIT = 65_000
"""Bytes of a report: what a comment takes, less what whoever posts it may add."""

_LONGEST = 1000
_SHORT_COMMIT = 9

_MARKUP = regex(r"""[\\`*_{}\[\]~!&<>|$"'#@]|:(?=\S)|(?<=[wW]{3})\.|(?<=GH)-""")
"""What means something to Markdown, HTML or GitHub: all of it, beginnings of addresses and numbers of issues too."""

_COMMAND = regex(r"`([^`]+)`")

_NAMING = regex(r"(?<!\w)@(?=\w)|#(?=\d)")
"""What GitHub takes for a person or an issue when all else is done, however it was written."""


def render(report: Report, style: Style) -> str:
    """Return the answer, a table of what is wrong, and, unless quiet, one of the rest that opens with a click."""
    if report.problem:
        return f"### preflight: nothing was checked\n\n{_text(report.problem)}\n"
    head = "\n\n".join([f"### preflight: {_text(meaning(report))}", " · ".join(_facts(report)), *_pins(report.judged)])
    foot = _text(f"{totals_in_words(report)}. {verdict(report)}.")
    wrong = problems(report)
    room = LIMIT - _size(head) - _size(foot)
    own, followers = apart_from_followers(wrong)
    because = "\n".join(
        f"- because of {_code(cause)}, not looked at by: {_ids(ids)}" for cause, ids in followers.items()
    )
    room -= _size(because)
    parts = [head, _table(own, ("", "Check", "Finding", "What to do"), _problem, room), because]
    well = [row for row in rows(report) if row not in wrong]
    room -= _size(parts[1])
    if well and not style.quiet and room > _LONGEST:
        table = _table(well, ("", "Check", "Finding"), _other, room)
        parts.append(f"<details><summary>{plural(len(well), 'other finding')}</summary>\n\n{table}\n\n</details>")
    return "\n\n".join(part for part in [*parts, foot] if part) + "\n"


def _facts(report: Report) -> Iterator[str]:
    judged = report.judged
    yield f"Stage {report.stage}: {_text(QUESTIONS[report.stage])}"
    if judged.project:
        yield f"project {_code(judged.project)}"
    if judged.commit:
        changed = " with uncommitted changes" if judged.dirty else ""
        yield f"commit {_code(judged.commit[:_SHORT_COMMIT])}{changed}"
    yield f"host {_code(report.host)}"


def _pins(judged: JudgedProject) -> Iterator[str]:
    shown = [
        " ".join(
            [
                f"- {_code(pin.variable)}",
                *([_text(pin.release)] if pin.release else []),
                _code(short_digest(pin.digest)) if pin.digest else "no digest",
                f"for {_code(pin.service)} in {_code(pin.file)}",
            ]
        )
        for pin in judged.pins
    ]
    if shown:
        yield "\n".join(shown)


def _table(found: Sequence[Row], heads: tuple[str, ...], cells: Callable[[Row], tuple[str, ...]], room: int) -> str:
    """Return a table of as many rows as there is room for, in bytes, and how many are left out."""
    if not found:
        return ""
    lines = [f"| {' | '.join(line)} |" for line in (heads, ("---",) * len(heads))]
    room -= _size("\n".join(lines)) + _LONGEST
    for number, row in enumerate(found):
        line = f"| {' | '.join(cells(row))} |"
        room -= _size(line) + 1
        if room < 0:
            left = plural(len(found) - number, "more finding")
            return "\n".join([*lines, "", f"{left} left out: GitHub takes no longer text. The JSON report has all."])
        lines.append(line)
    return "\n".join(lines)


def _problem(row: Row) -> tuple[str, ...]:
    finding = row.finding
    place = f"<br>{_code(str(finding.location))}" if finding.location is not None else ""
    cause = f" (follows from {finding.caused_by})" if finding.caused_by else ""
    word = WORDS[finding.status]
    return (
        word if finding.status is Status.WARN else f"**{word}**",
        _code(row.name),
        _text(finding.message + cause) + place,
        _text(finding.hint),
    )


def _other(row: Row) -> tuple[str, ...]:
    return WORDS[row.finding.status], _code(row.result.about.id), _text(row.finding.message)


def _ids(ids: Iterable[str]) -> str:
    return ", ".join(_code(each) for each in ids)


def _size(text: str) -> int:
    return len(text.encode("utf-8", "replace"))


def _code(text: str) -> str:
    return f"<code>{_escaped(printable(text, _LONGEST))}</code>"


def _text(text: str) -> str:
    """Return a text of others as Markdown that shows it as it is written; what stands in `backticks` is code."""
    shown = printable(text, _LONGEST)
    plain_and_code = enumerate(_COMMAND.split(shown))
    return "".join(f"<code>{_escaped(each)}</code>" if place % 2 else _escaped(each) for place, each in plain_and_code)


def _escaped(text: str) -> str:
    naming = {match.start() for match in _NAMING.finditer(text)}
    return _MARKUP.sub(lambda match: f"&#{ord(match[0])};{'<b></b>' * (match.start() in naming)}", text)
