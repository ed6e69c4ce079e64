"""preflight/notify/target.py"""

import pytest

from preflight.notify.message import Event
from preflight.notify.ping import Ping
from preflight.notify.secret import Secret
from preflight.notify.target import On, Target
from preflight.notify.webhook import Webhook

SECRET = Secret("url", text="https://a")


@pytest.mark.parametrize(
    ("on", "news", "quiet"),
    [
        (On.CHANGE, Event.CHANGE, None),
        (On.ALWAYS, Event.CHANGE, Event.RUN),
        (On.HEARTBEAT, Event.HEARTBEAT, Event.HEARTBEAT),
    ],
)
def test_when_a_target_is_told(on: On, news: Event, quiet: Event | None) -> None:
    """Of a run that tells something new, and of one that does not."""
    target = Target("x", "webhook", on, Webhook(SECRET))

    assert (target.event(news=True), target.event(news=False)) == (news, quiet)


@pytest.mark.parametrize(
    ("target", "only_newest"),
    [
        (Target("x", "healthchecks", On.ALWAYS, Ping(SECRET)), True),
        (Target("x", "healthchecks", On.CHANGE, Ping(SECRET)), False),
        (Target("x", "webhook", On.ALWAYS, Webhook(SECRET)), False),
        (Target("x", "webhook", On.HEARTBEAT, Webhook(SECRET)), True),
    ],
)
def test_what_the_newest_message_makes_worthless(target: Target, only_newest: bool) -> None:
    """A monitor knows one state, and a heartbeat of yesterday proves nothing."""
    assert target.only_newest is only_newest
