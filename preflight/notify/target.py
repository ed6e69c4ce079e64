"""A target of notifications, and what it is told."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Protocol

from preflight.lib.deadline import Deadline
from preflight.lib.records import frozen
from preflight.notify.message import Event, Message


class On(StrEnum):
    """When a target is told.

    ``change``: when a run tells what the run before it did not, and as a reminder. ``always``: of each recorded run.
    ``heartbeat``: that a run took place, whatever it found.
    """

    CHANGE = "change"
    ALWAYS = "always"
    HEARTBEAT = "heartbeat"


class Channel(Protocol):
    """A way to reach somebody."""

    @property
    def only_newest(self) -> bool:
        """Whether an older message is worth nothing once there is a newer one."""
        ...

    @property
    def with_report(self) -> bool:
        """Whether the whole report goes with the message."""
        ...

    def send(self, message: Message, environ: Mapping[str, str], deadline: Deadline) -> None:
        """Send one message.

        Raises:
            NotDelivered: The receiver did not take the message, or did not answer.
        """
        ...


@frozen
class Target:
    """One target.

    Args:
        name: Unique in its configuration.
        kind: As the configuration says, e.g. ``webhook``.
        on: When it is told.
        channel: How it is reached.
        timeout_s: For everything that is sent to it in one run.
    """

    name: str
    kind: str
    on: On
    channel: Channel
    timeout_s: float = 10.0

    @property
    def only_newest(self) -> bool:
        """Whether an older message is worth nothing once there is a newer one."""
        return self.on is On.HEARTBEAT or (self.on is On.ALWAYS and self.channel.only_newest)

    def event(self, *, news: bool) -> Event | None:
        """Return as what a run is told.

        Args:
            news: The run tells what the run before it did not.

        Returns:
            None where this target is not told of the run.
        """
        if self.on is On.CHANGE:
            return Event.CHANGE if news else None
        return Event.HEARTBEAT if self.on is On.HEARTBEAT else Event.CHANGE if news else Event.RUN
