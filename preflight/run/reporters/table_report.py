"""The report for a person: what was judged, what is well in a line each, what is wrong with its remedy, the verdict."""

import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence

from preflight.errors import ExitCode
from preflight.failures import NOT_LOOKED_AT
from preflight.lib.reference import short_digest
from preflight.lib.regex import regex
from preflight.model import CheckResult, Finding, Status
from preflight.report import JudgedProject, PinState, Report, Style
from preflight.run.reporters import WORDS
from preflight.run.reporters.columns import columns, cut, wrapped
from preflight.run.reporters.rows import Row, apart_from_followers, is_blocking, rows
from preflight.run.reporters.words import QUESTIONS, totals_in_words, verdict

_COLORS = {
    Status.FAIL: "1;31",
    Status.ERROR: "1;35",
    Status.WARN: "33",
    Status.SKIP: "2",
    Status.PASS: "32",
}
_SHORT_COMMIT = 9
_NARROWEST = 12
_INDENT = "      "
_CLAUSE = regex(r"[:;,(]")


def render(report: Report, style: Style) -> str:
    """Return the report: header, passes, warnings, what blocks, verdict; each part in the order of cause and effect."""
    if report.problem:
        return f"Nothing was checked: {report.problem}\n"
    found = rows(report)
    blocking = [row for row in found if is_blocking(row, report)]
    warnings = [row for row in found if row.finding.status is Status.WARN and row not in blocking]
    parts = [_header(report, style)]
    if not style.quiet:
        parts += [_passes(report, style), _skips(found, blocking, report, style)]
    parts += [*_problems(warnings, style), *_problems(blocking, style)]
    if style.verbose:
        parts.append(_details(report, style))
    parts.append(_verdict(report, style))
    return "\n\n".join(part for part in parts if part) + "\n"


def _header(report: Report, style: Style) -> str:
    about = f"preflight {report.version} on {report.host}, stage {report.stage}: {QUESTIONS[report.stage]}"
    lines = [_paint(cut(about, style.width), "1", style)]
    lines += wrapped(f"project {_project(report.judged)}", "  ", style.width) if report.judged.project else []
    for pin in report.judged.pins:
        lines += wrapped(f"pin {_pin(pin)}", "  ", style.width)
    return "\n".join(lines)


def _project(judged: JudgedProject) -> str:
    words = [judged.project]
    if judged.commit:
        state = {True: " with uncommitted changes", False: " (clean)", None: ""}[judged.dirty]
        words.append(f"commit {judged.commit[:_SHORT_COMMIT]}{state}")
    if not judged.git:
        words.append("no git, by configuration")
    if judged.compose_files:
        found = " (found, not configured)" if judged.assumed else ""
        words.append(f"compose {', '.join(judged.compose_files)}{found}")
    if judged.unread:
        words.append(f"not loaded by Compose: {', '.join(judged.unread)}")
    return ", ".join(words)


def _pin(pin: PinState) -> str:
    digest = short_digest(pin.digest) if pin.digest else "no digest"
    return " ".join(word for word in (pin.variable, pin.release, digest, f"for {pin.service} in {pin.file}") if word)


def _passes(report: Report, style: Style) -> str:
    cells = []
    for result in report.results:
        passes = [finding for finding in result.findings if finding.status is Status.PASS]
        if result.status is not Status.PASS or not passes:
            continue
        shown = passes if style.verbose else passes[:1]
        more = f" (and {len(passes) - 1} more)" if len(passes) > len(shown) else ""
        cells += [(WORDS[Status.PASS], result.about.id, f"{finding.message}{more}") for finding in shown]
    return _table(cells, style)


def _table(cells: Sequence[tuple[str, str, str]], style: Style) -> str:
    if not cells:
        return ""
    widest = max(len("CHECK  "), *(len(name) for _, name, _ in cells))  # tabulate gives a head two columns more
    room = max(_NARROWEST, style.width - len(_INDENT) - widest - 2)
    rows = [(word, name, said if style.verbose else cut(said, room)) for word, name, said in cells]
    table = columns(("  ", "CHECK", "FINDING"), rows, style.width, flexible=(2,))
    head, _, body = table.partition("\n")
    color = _COLORS[Status.PASS]
    painted = re.sub(r"^ok(?= )", lambda match: _paint(match[0], color, style), body, flags=re.MULTILINE)
    return f"{_paint(head, '1', style)}\n{painted}"


def _skips(found: Sequence[Row], blocking: Sequence[Row], report: Report, style: Style) -> str:
    """Return one entry for what does not apply and one for what nobody asked for; with ``-v`` each with its reason."""
    ids = {result.about.id for result in report.results if result.status is Status.SKIP}
    skipped = [row for row in found if row.result.about.id in ids and row not in blocking]
    if style.verbose or _only_skips(report):
        return "\n".join(_entry(row, style) for row in skipped)
    asked = [row for row in skipped if row.finding.failure is NOT_LOOKED_AT]
    rest = [row for row in skipped if row.finding.failure is not NOT_LOOKED_AT]
    lines = []
    for group, what in ((rest, "not applicable here"), (asked, "not looked at")):
        if group:
            word = _paint("skip".ljust(4), _COLORS[Status.SKIP], style)
            text = wrapped(f"{what} (-v): {_reasons(group)}", _INDENT, style.width)
            lines += [word + text[0][len("skip") :], *text[1:]]
    return "\n".join(lines)


def _reasons(group: Sequence[Row]) -> str:
    """Return the reasons with the number of checks that give each, told apart by their first clause.

    A name in front of the reason, such as that of the service, is left out.
    """
    checks = {}
    for row in group:
        name = row.finding.subject.name if row.finding.subject else ""
        reason = row.finding.message.removeprefix(f"{name}: ")
        checks[row.result.about.id] = _CLAUSE.split(reason, maxsplit=1)[0].strip()
    counted = Counter(checks.values())
    return "; ".join(f"{reason} ({count})" for reason, count in counted.items())


def _only_skips(report: Report) -> bool:
    return report.exit_code != ExitCode.OK and all(result.status is Status.SKIP for result in report.results)


def _problems(found: Sequence[Row], style: Style) -> Iterator[str]:
    """Yield one entry a finding; those that only follow from another share one."""
    own, followers = (found, {}) if style.verbose else apart_from_followers(found)
    entries = [_entry(row, style) for row in own]
    for cause, ids in followers.items():
        names = ", ".join(ids)
        word = _paint(WORDS[Status.ERROR], _COLORS[Status.ERROR], style)
        lines = wrapped(f"because of {cause}, not looked at by: {names}", _INDENT, style.width)
        entries.append("\n".join([word + lines[0][len(WORDS[Status.ERROR]) :], *lines[1:]]))
    if entries:
        yield "\n".join(entries)


def entry(result: CheckResult, finding: Finding, style: Style) -> str:
    """Return one finding as the table shows it, e.g. for the manual."""
    return _entry(Row(result, finding), style)


def _entry(row: Row, style: Style) -> str:
    finding = row.finding
    word = _paint(WORDS[finding.status], _COLORS[finding.status], style)
    place = f"  {finding.location}" if finding.location is not None else ""
    name = row.result.about.id if finding.status is Status.SKIP else row.name
    head = f"{word}{' ' * (len(_INDENT) - len(WORDS[finding.status]))}{_paint(name, '1', style)}{place}"
    cause = f" (follows from {finding.caused_by})" if finding.caused_by else ""
    lines = [head, *wrapped(finding.message + cause, _INDENT, style.width)]
    lines += wrapped(finding.hint, f"{_INDENT}-> ", style.width) if finding.hint else []
    return "\n".join(lines)


def _details(report: Report, style: Style) -> str:
    """For ``-v``: how long each check took, and the evidence of each finding."""
    lines = [_paint("Evidence", "1", style)]
    for result in report.results:
        lines.append(f"  {result.about.id}: {result.status.value} in {result.duration_s:.3f} s")
        for finding in result.findings:
            lines += [f"    {key}: {json.dumps(value, ensure_ascii=False)}" for key, value in finding.evidence.items()]
    return "\n".join(lines)


def _verdict(report: Report, style: Style) -> str:
    lines = [*wrapped(f"{totals_in_words(report)}.", "", style.width)]
    return "\n".join([*lines, *wrapped(f"{verdict(report)}. ({report.duration_s:.2f} s)", "", style.width)])


def _paint(text: str, code: str, style: Style) -> str:
    return f"\x1b[{code}m{text}\x1b[0m" if style.color else text
