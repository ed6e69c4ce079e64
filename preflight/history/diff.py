"""What differs between two recorded runs."""

from collections.abc import Iterator, Mapping

from preflight.history.changes import Key, key_of, wrong_in
from preflight.history.queries import RecordedRun
from preflight.lib.records import frozen
from preflight.model import Status
from preflight.report import Change, Report


@frozen
class Fact:
    """One thing about the runs that differs; None where a run has it not."""

    name: str
    before: str | None
    after: str | None


@frozen
class Difference:
    """What differs.

    Args:
        facts: What was judged, and with what.
        checks: The statuses of whole checks.
        changes: What is wrong, the worst first.
        messages: What the second run says of each change that is not well again.
    """

    facts: tuple[Fact, ...]
    checks: tuple[Fact, ...]
    changes: tuple[Change, ...]
    messages: Mapping[Key, str]

    def __bool__(self) -> bool:
        return bool(self.facts or self.checks or self.changes)


def difference(before: RecordedRun, after: RecordedRun) -> Difference:
    """Return what differs between two runs."""
    wrong_before, wrong_after = wrong_in(before.report.results), wrong_in(after.report.results)
    changes = [
        Change(after.started, *key, wrong_before.get(key), wrong_after.get(key))
        for key in {**wrong_before, **wrong_after}
        if wrong_before.get(key) is not wrong_after.get(key)
    ]
    changes.sort(key=lambda change: (Status.PASS if change.after is None else change.after).rank)
    return Difference(
        tuple(_differing(_facts(before.report), _facts(after.report))),
        tuple(_differing(_checks(before.report), _checks(after.report))),
        tuple(changes),
        _messages(after.report),
    )


def _facts(report: Report) -> dict[str, str]:
    judged = report.judged
    facts = {
        "version": report.version,
        "host": report.host,
        "commit": judged.commit,
        "uncommitted changes": {True: "yes", False: "no", None: ""}[judged.dirty],
        "compose files": ", ".join(judged.compose_files),
        "limits": "; ".join(report.limits),
        "exit code": str(int(report.exit_code)),
    }
    for pin in judged.pins:
        words = (pin.file, pin.service, pin.release, pin.digest)
        facts[f"pin {pin.variable}"] = " ".join(word for word in words if word)
    return {name: value for name, value in facts.items() if value}


def _checks(report: Report) -> dict[str, str]:
    return {result.about.id: result.status.value for result in report.results}


def _differing(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[Fact]:
    for name in {**before, **after}:
        if before.get(name) != after.get(name):
            yield Fact(name, before.get(name), after.get(name))


def _messages(report: Report) -> dict[Key, str]:
    """Return what a run says of each check, code and subject: of several findings the worst."""
    worst_last = sorted(
        ((result.about.id, finding) for result in report.results for finding in result.findings),
        key=lambda pair: pair[1].status.rank,
        reverse=True,
    )
    return {key_of(check, finding): finding.message for check, finding in worst_last}
