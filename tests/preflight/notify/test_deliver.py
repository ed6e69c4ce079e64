"""preflight/notify/deliver.py"""

import json
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from preflight.errors import ExitCode
from preflight.history import outbox
from preflight.history.record import Recorded, record
from preflight.history.series import series_of
from preflight.model import Stage, Status
from preflight.notify.deliver import Outcome, begin, deliver, deliver_at_once, letters, try_all
from preflight.notify.ping import Ping
from preflight.notify.secret import Secret
from preflight.notify.target import Channel, On, Target
from preflight.notify.webhook import Webhook
from preflight.report import Report
from tests.preflight.notify.messages import NOW, report
from tests.real.receiver import Receiver, receiver

SERIES = series_of(Path("/srv/app"), None, Stage.AFTER, {})


class Job:
    """A health job: records runs, and tells its targets of them.

    Args:
        folder: Of its history.
        targets: Whom it tells.
    """

    def __init__(self, folder: Path, *targets: Target) -> None:
        self.history, self.targets, self.minutes = folder / "history.db", targets, 0

    def run(self, status: Status) -> list[Outcome]:
        """Record a run and deliver, five minutes after the last."""
        self.minutes += 5
        return self.run_of(report(status, self.minutes))

    def run_of(self, of: Report) -> list[Outcome]:
        """Record a given run and deliver."""

        def written(recorded: Recorded) -> list[outbox.Letter]:
            return letters(self.targets, "c.yaml", of, recorded, news=bool(recorded.changes))

        record(self.history, SERIES, of, written)
        return [*deliver(self.history, self.targets, "c.yaml", {}, of.started)]


def hook(to: Receiver, on: On = On.CHANGE, name: str = "ops", **options: float) -> Target:
    """Return a webhook that is asked once."""
    channel = Webhook(Secret("url", text=f"{to.address}/{name}"), attempts=1)
    return Target(name, "webhook", on, channel, options.get("timeout_s", 5.0))


def ping(to: Receiver, on: On = On.ALWAYS) -> Target:
    """Return a monitor that is asked once."""
    channel: Channel = Ping(Secret("url", text=f"{to.address}/ping"), attempts=1)
    return Target("monitor", "healthchecks", on, channel, 5.0)


def told(by: Receiver) -> list[tuple[str, str]]:
    """Return event and time of each document that was taken."""
    documents = [json.loads(each.body) for each in by.taken]
    return [(each["event"], each["at"][11:16]) for each in documents]


@pytest.fixture(name="other")
def second_receiver() -> Iterator[Receiver]:
    """Another server."""
    with receiver() as running:
        yield running


def test_a_change_is_told_once(tmp_path: Path, receiver: Receiver) -> None:
    """Failure and recovery; nothing in between."""
    job = Job(tmp_path, hook(receiver))

    outcomes = [job.run(status) for status in (Status.PASS, Status.FAIL, Status.FAIL, Status.PASS, Status.PASS)]

    assert told(receiver) == [("change", "10:10"), ("change", "10:20")]
    assert [[each.sent for each in outcome] for outcome in outcomes] == [[], [1], [], [1], []]


def test_what_could_not_be_delivered_comes_later_in_order(tmp_path: Path, receiver: Receiver) -> None:
    """A receiver that is down for a while misses nothing, and gets nothing twice."""
    job = Job(tmp_path, hook(receiver, On.ALWAYS))
    receiver.behaviour = 503

    first, second, third = (job.run(status)[0] for status in (Status.FAIL, Status.FAIL, Status.PASS))
    receiver.behaviour, tried = 200, len(receiver.taken)
    [well] = job.run(Status.PASS)

    assert told(receiver)[tried:] == [("change", "10:05"), ("run", "10:10"), ("change", "10:15"), ("run", "10:20")]
    assert [(each.kept, each.is_new) for each in (first, second, third)] == [(1, True), (2, False), (3, False)]
    assert first.problem.endswith("answers with status 503")
    assert third.since == NOW + timedelta(minutes=5)
    assert (well.sent, well.late, well.kept, well.problem) == (4, 3, 0, "")
    assert tried == 3, "the newest does not overtake the oldest"
    ids = [each.headers["Preflight-Delivery"] for each in receiver.taken[tried:]]
    assert len(set(ids)) == 4
    [again] = job.run(Status.PASS)
    assert (again.sent, again.late, again.since) == (1, 0, None)


def test_a_monitor_gets_only_the_newest(tmp_path: Path, receiver: Receiver) -> None:
    """An old ping would tell a state that is over."""
    job = Job(tmp_path, ping(receiver))
    receiver.behaviour = 500
    job.run(Status.FAIL)
    job.run(Status.FAIL)
    receiver.behaviour = 200
    receiver.taken.clear()

    [well] = job.run(Status.PASS)
    job.run(Status.FAIL)

    assert receiver.paths == ["/ping", "/ping/1"]
    assert (well.sent, well.late, well.kept) == (1, 1, 0)


def test_a_monitor_that_wants_changes_gets_each(tmp_path: Path, receiver: Receiver) -> None:
    """No run after it would tell what it missed."""
    job = Job(tmp_path, ping(receiver, On.CHANGE))
    receiver.behaviour = 500
    job.run(Status.FAIL)
    receiver.behaviour = 200
    receiver.taken.clear()

    job.run(Status.FAIL)

    assert receiver.paths == ["/ping/1"]


def test_one_target_does_not_hold_up_another(tmp_path: Path, receiver: Receiver, other: Receiver) -> None:
    """They are served at the same time, each within its own."""
    receiver.behaviour, receiver.hang_s = "hang", 3
    job = Job(tmp_path, hook(receiver, name="slow", timeout_s=0.5), hook(other, name="fast"))
    began = time.monotonic()

    slow, fast = job.run(Status.FAIL)

    assert time.monotonic() - began < 2.5
    assert (slow.sent, slow.kept) == (0, 1)
    assert "did not answer in time" in slow.problem
    assert (fast.sent, fast.problem) == (1, "")
    receiver.behaviour = 200
    [late] = job.run(Status.FAIL)
    assert (late.target, late.late) == ("slow", 1)


def test_what_a_receiver_refuses_for_good_does_not_hold_up_the_rest(tmp_path: Path, receiver: Receiver) -> None:
    """After three runs it is dropped, which is said; the next message goes on its way."""
    job = Job(tmp_path, hook(receiver))
    receiver.behaviour = 422

    outcomes = [job.run(status)[0] for status in (Status.FAIL, Status.PASS)]
    assert [each.kept for each in outcomes] == [1, 2]
    receiver.script = [422]
    receiver.behaviour = 200
    [dropped] = job.run(Status.PASS)

    assert (dropped.lost, dropped.sent, dropped.kept) == (1, 1, 0)
    assert "status 422" in dropped.problem
    assert told(receiver)[-1] == ("change", "10:10")


def test_a_kept_message_of_another_version_is_dropped(tmp_path: Path, receiver: Receiver) -> None:
    """What cannot be read holds up nothing."""
    job = Job(tmp_path, hook(receiver))
    record(job.history, SERIES, report(), lambda _: [outbox.Letter("c.yaml", "ops", "{}")])

    [outcome] = job.run(Status.PASS)

    assert (outcome.lost, outcome.sent) == (1, 1)
    assert "could not be read" in outcome.problem


def test_a_process_that_dies_loses_nothing(tmp_path: Path, receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was delivered is forgotten at once; what was not is free again when its lease is over."""
    job = Job(tmp_path, hook(receiver, On.ALWAYS))
    receiver.behaviour = 503
    job.run(Status.FAIL)
    receiver.behaviour = 200
    receiver.taken.clear()

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("preflight.notify.deliver._all_at_once", die)
        with pytest.raises(KeyboardInterrupt):
            job.run(Status.FAIL)
    job.run(Status.FAIL)

    assert told(receiver) == [("change", "10:05"), ("run", "10:10"), ("run", "10:15")]


def test_no_more_is_kept_than_the_outbox_takes(
    tmp_path: Path, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The oldest make room."""
    monkeypatch.setattr("preflight.history.outbox.MOST", 3)
    job = Job(tmp_path, hook(receiver, On.ALWAYS))
    receiver.behaviour = 503

    kept = [job.run(Status.FAIL)[0].kept for _ in range(5)]

    assert kept == [1, 2, 3, 3, 3]


def test_begin_and_end_come_in_this_order(tmp_path: Path, receiver: Receiver) -> None:
    """Also where the monitor is slow to take the beginning."""
    target = ping(receiver)
    receiver.script, receiver.hang_s = ["hang"], 0.3

    wait = begin([target, hook(receiver), ping(receiver, On.CHANGE)], {})
    wait()
    Job(tmp_path, target).run(Status.PASS)

    assert receiver.paths == ["/ping/start", "/ping"]


def test_a_monitor_that_is_down_holds_up_no_beginning(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    """What fails there fails again at the end, and is said then."""
    monkeypatch.setattr("preflight.notify.deliver._BEGIN_S", 0.2)
    receiver.behaviour, receiver.hang_s = "hang", 2
    began = time.monotonic()

    begin([ping(receiver)], {})()

    assert time.monotonic() - began < 1.5


def test_a_run_that_checked_nothing_is_told_to_those_who_hear_of_each(receiver: Receiver) -> None:
    """It is no heartbeat, and no change that anybody could compare."""
    nothing = Report("0", "web1", NOW, 0.0, (), ExitCode.USAGE, "the check x does not exist")
    targets = [ping(receiver), hook(receiver, On.CHANGE), hook(receiver, On.HEARTBEAT, "beat")]

    outcomes = deliver_at_once(targets, nothing, {})

    assert receiver.paths == ["/ping/fail"]
    assert [each.target for each in outcomes] == ["monitor"]
    assert b"nothing was checked" in receiver.taken[0].body


def test_each_target_is_tried(receiver: Receiver, other: Receiver) -> None:
    """Whatever it wants to hear of; one that fails says why."""
    other.behaviour = 404
    targets = [ping(receiver), hook(receiver), hook(other, name="gone")]

    first, second, third = try_all(targets, "web1", {}, NOW)

    assert sorted(receiver.paths) == ["/ops", "/ping"]
    assert (first.sent, second.sent, third.sent) == (1, 1, 0)
    assert "status 404" in third.problem
    assert try_all([], "web1", {}, NOW) == ()
