"""preflight/run/reporters/html/drawing.py"""

import re

import pytest

from preflight.model import Status
from preflight.run.reporters.html.drawing import HEIGHT, RUNS, WIDTH, bar, line, stretches


def test_equal_neighbours_are_one_stretch() -> None:
    """Each stretch knows its place; a gap belongs to none."""
    found = stretches([Status.PASS, Status.PASS, None, Status.FAIL, Status.PASS])

    assert [(each.status, each.first, each.last) for each in found] == [
        (Status.PASS, 0, 1),
        (Status.FAIL, 3, 3),
        (Status.PASS, 4, 4),
    ]


def test_bars_stand_at_the_right() -> None:
    """The newest run is at the right edge, however few there are."""
    [old, new] = stretches([Status.PASS, Status.FAIL])

    assert old.path.startswith(f"M{WIDTH - 10} ")
    assert new.path == f"M{WIDTH - 5} 0v{HEIGHT}h4V0z"


def test_every_status_has_a_shape_of_its_own() -> None:
    """Who sees no colour tells them apart by height, and an error by its gap."""
    shapes = {status: bar(status) for status in Status}

    assert len(set(shapes.values())) == len(Status)
    assert shapes[Status.ERROR].count("M") == 2


def test_a_line_breaks_where_there_is_no_value() -> None:
    """The largest value is at the top; a single value is a dot."""
    drawn = line([1.0, 2.0, None, 0.0])

    assert drawn == f"M{WIDTH - 18} 12L{WIDTH - 18} 12L{WIDTH - 13} 2M{WIDTH - 3} 22L{WIDTH - 3} 22"


@pytest.mark.parametrize("values", [[], [None], [0.0, 0.0], [-1.0, 5.0], [1e9] * RUNS])
def test_a_line_stays_in_its_box(values: list[float | None]) -> None:
    """Nothing to draw is nothing; a clock that went backwards draws no line outside."""
    numbers = [float(number) for number in re.findall(r"-?\d+", line(values))]

    assert all(0 <= number <= WIDTH for number in numbers[::2])
    assert all(0 <= number <= HEIGHT for number in numbers[1::2])
    assert bool(numbers) is any(value is not None for value in values)
