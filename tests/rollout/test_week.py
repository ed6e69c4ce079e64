"""A week of the health job: 2,016 runs through the real recorder, and what mail, webhook, monitor and page say of it.

The reports are made up, by a script of what breaks and recovers; everything after them is real: waivers, history,
outbox, a sendmail program, HTTP. Times are those of the reports, so the week takes seconds.
"""

import io
import json
import shlex
import tempfile
from collections.abc import Iterator
from contextlib import redirect_stderr
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from preflight.cli.memory import Memory
from preflight.cli.output import Outputs
from preflight.cli.telling import Telling
from preflight.history.queries import summaries
from preflight.history.series import Series
from preflight.history.store import reading
from preflight.lib import interrupts
from preflight.model import About, CheckResult, Failure, Finding, Stage, Status, Subject, Waiver
from preflight.notify.mail import Mail
from preflight.notify.ping import Ping
from preflight.notify.secret import Secret
from preflight.notify.target import On, Target
from preflight.notify.webhook import Webhook
from preflight.report import Report, Style
from preflight.run.reporters import reporter
from preflight.run.verdict import apply_waivers, exit_code
from tests.real.receiver import Receiver, receiver

MONDAY = datetime(2026, 11, 23, 0, 0, tzinfo=UTC)
RUNS = 7 * 24 * 12
MON, TUE, WED, FRI, SAT = 0, 1, 2, 4, 5
MONITORED = FRI * 1440
"""The monitor is added on Friday: 864 pings show what 2,016 would."""

IN_MEMORY = Path("/dev/shm")  # noqa: S108 -- 2,016 runs wait 10,000 times for a disk, which is another test's matter

STOPPED = Failure("stopped", "A container is stopped.", "Start it.")
MOVED = Failure("moved", "The tag points to another image.", "Find out who moved it.")
UNPROTECTED = Failure("unprotected", "Nothing keeps the image.", "Protect it.")
WRONG_DIGEST = Failure("wrong-digest", "The digest is not the release's.", "Correct it.")
BLIND = Failure("could-not-look", "It could not look.", "See why.", Status.ERROR, Status.ERROR, waivable=False)
WAIVER = Waiver("tag", "unprotected", date(2027, 1, 31), "until the registry is replaced")


def minute(day: int, hour: int, minutes: int = 0) -> int:
    """Return a time of the week in minutes."""
    return (day * 24 + hour) * 60 + minutes


def clock(minutes: int) -> str:
    """Return a time of the week as a person reads it."""
    days = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
    return f"{days[minutes // 1440]} {minutes % 1440 // 60:02}:{minutes % 60:02}"


def is_within(now: int, begin: int, end: int) -> bool:
    """Whether something that lasts from a time to another is so now."""
    return begin <= now < end


def flaps(now: int) -> bool:
    """Whether the container is down in the hour in which it starts and stops all the time."""
    return is_within(now, minute(FRI, 14), minute(FRI, 15)) and now // 5 % 2 == 0


def check(id_: str, *findings: Finding) -> CheckResult:
    """Return what a check found; nothing wrong is a pass."""
    about = About(id_, f"{id_} is fine", frozenset(), frozenset(), "Is it?", "So.", (), stages=frozenset({Stage.AFTER}))
    return CheckResult(about, findings or (Finding(Status.PASS, "as pinned"),), 0.1)


def found(failure: Failure, kind: str, name: str) -> Finding:
    """Return a finding."""
    return Finding(failure.after, failure.says, failure.fix, failure=failure, subject=Subject(kind, name))


def report_at(now: int) -> Report:
    """Return what the run of a time finds: the script of the week."""
    tag = [found(UNPROTECTED, "release", "1.4.0")]
    if is_within(now, minute(TUE, 10), minute(WED, 16)):
        tag.append(found(MOVED, "release", "1.4.0"))
    if is_within(now, minute(TUE, 12), minute(TUE, 12, 30)):
        tag = [found(BLIND, "registry", "ghcr.io")]
    down = is_within(now, minute(MON, 2), minute(MON, 3)) or flaps(now)
    pin = is_within(now, minute(SAT, 1), minute(SAT, 2))
    results = apply_waivers(
        [
            check("pin", *([found(WRONG_DIGEST, "variable", "APP_IMAGE")] if pin else [])),
            check("running", *([found(STOPPED, "container", "web")] if down else [])),
            check("tag", *tag),
        ],
        [WAIVER],
        MONDAY.date(),
    )
    code = exit_code(results, strict=False)
    return Report("1.0.0", "web1", MONDAY + timedelta(minutes=now), 0.4, results, code, stage=Stage.AFTER)


@dataclass
class Week:
    """What the week left behind.

    Args:
        mails: What cron mails: time and standard output, where there was any.
        codes: Of all runs.
        problems: What stood on standard error, with its time.
        last: The last report, with what a page draws.
        metrics: What is wrong as the file for Prometheus says, at some times.
        posted: Each document of the webhook: time of the run, and what it says of each change.
        pings: What the monitor heard.
        letters: What was handed to sendmail.
        history: The file.
    """

    mails: list[tuple[str, str]] = field(default_factory=list)
    codes: list[int] = field(default_factory=list)
    problems: list[tuple[str, str]] = field(default_factory=list)
    posted: list[dict[str, object]] = field(default_factory=list)
    pings: list[str] = field(default_factory=list)
    letters: list[str] = field(default_factory=list)
    last: Report = field(default_factory=lambda: report_at(0))
    metrics: dict[str, set[str]] = field(default_factory=dict)
    history: Path = Path()


def targets(folder: Path, to: Receiver) -> tuple[Target, ...]:
    """Return a monitor, a webhook and a mail address."""
    program = folder / "sendmail"
    mails = shlex.quote(str(folder / "mails"))
    program.write_text(f"#!/bin/sh\n{{ cat; printf '\\f'; }} >>{mails}\n")
    program.chmod(0o755)
    return (
        Target("monitor", "healthchecks", On.ALWAYS, Ping(Secret("url", text=f"{to.address}/ping"), attempts=1)),
        Target("ops", "webhook", On.CHANGE, Webhook(Secret("url", text=f"{to.address}/hook"), attempts=1)),
        Target("mail", "mail", On.CHANGE, Mail(("ops@example.com",), "preflight@example.com", program)),
    )


def _one_run(week: Week, memory: Memory, telling: Telling, now: int, errors: io.StringIO) -> None:
    """Do what ``preflight run -q --on-change`` does with a report."""
    report, stream = report_at(now), io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    metrics = week.history.with_name("preflight.prom")
    files = (("prometheus", metrics),) if clock(now) in CHANGES else ()
    remembered = memory.remember(report, partial(telling.letters, report))
    with redirect_stderr(errors):
        code = Outputs("table", Style(quiet=True), files, stream).write(remembered.report, remembered.remarks)
        telling.end(memory.path, remembered, code)
    stream.seek(0)
    week.codes.append(code)
    week.mails += [(clock(now), text)] if (text := stream.read()) else []
    week.metrics.update({clock(now): wrong_in_metrics(metrics.read_text())} if files else {})
    week.problems += [(clock(now), line) for line in errors.getvalue().splitlines()]
    errors.seek(0)
    errors.truncate()


@pytest.fixture(scope="module")
def week(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Week]:
    """Live through it once: each run is recorded, printed as under cron (-q --on-change), and told."""
    parent = IN_MEMORY if IN_MEMORY.is_dir() else tmp_path_factory.getbasetemp()
    with tempfile.TemporaryDirectory(dir=parent, prefix="preflight-week-") as folder:
        yield live(Path(folder))


def live(folder: Path) -> Week:
    """Live through the week."""
    one = Week()
    one.history = folder / "history.db"
    series = Series("/srv/app", "/etc/preflight.yaml", "{}", Stage.AFTER)
    memory = Memory(one.history, series, records=True, remind_s=86400.0)
    with receiver() as to, pytest.MonkeyPatch.context() as patch:
        patch.setattr(interrupts, "_state", interrupts._State())  # printing ends the reign of signals: in a process
        monitor, *others = targets(folder, to)
        unwatched = Telling(tuple(others), "/etc/preflight.yaml", {"PATH": "/usr/bin:/bin"}, sparing=True)
        watched = replace(unwatched, targets=(monitor, *others))
        for now in range(0, RUNS * 5, 5):
            to.behaviour = 503 if is_within(now, minute(SAT, 0), minute(SAT, 6)) else 200
            _one_run(one, memory, watched if now >= MONITORED else unwatched, now, io.StringIO())
            one.pings += [path for path in to.paths if path.startswith("/ping") and to.behaviour == 200]
            one.posted += [json.loads(each.body) for each in to.taken if each.path == "/hook" and to.behaviour == 200]
            to.taken.clear()
    one.letters = (folder / "mails").read_text().split("\f")[:-1]
    one.last = replace(memory, records=False, draws=True).remember(report_at(RUNS * 5 - 5)).report
    return one


CHANGES = {
    "Mon 00:00": {"new warn tag/unprotected"},
    "Mon 02:00": {"new fail running/stopped"},
    "Mon 03:00": {"recovered running/stopped"},
    "Tue 10:00": {"new fail tag/moved"},
    "Tue 12:00": {"new error tag/could-not-look"},
    "Tue 12:30": {"recovered tag/could-not-look"},
    "Wed 16:00": {"recovered tag/moved"},
    **{
        f"Fri 14:{minutes:02}": {f"{'recovered' if minutes % 10 else 'new fail'} running/stopped"}
        for minutes in range(0, 60, 5)
    },
    "Sat 01:00": {"new fail pin/wrong-digest"},
    "Sat 02:00": {"recovered pin/wrong-digest"},
}
"""What changes, and when: the script read by a person."""

REMINDER = "Wed 12:30"
"""24 hours after something was said last."""


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


def wrong_in_metrics(text: str) -> set[str]:
    """Return what a file for Prometheus says is wrong, waived findings included."""
    families = {each.name: each for each in text_string_to_metric_families(text)}
    return {
        " ".join((sample.labels["status"], f"{sample.labels['check']}/{sample.labels['code']}"))
        for sample in families["preflight_findings"].samples
        if sample.value
    }


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
        [summary] = summaries(connection, None)
    assert (summary.runs, summary.bad_since, summary.exit_code) == (RUNS, None, 0)
    assert [(key.code, state.since) for key, state in summary.standing] == [("unprotected", MONDAY)]
