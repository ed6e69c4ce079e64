"""preflight/run/reporters/html/history.py"""

from dataclasses import replace

from preflight.model import Status
from preflight.report import Change, Past, PastCheck, Report
from preflight.run.reporters.html.drawing import RUNS
from preflight.run.reporters.html.history import of_check, of_run
from tests.fakes.health import EVERY, FAILING, HEALTHY, NOW, past_runs
from tests.fakes.reports import EVERYTHING

FAILED = PastCheck(Status.FAIL, 0.5)


def with_runs(count: int, *bad: tuple[int, int, Status]) -> Report:
    """Return a report with earlier runs in which one check was bad."""
    return replace(FAILING, past=Past(past_runs(FAILING.results, count, {"pin-file": bad})))


def test_without_a_past_nothing_is_drawn() -> None:
    """A strip of one run says nothing."""
    assert of_check(EVERYTHING, "a-pass", FAILED) is None
    assert of_run(EVERYTHING) is None


def test_a_strip_has_the_last_runs_and_this_one() -> None:
    """Of a thousand stored runs the last 89 are drawn, and the present one."""
    past = of_check(with_runs(1000, (3, 1, Status.FAIL)), "pin-file", FAILED)

    assert past is not None
    assert past.counts == ((Status.FAIL, 4), (Status.PASS, RUNS - 4))
    assert past.drawn == RUNS
    assert past.first == NOW - (RUNS - 1) * EVERY
    assert [(each.stretch.status, each.count, each.first, each.last) for each in past.bars] == [
        (Status.PASS, 86, NOW - 89 * EVERY, NOW - 4 * EVERY),
        (Status.FAIL, 4, NOW - 3 * EVERY, NOW),
    ]


def test_since_when_is_told_from_all_stored_runs() -> None:
    """Also where it began before the first run that is drawn."""
    past = of_check(with_runs(1000, (500, 1, Status.FAIL)), "pin-file", FAILED)

    assert past is not None
    assert (past.runs, past.since, past.before_s, past.whole) == (501, NOW - 500 * EVERY, 150000.0, False)


def test_a_history_that_knows_no_other_state_says_so() -> None:
    """It has been so for at least that long."""
    past = of_check(with_runs(10, (10, 1, Status.FAIL)), "pin-file", FAILED)

    assert past is not None
    assert (past.runs, past.whole) == (11, True)


def test_the_last_change_reaches_further_back_than_the_runs() -> None:
    """Of a state that began before the runs that are known, it tells more; of one that began later, nothing."""
    change = Change(NOW - 5000 * EVERY, "pin-file", "missing", "", None, Status.FAIL)
    other = replace(change, check="other", at=NOW - 40 * EVERY)
    long = with_runs(10, (10, 1, Status.FAIL))
    short = with_runs(10, (3, 1, Status.FAIL))

    assert [
        past.since
        for each in (long, short)
        if (past := of_check(replace(each, past=replace(each.past, changes=(other, change))), "pin-file", FAILED))
    ] == [NOW - 5000 * EVERY, NOW - 3 * EVERY]


def test_a_check_that_is_new_has_no_bars_before_itself() -> None:
    """Runs that did not have it leave a gap and count for nothing."""
    past = of_check(with_runs(10), "brand-new", FAILED)

    assert past is not None
    assert (past.counts, past.runs, past.whole) == (((Status.FAIL, 1),), 1, False)
    assert (past.usual_s, past.longest_s) == (0.5, 0.5)


def test_the_whole_run_has_the_state_that_its_exit_code_said() -> None:
    """An exit code 3 is an error, and a passing run with a warning is a warning."""
    warned = past_runs(
        HEALTHY.results, 4, {"pin-file": ((4, 4, Status.WARN), (3, 3, Status.FAIL), (2, 2, Status.ERROR))}
    )
    past = of_run(replace(HEALTHY, past=Past(warned)))

    assert past is not None
    assert [each.stretch.status for each in past.bars] == [Status.WARN, Status.FAIL, Status.ERROR, Status.PASS]
    assert (past.runs, past.since) == (2, NOW - EVERY)
