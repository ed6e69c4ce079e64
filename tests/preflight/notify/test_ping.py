"""preflight/notify/ping.py"""

import pytest

from preflight.errors import ExitCode
from preflight.lib.deadline import Deadline
from preflight.model import Status
from preflight.notify.message import Event, Message, of_run, of_test
from preflight.notify.ping import Ping
from preflight.notify.secret import Secret
from preflight.report import Report
from tests.preflight.notify.messages import NOW, message, report
from tests.real.receiver import Receiver

PING = Ping(Secret("url_env", variable="PING"))
NOTHING = of_run(Event.RUN, Report("0", "h", NOW, 0.0, (), ExitCode.USAGE, "wrong"), (), with_report=False)


@pytest.mark.parametrize(
    ("told", "suffix"),
    [
        (message(status=Status.PASS), ""),
        (message(status=Status.FAIL), "/1"),
        (message(status=Status.ERROR), "/3"),
        (NOTHING, "/fail"),
        (message(Event.HEARTBEAT, Status.FAIL), ""),
        (of_test("h", NOW), ""),
    ],
)
def test_success_exit_code_or_fail(receiver: Receiver, told: Message, suffix: str) -> None:
    """As https://healthchecks.io/docs/http_api/ says; the text goes with it."""
    PING.send(told, {"PING": f"{receiver.address}/ping/uuid"}, Deadline.after(5))

    [taken] = receiver.taken
    assert taken.path == f"/ping/uuid{suffix}"
    assert taken.body.decode() == told.text
    assert taken.headers["Content-Type"] == "text/plain; charset=utf-8"


def test_start_is_asked_once(receiver: Receiver) -> None:
    """A query stays where it belongs."""
    receiver.behaviour = 503
    with pytest.raises(Exception, match="503"):
        PING.begin({"PING": f"{receiver.address}/ping/uuid/?create=1"}, Deadline.after(5))

    assert receiver.paths == ["/ping/uuid/start?create=1"]


def test_a_body_is_no_longer_than_a_monitor_keeps(receiver: Receiver) -> None:
    """And ends with a whole character."""
    long = of_run(Event.RUN, report(message="ü" * 9000), (), with_report=False)

    PING.send(long, {"PING": receiver.address}, Deadline.after(5))

    assert len(receiver.taken[0].body) <= 10_000
    assert receiver.taken[0].body.decode()
