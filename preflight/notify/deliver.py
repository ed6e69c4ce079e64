"""Write the messages that tell of a run, and deliver them with those that earlier runs could not."""

import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from functools import partial
from pathlib import Path

from preflight.errors import CouldNotLook
from preflight.history import outbox
from preflight.history.outbox import Kept, Letter
from preflight.history.record import Recorded
from preflight.lib.deadline import Deadline
from preflight.lib.parallel import together
from preflight.lib.records import frozen
from preflight.notify.errors import NotDelivered, Refused
from preflight.notify.message import Event, Message, of_run, of_test
from preflight.notify.ping import Ping
from preflight.notify.target import On, Target
from preflight.report import Report

_SPARE_S = 2.0
_BEGIN_S = 3.0
_REFUSALS = 3
"""So often a message is tried that its receiver refuses: behind it wait those that it may take."""


@frozen
class Outcome:
    """How one target was served.

    Args:
        target: The name of the target.
        sent: Messages that were delivered.
        late: How many of them an earlier run could not deliver.
        kept: Messages that wait for the next run.
        lost: Messages that nobody will send again.
        problem: Why not all were delivered; empty otherwise.
        hint: What to do about it.
        since: When the oldest message was written that waits, or waited until now; None where none had to.
        is_new: The first run that has the problem.
    """

    target: str
    sent: int = 0
    late: int = 0
    kept: int = 0
    lost: int = 0
    problem: str = ""
    hint: str = ""
    since: datetime | None = None
    is_new: bool = False


def letters(targets: Sequence[Target], sender: str, report: Report, recorded: Recorded, *, news: bool) -> list[Letter]:
    """Return what tells the targets of a run, to be put into the outbox with it.

    Args:
        targets: The targets of the configuration.
        sender: Names the configuration.
        report: The report of the run.
        recorded: What recording it told.
        news: The run tells what the run before it did not.
    """
    made = []
    for target in targets:
        event = target.event(news=news)
        if event is not None:
            message = of_run(event, report, recorded.changes, with_report=target.channel.with_report)
            made.append(Letter(sender, target.name, message.to_text()))
    return made


def deliver(
    history: Path, targets: Sequence[Target], sender: str, environ: Mapping[str, str], now: datetime
) -> tuple[Outcome, ...]:
    """Send what is in the outbox, to all targets at once, to each in the order in which it was written.

    A message that fails holds back those behind it. What was delivered is forgotten at once, so that a process that is
    killed sends at most one message of a target again.

    Args:
        history: Holds the outbox.
        targets: The targets of the configuration.
        sender: Names the configuration.
        environ: For secrets, proxies and certificates.
        now: With time zone.

    Returns:
        One outcome for each target that had something to be sent.

    Raises:
        HistoryError: The outbox cannot be read or written.
    """
    kept = outbox.take(history, sender, [target.name for target in targets], now)
    waiting = {target.name: [each for each in kept if each.letter.target == target.name] for target in targets}
    busy = [target for target in targets if waiting[target.name]]
    rounds = [_Round(history, target, waiting[target.name], environ) for target in busy]
    _all_at_once([each.serve for each in rounds], busy)
    outbox.put_back(history, [id_ for each in rounds for id_ in each.left])
    return tuple(each.outcome() for each in rounds)


def try_all(targets: Sequence[Target], host: str, environ: Mapping[str, str], now: datetime) -> tuple[Outcome, ...]:
    """Send each target a test, past the outbox.

    Returns:
        One outcome for each target, in their order.
    """

    def attempt(target: Target) -> None:
        target.channel.send(of_test(host, now), environ, Deadline.after(target.timeout_s))

    return _outcomes(targets, attempt)


def begin(targets: Sequence[Target], environ: Mapping[str, str]) -> Callable[[], None]:
    """Tell monitors that a run begins, while it goes on; what fails here fails again at the end.

    Returns:
        What waits until they were told, a few seconds at most: the end of a run must not overtake its beginning.
    """
    threads = [
        threading.Thread(target=_begin, args=(target, target.channel, environ), daemon=True)
        for target in targets
        if isinstance(target.channel, Ping) and target.channel.start and target.on is not On.CHANGE
    ]
    for thread in threads:
        thread.start()

    def wait() -> None:
        for thread in threads:
            thread.join(_BEGIN_S)

    return wait


def _begin(target: Target, ping: Ping, environ: Mapping[str, str]) -> None:
    with suppress(CouldNotLook):
        ping.begin(environ, Deadline.after(min(target.timeout_s, _BEGIN_S)))


def deliver_at_once(targets: Sequence[Target], report: Report, environ: Mapping[str, str]) -> tuple[Outcome, ...]:
    """Tell of a run that is in no history: those targets that are told of each run. Nothing is kept.

    A heartbeat is only sent of a run that checked something.
    """
    told = [
        target for target in targets if target.on is On.ALWAYS or (target.on is On.HEARTBEAT and not report.problem)
    ]

    def attempt(target: Target) -> None:
        event = Event.HEARTBEAT if target.on is On.HEARTBEAT else Event.RUN
        message = of_run(event, report, (), with_report=target.channel.with_report)
        target.channel.send(message, environ, Deadline.after(target.timeout_s))

    return _outcomes(told, attempt)


def _outcomes(targets: Sequence[Target], attempt: Callable[[Target], None]) -> tuple[Outcome, ...]:
    errors = _all_at_once([partial(attempt, target) for target in targets], targets)
    return tuple(
        Outcome(target.name, sent=1)
        if error is None
        else Outcome(target.name, problem=error.message, hint=error.hint, is_new=True)
        for target, error in zip(targets, errors, strict=True)
    )


def _all_at_once(calls: Sequence[Callable[[], None]], targets: Sequence[Target]) -> tuple[CouldNotLook | None, ...]:
    longest = max((target.timeout_s for target in targets), default=0.0) + _SPARE_S
    return together(calls, Deadline.after(longest), "a target of notify", at_once=max(len(calls), 1))


class _Round:
    """What is sent to one target in one run."""

    def __init__(self, history: Path, target: Target, kept: Sequence[Kept], environ: Mapping[str, str]) -> None:
        self._history, self._target, self._environ = history, target, environ
        self._kept = list(kept)
        self._done: set[int] = set()
        self._sent, self._late, self._lost = 0, 0, 0
        self._error: CouldNotLook = NotDelivered(
            "there was no answer in time", "Check the receiver, or give this target a longer timeout."
        )

    @property
    def left(self) -> list[int]:
        """The letters that are still to be sent."""
        return [each.id for each in self._kept if each.id not in self._done]

    def serve(self) -> None:
        """Send what waits until it is done, fails, or the time is up."""
        deadline = Deadline.after(self._target.timeout_s)
        queue = self._kept[-1:] if self._target.only_newest else self._kept
        for each in queue:
            older = [other.id for other in self._kept if other.id < each.id] if self._target.only_newest else []
            try:
                message = Message.from_text(each.letter.text)
                self._target.channel.send(message, self._environ, deadline)
            except ValueError:
                self._forget([each.id], lost=1)
                self._error = NotDelivered("a kept message could not be read")
                continue
            except Refused as error:
                self._error = error
                if each.attempts + 1 < _REFUSALS:
                    return
                self._forget([each.id], lost=1)
                continue
            except CouldNotLook as error:
                self._error = error
                return
            self._forget([*older, each.id])
            self._sent += 1
            self._late += each.attempts > 0 or bool(older)

    def _forget(self, ids: Sequence[int], lost: int = 0) -> None:
        outbox.done(self._history, ids)
        self._done |= set(ids)
        self._lost += lost

    def outcome(self) -> Outcome:
        """Return how it went."""
        left = self.left
        waited = [each for each in self._kept if each.attempts > 0]
        failed = bool(left or self._lost)
        return Outcome(
            target=self._target.name,
            sent=self._sent,
            late=self._late,
            kept=len(left),
            lost=self._lost,
            problem=self._error.message if failed else "",
            hint=self._error.hint if failed else "",
            since=waited[0].made if waited else None,
            is_new=failed and not waited,
        )
