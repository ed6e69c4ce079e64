"""A week of the health job (tests/rollout/week.py): who heard of what, and how often."""

import tempfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from preflight.history.queries import summaries
from preflight.history.store import reading
from preflight.report import Style
from preflight.run.reporters import reporter
from tests.rollout.week import (
    CHANGES,
    MONDAY,
    MONITORED,
    REMINDER,
    RUNS,
    SAT,
    Week,
    clock,
    is_within,
    live,
    minute,
    report_at,
)  # fmt: skip

IN_MEMORY = Path("/dev/shm")  # noqa: S108 -- 2,016 runs wait 10,000 times for a disk, which is another test's matter


@pytest.fixture(scope="module")
def week(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Week]:
    """Live through it once: each run is recorded, printed as under cron (-q --on-change), and told."""
    parent = IN_MEMORY if IN_MEMORY.is_dir() else tmp_path_factory.getbasetemp()
    with tempfile.TemporaryDirectory(dir=parent, prefix="preflight-week-") as folder:
        yield live(Path(folder))


def test_no_exit_code_is_changed(week: Week) -> None:
    """Neither by recording nor by a monitor that is down."""
    assert week.codes == [report_at(now).exit_code for now in range(0, RUNS * 5, 5)]
    assert len(week.codes) == RUNS


def test_cron_mails_what_changed_and_nothing_twice(week: Week) -> None:
    """The waived warning blocks nothing, so -q says nothing of it; each end is one line."""
    expected = sorted({*CHANGES, REMINDER} - {"Mon 00:00"}, key=list(map(clock, range(0, RUNS * 5, 5))).index)
    assert [at for at, _ in week.mails] == expected
    for at, text in week.mails:
        if at == REMINDER:
            assert "still wrong after 1d 2h (a reminder; no change since the last one)" in text.splitlines()[0]
        elif CHANGES[at] in ({"recovered running/stopped"}, {"recovered tag/moved"}, {"recovered pin/wrong-digest"}):
            assert text.count("\n") == 1
            assert " recovered after " in text
        else:
            assert "Exit " in text
    said = dict(week.mails)
    assert "recovered after 1d 6h: tag/moved, release 1.4.0; 1 check with warnings" in said["Wed 16:00"]
    assert "recovered  ERROR  tag/could-not-look, registry ghcr.io (after 30m)" in said["Tue 12:30"]


def test_what_flaps_is_called_that(week: Week) -> None:
    """From the fifth change on."""
    said = dict(week.mails)

    assert [at for at, text in week.mails if "flapping" in text] == [
        "Fri 14:20", "Fri 14:30", "Fri 14:40", "Fri 14:50",
    ]  # fmt: skip
    assert "changed 5 times in 21 runs" in said["Fri 14:20"]


def told(data: object) -> set[str]:
    """Return what a document says of the changes."""
    assert isinstance(data, dict)
    return {
        f"{'recovered' if each['after'] is None else 'new ' + each['after']} {each['check']}/{each['code']}"
        for each in data["changes"]
    }


def test_the_webhook_hears_of_each_change_once_and_in_order(week: Week) -> None:
    """Also of those that came while it was down, when it is there again."""
    heard = {_at(document): told(document) for document in week.posted}

    assert len(heard) == len(week.posted)
    assert heard == {**CHANGES, REMINDER: set()}
    assert list(heard) == sorted(heard, key=list(map(clock, range(0, RUNS * 5, 5))).index)


def _at(document: dict[str, object]) -> str:
    begun = datetime.fromisoformat(str(document["at"]))
    return clock(int((begun - MONDAY).total_seconds() // 60))


def test_each_mail_of_notify_is_sent_once(week: Week) -> None:
    """Mail works all week, so nothing waits."""
    assert len(week.letters) == len(CHANGES) + 1
    assert len({mail.partition("Message-ID: ")[2].partition("\n")[0] for mail in week.letters}) == len(week.letters)


def test_the_monitor_hears_of_each_run_while_it_is_there(week: Week) -> None:
    """With its exit code; of the time in which it was down only how it is now."""
    up = [now for now in range(MONITORED, RUNS * 5, 5) if not is_within(now, minute(SAT, 0), minute(SAT, 6))]
    codes = [report_at(now).exit_code for now in up]

    assert week.pings == [f"/ping/{code}" if code else "/ping" for code in codes]


def test_a_monitor_that_is_down_is_named_once_and_when_it_is_back(week: Week) -> None:
    """Cron mails standard error too."""
    said = [(at, line.split(":")[1].strip(), "works again" in line) for at, line in week.problems if "notify" in line]
    assert said == [
        ("Sat 00:00", "notify monitor", False), ("Sat 01:00", "notify ops", False),
        ("Sat 06:00", "notify monitor", True), ("Sat 06:00", "notify ops", True),
    ]  # fmt: skip


def test_metrics_say_what_is_wrong_now(week: Week) -> None:
    """At each change, read back by Prometheus' own parser."""
    waived = {"waived tag/unprotected"}
    wrong = {
        "Mon 02:00": {"fail running/stopped", *waived},
        "Tue 10:00": {"fail tag/moved", *waived},
        "Tue 12:00": {"error tag/could-not-look"},
        "Tue 12:30": {"fail tag/moved", *waived},
        "Sat 01:00": {"fail pin/wrong-digest", *waived},
    }
    flapping = {at: {"fail running/stopped", *waived} for at in CHANGES if at.startswith("Fri") and at.endswith("0")}
    assert week.metrics == {at: {**wrong, **flapping}.get(at, waived) for at in CHANGES}


def test_page_and_history_show_the_same_week(week: Week) -> None:
    """The newest changes first, with how long each state lasted; what is wrong now is the waived warning."""
    page = reporter("html")(week.last, Style())
    changes = [
        f"{clock(int((each.at - MONDAY).total_seconds() // 60))} {each.check}/{each.code}"
        for each in week.last.past.changes
    ]

    assert changes[:2] == ["Sat 02:00 pin/wrong-digest", "Sat 01:00 pin/wrong-digest"]
    assert len(changes) == sum(map(len, CHANGES.values()))
    assert week.last.past.changes[0].lasted_s == 3600
    assert len(week.last.past.runs) == 90
    assert "wrong-digest" in page
    with reading(week.history) as connection:
        assert connection is not None
        [summary] = summaries(connection)
    assert (summary.runs, summary.bad_since, summary.exit_code) == (RUNS, None, 0)
    assert [(key.code, state.since) for key, state in summary.standing] == [("unprotected", MONDAY)]
