"""preflight/history/notice.py and words.py"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from preflight.history.notice import MANY, Why
from preflight.history.record import Recorded, record
from preflight.history.words import change_lines, lead, recovery_line
from preflight.model import Finding, Status
from preflight.report import Report
from tests.fakes.runs import SERIES, at, check, history, run, well, wrong

DAY_S = 86400.0


def told(path: Path, report: Report, remind_s: float | None = DAY_S) -> Recorded:
    """Record a run, and return what that told."""
    return record(path, SERIES, report, remind_s=remind_s)


def why(path: Path, minutes: float, *findings: Finding, code: int | None = None, remind_s: float = DAY_S) -> Why:
    """Record a run of one check, and return why something is to be said."""
    notice = told(path, run(minutes, check("tag", *findings), code=code), remind_s).notice
    assert notice is not None
    return notice.why


def test_something_is_said_once_and_when_it_ends(tmp_path: Path) -> None:
    """All good at first, then bad for three runs, then good for two."""
    path = history(tmp_path)

    said = [why(path, 0), *(why(path, minute, wrong()) for minute in (5, 10, 15)), why(path, 20), why(path, 25)]

    assert said == [Why.NOTHING, Why.CHANGED, Why.NOTHING, Why.NOTHING, Why.RECOVERED, Why.NOTHING]


def test_the_first_run_is_compared_with_all_good(tmp_path: Path) -> None:
    """What is wrong from the beginning is new."""
    assert why(history(tmp_path), 0, wrong()) is Why.CHANGED


@pytest.mark.parametrize(
    ("findings", "code", "expected"),
    [
        ([wrong(), wrong("new")], None, Why.CHANGED),
        ([wrong(name="db")], None, Why.CHANGED),
        ([wrong(status=Status.WARN)], 1, Why.CHANGED),
        ([wrong()], 3, Why.CHANGED),
        ([wrong(status=Status.WARN)], 0, Why.RECOVERED),
        ([wrong()], None, Why.NOTHING),
    ],
    ids=["another code", "another subject", "another status", "another exit code", "only a warning", "the same"],
)
def test_what_counts_as_a_change(tmp_path: Path, findings: Sequence[Finding], code: int | None, expected: Why) -> None:
    """Code, subject, status and the answer of the whole run; not the words of a message."""
    path = history(tmp_path)
    why(path, 0, wrong())

    assert why(path, 5, *findings, code=code) is expected


def test_a_warning_is_told_and_never_reminded_of(tmp_path: Path) -> None:
    """It blocks nothing."""
    path = history(tmp_path)
    fragile = wrong(status=Status.WARN)

    said = [why(path, minute, well("db"), fragile) for minute in (0, 5, 3000)]

    assert said == [Why.CHANGED, Why.NOTHING, Why.NOTHING]


def test_reminders_while_it_stays_bad(tmp_path: Path) -> None:
    """24 hours after it was told last, whatever told it."""
    path = history(tmp_path)
    hours = (0, 1, 24, 25, 30, 48, 54)
    said = {hour: why(path, 60 * hour, wrong("new" if hour >= 30 else "moved")) for hour in hours}

    assert [hour for hour in hours if said[hour] is Why.REMINDER] == [24, 54]
    assert [hour for hour in hours if said[hour] is Why.CHANGED] == [0, 30]


def test_no_reminders_where_nobody_wants_them(tmp_path: Path) -> None:
    """``--remind 0``."""
    path = history(tmp_path)

    assert [why(path, minute, wrong(), remind_s=0) for minute in (0, 99999)] == [Why.CHANGED, Why.NOTHING]


def test_a_clock_that_was_ahead_keeps_no_reminder_back_for_long(tmp_path: Path) -> None:
    """It was told "in a year". When the clock is right again, the time begins again."""
    path = history(tmp_path)
    year = 365 * 24 * 60
    said = [why(path, minute, wrong()) for minute in (year, 0, 60, 24 * 60, 25 * 60)]

    assert said == [Why.CHANGED, Why.NOTHING, Why.NOTHING, Why.REMINDER, Why.NOTHING]


def test_what_another_run_recorded_is_reminded_of_as_well(tmp_path: Path) -> None:
    """Somebody recorded it without --on-change, and was told there; a day later cron says it again."""
    path = history(tmp_path)
    told(path, run(0, check("tag", wrong())), remind_s=None)

    assert why(path, 5, wrong()) is Why.NOTHING
    assert why(path, 24 * 60, wrong()) is Why.REMINDER


def test_flapping_is_called_that(tmp_path: Path) -> None:
    """From the fifth time on, in 21 runs; long after, the same is a change like any other."""
    path = history(tmp_path)
    runs = [told(path, run(5 * place, check("tag", *([wrong()] if place % 2 else [])))) for place in range(7)]

    named = [[each.changes for each in one.notice.flapping] if one.notice else None for one in runs]

    assert named == [[], [], [], [], [], [MANY], [MANY + 1]]
    assert lead(SERIES, run(30), runs[5]).splitlines()[1] == (
        "flapping   tag/moved, container web changed 5 times in 6 runs"
    )
    for place in range(7, 30):
        told(path, run(5 * place, check("tag")))
    late = told(path, run(150, check("tag", wrong())))
    assert late.notice is not None
    assert late.notice.flapping == ()


def test_what_gets_worse_and_better_again_and_again_flaps_too(tmp_path: Path) -> None:
    """It is never well, and never the same."""
    path = history(tmp_path)
    statuses = (Status.FAIL, Status.WARN, Status.FAIL, Status.WARN, Status.FAIL)
    runs = [told(path, run(5 * place, check("tag", wrong(status=each)))) for place, each in enumerate(statuses)]

    assert [bool(one.notice and one.notice.flapping) for one in runs] == [False] * 4 + [True]


def test_what_is_printed_before_the_report(tmp_path: Path) -> None:
    """What changed, worst first; a reminder says so."""
    path = history(tmp_path)
    told(path, run(0, check("tag", wrong(status=Status.WARN)), check("pin", wrong("stale"))))
    second = run(65, check("tag", wrong(), wrong("new")), check("pin"))

    assert lead(SERIES, second, told(path, second)) == (
        "worse      FAIL   tag/moved, container web (after 1h 5m)\n"
        "new        FAIL   tag/new, container web\n"
        "recovered  FAIL   pin/stale, container web (after 1h 5m)\n\n"
    )
    late = run(65 + 25 * 60, check("tag", wrong(), wrong("new")), check("pin"))
    assert lead(SERIES, late, told(path, late)) == (
        "preflight on host, /srv/app, stage after: still wrong after 1d 2h "
        "(a reminder; no change since the last one)\n\n"
    )
    assert lead(SERIES, late, told(path, late, None)) == ""


def test_what_only_follows_is_left_to_the_report(tmp_path: Path) -> None:
    """One cause, one line."""
    blind = replace(wrong("blind", status=Status.ERROR), caused_by="tag/moved")
    report = run(0, check("tag", wrong()), check("pin", blind))

    assert lead(SERIES, report, told(history(tmp_path), report)) == "new        FAIL   tag/moved, container web\n\n"


def test_the_recovery_is_one_line(tmp_path: Path) -> None:
    """How long it was bad, what ended, and what still warns."""
    path = history(tmp_path)
    codes = [wrong(code) for code in ("a", "b", "c", "d")]
    told(path, run(0, check("tag", *codes)))
    told(path, run(5, check("tag", *codes[:3])))
    report = run(125, check("tag", wrong("a", status=Status.WARN)), check("pin", wrong(status=Status.WARN)))

    assert recovery_line(SERIES, report, told(path, report)) == (
        "preflight on host, /srv/app, stage after: recovered after 2h 5m: tag/b, container web, tag/c, container web; "
        "2 checks with warnings"
    )
    assert "\n" not in recovery_line(SERIES, report, Recorded(3, (), 1, at(-5)))


def test_many_changes_are_cut(tmp_path: Path) -> None:
    """A mail is read from its beginning."""
    changes = told(history(tmp_path), run(0, check("tag", *(wrong(f"code-{n:02}") for n in range(25))))).changes

    lines = list(change_lines(changes))

    assert (len(lines), lines[0], lines[-1]) == (
        21, "new        FAIL   tag/code-00, container web", "and 5 changes more",
    )  # fmt: skip
