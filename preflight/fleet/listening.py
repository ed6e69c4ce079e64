"""What is heard from Ansible while it asks: which hosts there are, and what each has answered."""

import json
import math
import time
from collections import deque
from collections.abc import Callable, Mapping
from itertools import islice
from typing import Any

from preflight.errors import ConfigurationError
from preflight.fleet.answer import answered, without
from preflight.fleet.host import Host
from preflight.fleet.play import ASK_TASK, HOSTS_TASK
from preflight.fleet.said import error_in, why_no_host
from preflight.lib import interrupts
from preflight.lib.descendants import end_descendants
from preflight.lib.durations import words
from preflight.lib.text import printable

_ANSWERS = frozenset({"runner_on_ok", "runner_on_failed", "runner_on_unreachable", "runner_on_skipped"})
_INVENTORY_S = 300.0
"""Seconds that Ansible has to start and to read the inventory, which may ask a cloud."""

_MORE_S = 30.0
"""Seconds that a host may take on top of its time: the connection is closed, the next host has its turn."""

_NAMED, _NAME = 10, 40
"""Hosts that the line of progress names, and characters of each name."""

_SAID = 200
"""Lines kept of what Ansible prints."""


class Listening:
    """Collects what Ansible reports, host by host.

    Args:
        timeout_s: The seconds that each host has.
        tell: Is told, in one line, how far it is.
    """

    def __init__(self, timeout_s: float, tell: Callable[[str], None]) -> None:
        self._timeout_s, self._tell = timeout_s, tell
        self._waiting: dict[str, None] = {}
        self._end = time.monotonic() + _INVENTORY_S
        self._limit_s = _INVENTORY_S
        self._expected: list[str] = []
        self._rows: dict[str, Host] = {}
        self._said: deque[str] = deque(maxlen=_SAID)
        self._stopped: tuple[str, str] | None = None

    def hear(self, event: Mapping[str, Any]) -> bool:
        """Take one event; nothing is kept on disk."""
        data = event.get("event_data", {})
        if event.get("event") not in _ANSWERS:
            self._said.extend(str(event.get("stdout") or "").splitlines())
        elif data.get("task") == HOSTS_TASK:
            self._expect(json.loads(data["res"]["msg"]))
        elif data.get("task") == ASK_TASK:
            name = str(data["host"])
            self._rows[name] = answered(name, event["event"], data.get("res") or {}, self._timeout_s)
            self._waiting.pop(name, None)
            self._tell(self._progress())
        return False

    def _progress(self) -> str:
        names = ", ".join(printable(name, _NAME) for name in islice(self._waiting, _NAMED))
        return f"asking hosts {len(self._rows)}/{len(self._expected)}: {names}"

    def _expect(self, known: Mapping[str, Any]) -> None:
        """Know all hosts, and with them how long all of it may take."""
        self._expected = [str(name) for name in known["hosts"]]
        self._waiting = dict.fromkeys(self._expected)
        self._tell(self._progress())
        rounds = math.ceil(len(self._expected) / max(1, int(known["forks"])))
        self._limit_s = rounds * (self._timeout_s + _MORE_S) + _MORE_S
        self._end = time.monotonic() + self._limit_s

    @property
    def knows_hosts(self) -> bool:
        """Whether Ansible has named the hosts."""
        return bool(self._expected)

    @property
    def is_stopped(self) -> bool:
        """Whether Ansible was ended before it was done."""
        return self._stopped is not None

    def stop(self, kind: str, reason: str) -> None:
        """Have this said of each host that has not answered."""
        self._stopped = self._stopped or (kind, reason)

    def is_over(self) -> bool:
        """Whether Ansible has taken too long; then all that it started is ended.

        Raises:
            Interrupted: A signal was received, and something between here and there has lost its exception.
        """
        interrupts.raise_received()
        if time.monotonic() < self._end:
            return False
        self.stop("no answer", f"Ansible was ended after {words(self._limit_s)}")
        end_descendants()
        return True

    def rows(self) -> tuple[Host, ...]:
        """Return a row for each host, also for one of which nothing was heard.

        Raises:
            ConfigurationError: Ansible found no host.
        """
        if not self._expected and not self._rows:
            late = f"no answer in {words(self._limit_s)}" if self._stopped else ""
            why = why_no_host(self._said)
            raise ConfigurationError(f"Ansible asked no host: {late or why.reason}", why.hint)
        kind, reason = self._stopped or ("no answer", error_in(self._said) or "Ansible did not say what became of it")
        return (*self._rows.values(), *(without(name, kind, reason) for name in self._waiting))
