"""Wait until the containers of a service carry the sentinel, or until it is plain that they will not."""

import time
from collections.abc import Callable, Sequence
from datetime import datetime
from enum import StrEnum

from preflight.context import Context
from preflight.engine.container import Container
from preflight.errors import ConfigurationError, CouldNotLook
from preflight.lib.deadline import Deadline
from preflight.lib.records import frozen
from preflight.lib.text import plural, printable
from preflight.pins.sentinel import SENTINEL
from preflight.project import Pin
from preflight.running.judge import ACTIVE, our_containers
from preflight.sentinel.surroundings import Surroundings

EVERY_S = 2.0
_ONE_LOOK_S = 15.0
_SETTLED = 3
"""Looks after Coolify calls a deployment finished, before its containers are taken for those that it made."""
_NAMED = 4
_ENDED_BADLY = ("failed", "cancelled")
_FINISHED = "finished"


class Carried(StrEnum):
    """How the waiting ended."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@frozen
class Verified:
    """How it ended.

    Args:
        carried: Whether the containers carry it; UNKNOWN: they could not be seen to the end.
        message: Says so, in one line.
        hint: What to do; "" where all is well.
    """

    carried: Carried
    message: str
    hint: str = ""


@frozen
class Sought:
    """What is waited for.

    Args:
        pin: Whose file is armed.
        token: The sentinel's value.
        since: Containers made before do not count: the file was armed already, and one deployed then may carry it.
    """

    pin: Pin
    token: str
    since: datetime | None = None


@frozen
class _Seen:
    """The containers of a service at one moment.

    Args:
        carrying: Active, with the sentinel, new enough.
        new: Active, made after arming, without it.
        old: Active, and made before.
        ended: With the sentinel, but not active.
    """

    carrying: tuple[Container, ...]
    new: tuple[Container, ...]
    old: tuple[Container, ...]
    ended: tuple[Container, ...]

    @property
    def words(self) -> str:
        """The text for the progress line."""
        return f"{len(self.carrying)} with the sentinel, {len(self.new) + len(self.old)} without"


class Waiter:
    """Waits for one sentinel.

    Args:
        surroundings: What to look at.
        sought: What for.
        armed_at: When the file was armed or the deployment was triggered; to say of a container that it is newer.
        status: Returns how the deployment goes, in Coolify's words; None where nobody can say.
        progress: Is told what is seen.
        every_s: Between two looks.
    """

    def __init__(
        self,
        surroundings: Surroundings,
        sought: Sought,
        armed_at: datetime,
        *,
        status: Callable[[Deadline], str | None] = lambda _: None,
        progress: Callable[[str], None] = lambda _: None,
        every_s: float = EVERY_S,
    ) -> None:
        self._around, self._sought, self._armed_at = surroundings, sought, armed_at
        self._ask_status, self._progress, self._every_s = status, progress, every_s
        self._finished = 0

    def wait(self, seconds: float) -> Verified:
        """Look again and again, at least once."""
        limit = time.monotonic() + seconds
        while True:
            seen, problem = self._look()
            verdict = self._verdict(seen) or self._deployment(seen)
            if verdict is not None:
                return verdict
            left = limit - time.monotonic()
            if left <= 0:
                return self._too_late(seen, problem, seconds)
            self._progress(f"waiting {left:.0f} s more: {seen.words if seen else 'nothing can be seen'}")
            time.sleep(min(self._every_s, left))

    def _look(self) -> tuple[_Seen | None, CouldNotLook | None]:
        """Look once; while a deployment is under way, what cannot be seen now may be seen a moment later."""
        try:
            ctx = self._around.look(Deadline.after(_ONE_LOOK_S))
            return self._sort(ctx, containers_of(ctx, self._sought.pin)), None
        except CouldNotLook as problem:
            return None, problem

    def _sort(self, ctx: Context, containers: Sequence[Container]) -> _Seen:
        groups: dict[str, list[Container]] = {"carrying": [], "new": [], "old": [], "ended": []}
        for each in containers:
            details = ctx.doors.engine.inspect(each, ctx.deadline)
            carries = details.environment.get(SENTINEL) == self._sought.token
            since = self._sought.since
            counts = carries and (since is None or details.created >= since)
            if each.state not in ACTIVE:
                if counts:
                    groups["ended"].append(each)
            elif counts:
                groups["carrying"].append(each)
            else:
                groups["new" if details.created >= self._armed_at else "old"].append(each)
        return _Seen(**{name: tuple(group) for name, group in groups.items()})

    def _verdict(self, seen: _Seen | None) -> Verified | None:
        if seen is None or not seen.carrying or seen.new or seen.old:
            return None
        names = ", ".join(printable(each.name, 80) for each in seen.carrying[:_NAMED])
        more = f" and {len(seen.carrying) - _NAMED} more" if len(seen.carrying) > _NAMED else ""
        return Verified(Carried.YES, f"{self._service}: {names}{more} carries the sentinel: the file feeds it")

    def _deployment(self, seen: _Seen | None) -> Verified | None:
        try:
            status = self._ask_status(Deadline.after(_ONE_LOOK_S))
        except CouldNotLook:
            return None  # the containers tell as well
        if status is not None and status.startswith(_ENDED_BADLY):
            return Verified(
                Carried.NO,
                f"{self._service}: Coolify's deployment ended as {printable(status, 40)}",
                "Read its log in Coolify (Deployments), fix it, and try again.",
            )
        self._finished = self._finished + 1 if status == _FINISHED else 0
        if self._finished < _SETTLED or seen is None or not seen.new:
            return None
        return self._without(seen, "the deployment is finished")

    def _too_late(self, seen: _Seen | None, problem: CouldNotLook | None, seconds: float) -> Verified:
        if seen is None or problem is not None:
            reason = problem.message if problem else "nothing was seen"
            return Verified(Carried.UNKNOWN, f"{self._service}: {reason}", problem.hint if problem else "Try again.")
        if seen.new:
            return self._without(seen, f"{seconds:.0f} s are over")
        if seen.ended:
            name = printable(seen.ended[0].name, 80)
            return Verified(
                Carried.NO,
                f"{self._service}: {name} carries the sentinel, but it is {seen.ended[0].state}",
                f"See `docker logs {name}`.",
            )
        here = f"{plural(len(seen.old), 'container')} from before" if seen.old else "no container"
        also = f", {len(seen.carrying)} with the sentinel" if seen.carrying else ""
        return Verified(
            Carried.NO,
            f"{self._service}: no container was made within {seconds:.0f} s that carries the sentinel: {here}{also}",
            "Was it deployed? See Deployments in Coolify; give it more time with --wait.",
        )

    def _without(self, seen: _Seen, when: str) -> Verified:
        name = printable(seen.new[0].name, 80)
        return Verified(
            Carried.NO,
            f"{self._service}: {name} was made after arming and does not carry the sentinel ({when})",
            "The file does not feed it: `preflight sentinel probe` and `preflight run` say why.",
        )

    @property
    def _service(self) -> str:
        return printable(self._sought.pin.service, 60)


def containers_of(ctx: Context, pin: Pin) -> tuple[Container, ...]:
    """Return the containers of the pin's service in production, in every state.

    Raises:
        CouldNotLook: They cannot be listed, or told from those of others.
    """
    choice, _ = our_containers(ctx, pin)
    return choice.ours


def the_pin(ctx: Context) -> Pin:
    """Return the one pin that is meant.

    Raises:
        ConfigurationError: Several files may be meant.
    """
    files = {pin.file for pin in ctx.pins}
    if len(files) > 1:
        raise ConfigurationError(f"{len(files)} pin files may be meant", "Name one with --file.")
    return ctx.pins[0]
