"""preflight/history/timeline.py"""

from datetime import timedelta

from preflight.history.changes import Key
from preflight.history.timeline import Stretch, sparkline, stretches
from preflight.model import Status
from preflight.report import Change
from tests.fakes.runs import at

WEB, DB = Key("tag", "moved", "container web"), Key("tag", "moved", "container db")
OK, WARN, FAIL = Status.PASS, Status.WARN, Status.FAIL


def change(minutes: float, key: Key, before: Status | None, after: Status | None) -> Change:
    """Return a change."""
    return Change(at(minutes), *key, before, after)


def test_the_worst_of_several_states_counts() -> None:
    """A check is as bad as the worst of its subjects."""
    changes = [
        change(10, WEB, None, WARN), change(20, DB, None, FAIL),
        change(30, WEB, WARN, None), change(40, DB, FAIL, None),
    ]  # fmt: skip

    parts = stretches(changes, {}, at(0))

    assert parts == (
        Stretch(at(0), at(10), OK), Stretch(at(10), at(20), WARN), Stretch(at(20), at(40), FAIL),
        Stretch(at(40), None, OK),
    )  # fmt: skip
    assert [part.seconds for part in parts] == [600, 600, 1200, None]


def test_what_began_before_the_oldest_run_was_wrong_from_there_on() -> None:
    """The runs in which it began were forgotten."""
    assert stretches([change(10, WEB, FAIL, None)], {}, at(0)) == (
        Stretch(at(0), at(10), FAIL),
        Stretch(at(10), None, OK),
    )
    assert stretches([], {WEB: WARN}, at(0)) == (Stretch(at(0), None, WARN),)


def test_a_clock_set_back_gives_no_time() -> None:
    """What changed meanwhile has no length, and what follows is right."""
    changes = [change(10, WEB, None, FAIL), change(5, WEB, FAIL, None), change(20, WEB, None, WARN)]

    assert stretches(changes, {WEB: WARN}, at(0)) == (Stretch(at(0), at(20), OK), Stretch(at(20), None, WARN))


def test_a_column_shows_its_worst_and_a_blank_where_nothing_ran() -> None:
    """A failure shorter than a column is seen."""
    parts = stretches(
        [change(11, WEB, None, FAIL), change(12, WEB, FAIL, None), change(40, WEB, None, WARN)], {}, at(0)
    )

    assert sparkline(parts, at(0), timedelta(minutes=10), {0: 2, 1: 2, 2: 2, 4: 1}, 5) == "▁█▁ ▄"
    assert sparkline(parts, at(10), timedelta(minutes=10), {0: 2, 1: 1, 2: 1, 3: 1}, 4) == "█▁▁▄"
