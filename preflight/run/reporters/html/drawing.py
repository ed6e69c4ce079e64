"""Strips of bars and lines, as the data of SVG paths. Units are those of the ``viewBox``; newest at the right."""

from collections.abc import Sequence
from itertools import groupby

from preflight.lib.records import frozen
from preflight.model import Status

RUNS = 90
"""How many runs a strip has room for."""

STEP = 5
HEIGHT = 24
WIDTH = RUNS * STEP
_BAR = STEP - 1
# Told apart by height as well as by colour: what is wrong stands out, what is well stays low. An error has a gap.
_BARS = {
    Status.FAIL: ((0, HEIGHT),),
    Status.ERROR: ((0, 14), (18, HEIGHT)),
    Status.WARN: ((8, HEIGHT),),
    Status.SKIP: ((21, HEIGHT),),
    Status.PASS: ((14, HEIGHT),),
}


@frozen
class Stretch:
    """Runs with the same status, one after another.

    Args:
        status: The status of each of them.
        first: Place of the oldest, from 0.
        last: Place of the newest.
        path: Data of an SVG path that draws them.
    """

    status: Status
    first: int
    last: int
    path: str


def bar(status: Status, left: int = 0) -> str:
    """Return the data of an SVG path: one bar."""
    return "".join(f"M{left} {top}v{bottom - top}h{_BAR}V{top}z" for top, bottom in _BARS[status])


def stretches(statuses: Sequence[Status | None]) -> tuple[Stretch, ...]:
    """Return the bars of a strip.

    Args:
        statuses: One a run, oldest first, at most ``RUNS``; ``None`` leaves a gap.
    """
    found = []
    for status, group in groupby(enumerate(statuses), key=lambda pair: pair[1]):
        places = [place for place, _ in group]
        if status is not None:
            path = "".join(bar(status, _left(place, len(statuses))) for place in places)
            found.append(Stretch(status, places[0], places[-1], path))
    return tuple(found)


def line(values: Sequence[float | None]) -> str:
    """Return the data of an SVG path through values, the largest at the top, zero at the bottom.

    Args:
        values: One a run, oldest first, at most ``RUNS``; ``None`` interrupts the line.
    """
    top = max((value for value in values if value is not None), default=0.0) or 1.0
    parts, drawing = [], False
    for place, value in enumerate(values):
        if value is not None:
            across = _left(place, len(values)) + _BAR // 2
            down = HEIGHT - 2 - (HEIGHT - 4) * max(0.0, value) / top
            # A line that goes nowhere shows a single value as a dot.
            parts.append(f"{'L' if drawing else f'M{across} {down:.0f}L'}{across} {down:.0f}")
        drawing = value is not None
    return "".join(parts)


def _left(place: int, count: int) -> int:
    return (RUNS - count + place) * STEP
