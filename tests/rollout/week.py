"""A week of the health job: 2,016 runs through the real recorder, and what mail, webhook, monitor and page say of it.

The reports are made up, by a script of what breaks and recovers; everything after them is real: waivers, history,
outbox, a sendmail program, HTTP. Times are those of the reports, so the week takes seconds.
"""

import io
import json
import shlex
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
from preflight.history.series import Series
from preflight.lib import interrupts
from preflight.model import About, CheckResult, Failure, Finding, Stage, Status, Subject, Waiver
from preflight.notify.mail import Mail
from preflight.notify.ping import Ping
from preflight.notify.secret import Secret
from preflight.notify.target import On, Target
from preflight.notify.webhook import Webhook
from preflight.report import Report, Style
from preflight.run.verdict import apply_waivers, exit_code
from tests.real.receiver import Receiver, receiver

MONDAY = datetime(2026, 11, 23, 0, 0, tzinfo=UTC)
RUNS = 7 * 24 * 12
MON, TUE, WED, FRI, SAT = 0, 1, 2, 4, 5
MONITORED = FRI * 1440
"""The monitor is added on Friday: 864 pings show what 2,016 would."""

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


def wrong_in_metrics(text: str) -> set[str]:
    """Return what a file for Prometheus says is wrong, waived findings included."""
    families = {each.name: each for each in text_string_to_metric_families(text)}
    return {
        " ".join((sample.labels["status"], f"{sample.labels['check']}/{sample.labels['code']}"))
        for sample in families["preflight_findings"].samples
        if sample.value
    }


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
