"""What several formats say in the same words: the question of a stage, the totals, the verdict."""

from preflight.errors import ExitCode
from preflight.lib.text import plural
from preflight.model import Stage, Status
from preflight.report import Report
from preflight.run.verdict import allowed, totals, waived

QUESTIONS = {
    Stage.BEFORE: "may this commit be rolled out?",
    Stage.AFTER: "did the rollout arrive, and will it stay?",
}
TOTALS = {
    Status.FAIL: "failed",
    Status.ERROR: "could not look",
    Status.WARN: "with warnings",
    Status.SKIP: "skipped",
    Status.PASS: "passed",
}
_MEANINGS = {
    (Stage.BEFORE, ExitCode.OK): "clear to roll out",
    (Stage.BEFORE, ExitCode.FAILED): "do not roll out",
    (Stage.BEFORE, ExitCode.COULD_NOT_LOOK): "could not tell; do not roll out",
    (Stage.AFTER, ExitCode.OK): "the rollout arrived",
    (Stage.AFTER, ExitCode.FAILED): "the rollout is not as pinned",
    (Stage.AFTER, ExitCode.COULD_NOT_LOOK): "could not tell",
}


def totals_in_words(report: Report) -> str:
    """Return ``5 checks: 1 failed, 4 passed``."""
    counts = totals(report.results)
    said = [f"{counts[status]} {word}" for status, word in TOTALS.items() if counts[status]]
    covered = waived(report.results)
    said += [f"{plural(covered, 'finding')} waived"] if covered else []
    return ": ".join([plural(len(report.results), "check"), *([", ".join(said)] if said else [])])


def meaning(report: Report) -> str:
    """Return the answer to the question of the stage, e.g. ``do not roll out``."""
    if report.exit_code == ExitCode.USAGE:
        return "a report could not be written"
    return _MEANINGS.get((report.stage, ExitCode(report.exit_code)), "interrupted")


def narrowed(report: Report) -> tuple[str, ...]:
    """Return what kept the run from looking at everything or from failing, one phrase each."""
    let = allowed(report.results)
    return (*report.limits, *([f"allowed: {', '.join(let)}"] if let else ()))


def verdict(report: Report) -> str:
    """Return ``Exit 0: clear to roll out, as far as looked: offline``."""
    limits = narrowed(report)
    answered = (report.stage, report.exit_code) in _MEANINGS
    looked = f", as far as looked: {'; '.join(limits)}" if limits and answered else ""
    return f"Exit {report.exit_code}: {meaning(report)}{looked}"
