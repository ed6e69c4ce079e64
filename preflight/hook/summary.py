"""The one line that a deployment's log gets: what was judged, the verdict, why, and what to do."""

from collections.abc import Sequence
from pathlib import Path

from preflight.errors import ExitCode
from preflight.hook.judge import Judged
from preflight.hook.log_wording import one_line
from preflight.lib.records import frozen
from preflight.lib.text import plural, printable
from preflight.model import Status
from preflight.run.verdict import totals

LIMIT = 1500
"""Characters of a summary. Coolify shows the whole of it, on one line."""

_MESSAGE, _HINT, _NAMED = 200, 200, 3
_DIGEST = 19  # "sha256:" and 12 digits
_COMMIT = 9


@frozen
class Subject:
    """What is judged.

    Args:
        place: Host and path of the repository, or the folder of a checkout.
        branch: The branch of the commit; empty if nobody said it.
        commit: Full id; empty if there is none.
    """

    place: str
    branch: str
    commit: str

    def __str__(self) -> str:
        where = f"{self.place} {self.branch}".strip()
        return f"{where}@{self.commit[:_COMMIT]}" if self.commit else where


def summary(
    subject: Subject,
    judged: Judged,
    opened: Sequence[str],
    *,
    forced: bool,
    report: Path,
    named: Sequence[str] = (),
) -> str:
    """Return the line for a session that went to its end.

    Args:
        subject: What was judged.
        judged: What came of it.
        opened: How the gate is open, or wider than it was built.
        forced: Whether it is open whatever was found.
        report: The whole report.
        named: Variables of the environment that told what to judge.
    """
    words = [f"{_verdict(judged, forced=forced)}: {subject}", _pins(judged)]
    words += [_counts(judged), *_why(judged)]
    words += [_past(judged)] if judged.past else []
    words += ["nothing was deployed yet, so Coolify's settings were not judged"] if judged.first else []
    words += [f"open: {'; '.join(opened)}"] if opened else []
    words += [f"set in the environment: {', '.join(named)}"] if named else []
    words += _excused(judged)
    words += judged.narrowed
    words += [f"report: {report}"] if judged.exit_code != ExitCode.OK else []
    return one_line("; ".join(word for word in words if word), LIMIT)


def refusal(subject: Subject | None, message: str, hint: str, *, forced: Sequence[str] = ()) -> str:
    """Return the line for a run that could not judge."""
    about = f"{subject}: " if subject is not None and str(subject) else ""
    verdict = "OPEN although nothing was judged" if forced else "BLOCKED, nothing was judged"
    end = f"; open: {'; '.join(forced)}" if forced else ""
    return one_line(f"{verdict}: {about}{printable(message, 400)} -> {printable(hint, 400)}{end}", LIMIT)


def _verdict(judged: Judged, *, forced: bool) -> str:
    if judged.exit_code == ExitCode.OK:
        return "PASS"
    if forced:
        return "OPEN by force"
    return "BLOCKED" if judged.exit_code == ExitCode.FAILED else "BLOCKED, could not look"


def _pins(judged: Judged) -> str:
    digests = dict.fromkeys(f"{each.image.digest or ''}"[:_DIGEST] for each in judged.pins)
    return f"pin {', '.join(f'{digest}…' for digest in list(digests)[:_NAMED])}" if digests else "no pin by digest"


def _counts(judged: Judged) -> str:
    counts = totals(judged.report.results)
    words = {Status.FAIL: "failed", Status.ERROR: "not seen", Status.WARN: "warned", Status.SKIP: "skipped"}
    told = [f"{counts[status]} {word}" for status, word in words.items() if counts[status]]
    told.append(f"{counts[Status.PASS]} passed")
    return f"{plural(len(judged.report.results), 'check')}: {', '.join(told)} ({judged.report.duration_s:.1f} s)"


def _why(judged: Judged) -> list[str]:
    if not judged.blocking:
        return [] if judged.exit_code == ExitCode.OK else ["nothing passed, so nothing is proved -> see the report"]
    first = [
        f"{check}: {printable(finding.message, _MESSAGE)} -> {printable(finding.hint, _HINT)}"
        for check, finding in judged.blocking[:_NAMED]
    ]
    more = len(judged.blocking) - len(first)
    return first + ([f"and {more} more"] if more else [])


def _past(judged: Judged) -> str:
    """Say how the one deployment gets through that brings the corrected settings: nobody sees them before it."""
    options = " ".join(f"--allow {check}" for check in judged.past)
    return f"settings are seen as of the last deployment: if you changed them since, {options} once, or give a token"


def _excused(judged: Judged) -> list[str]:
    return [
        f"let through by {each.by}: {each.check}/{each.finding.code}: {printable(each.finding.message, 120)}"
        for each in judged.excused[:_NAMED]
    ]
