"""One check over time: when it was wrong, and how badly."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from preflight.history.changes import Key
from preflight.lib.records import frozen
from preflight.model import Status
from preflight.report import Change

_BLOCKS = {Status.PASS: "▁", Status.WARN: "▄", Status.ERROR: "▆", Status.FAIL: "█"}
_NO_RUN = " "


@frozen
class Stretch:
    """How a check was for a while.

    Args:
        since: From when.
        until: Until when; None for the last one, which goes on.
        status: The worst of what it found.
    """

    since: datetime
    until: datetime | None
    status: Status

    @property
    def seconds(self) -> float | None:
        """How long it lasted; None while it goes on."""
        return None if self.until is None else max(0.0, (self.until - self.since).total_seconds())


def stretches(changes: Sequence[Change], standing: Mapping[Key, Status], first: datetime) -> tuple[Stretch, ...]:
    """Return how a check was, one stretch after the other, the oldest first.

    Args:
        changes: All of this check, oldest first. A clock that was set back gives stretches of no length.
        standing: What is wrong about this check after the last of them.
        first: Start of the oldest run.
    """
    states = _at_first(changes, standing)
    points = [(first, _worst(states))]
    for change in changes:
        key = Key(change.check, change.code, change.subject)
        states.pop(key, None)
        if change.after is not None:
            states[key] = change.after
        at = max(change.at, points[-1][0])
        if at == points[-1][0]:
            points[-1] = (at, _worst(states))
        else:
            points.append((at, _worst(states)))
    ends = [*(at for at, _ in points[1:]), None]
    merged: list[Stretch] = []
    for (since, status), until in zip(points, ends, strict=True):
        if merged and merged[-1].status is status:
            merged[-1] = Stretch(merged[-1].since, until, status)
        else:
            merged.append(Stretch(since, until, status))
    return tuple(merged)


def _at_first(changes: Sequence[Change], standing: Mapping[Key, Status]) -> dict[Key, Status]:
    """Return what was wrong before the first of the changes: what began earlier may have been forgotten."""
    states: dict[Key, Status | None] = {**standing}
    for change in reversed(changes):
        states[Key(change.check, change.code, change.subject)] = change.before
    return {key: status for key, status in states.items() if status is not None}


def _worst(states: Mapping[Key, Status]) -> Status:
    return min(states.values(), key=lambda status: status.rank, default=Status.PASS)


def sparkline(
    parts: Sequence[Stretch], since: datetime, width: timedelta, runs: Mapping[int, int], columns: int
) -> str:
    """Return one character for each column of time: the worst that the check was in it; a blank without any run.

    Args:
        parts: From ``stretches``.
        since: Where the first column begins.
        width: The width of one column.
        runs: How many runs began in each column.
        columns: How many there are.
    """
    marks = [_NO_RUN] * columns
    worst = {place: Status.PASS for place in runs if 0 <= place < columns}
    for part in parts:
        begin = max(0, (part.since - since) // width)
        end = columns - 1 if part.until is None else min(columns - 1, (part.until - since) // width)
        for place in range(begin, end + 1):
            touches = part.until is None or since + place * width < part.until
            if touches and place in worst and part.status.rank < worst[place].rank:
                worst[place] = part.status
    for place, status in worst.items():
        marks[place] = _BLOCKS[status]
    return "".join(marks)
