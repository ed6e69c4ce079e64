"""The one door to Ansible: ansible-runner, in a private folder that is removed afterwards.

Inventories, variables, vault, become, connections and ansible.cfg are the operator's own: ``ansible-playbook`` stands
in the operator's folder and has the operator's environment.
"""

import json
import math
import os
import shlex
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from preflight.errors import ConfigurationError
from preflight.fleet.host import Host
from preflight.fleet.play import ASK_TASK, HOSTS_TASK, answered, play, unheard
from preflight.lib import temporary
from preflight.lib.descendants import end_descendants
from preflight.lib.durations import words
from preflight.lib.installing import how_to_install
from preflight.lib.records import frozen
from preflight.lib.text import printable

_KIND = "fleet"
_FILE = "preflight-fleet-run.yml"
_ANSWERS = frozenset({"runner_on_ok", "runner_on_failed", "runner_on_unreachable", "runner_on_skipped"})
_INVENTORY_S = 300.0
"""Seconds that Ansible has to start and to read the inventory, which may ask a cloud."""

_MORE_S = 30.0
"""Seconds that a host may take on top of its time: the connection is closed, the next host has its turn."""

_SAID = 20
"""Lines kept of what Ansible prints."""

_HOST_KEYS = "ANSIBLE_HOST_KEY_CHECKING"


@frozen
class Order:
    """What to ask of whom.

    Args:
        inventories: As ``ansible -i`` takes them; empty for that of ansible.cfg.
        limit: As ``ansible --limit`` takes it; empty for all hosts.
        forks: Hosts at once; ``None`` for what ansible.cfg says.
        timeout_s: For each host.
        options: The options of ``preflight run``.
    """

    inventories: tuple[str, ...]
    limit: str
    forks: int | None
    timeout_s: float
    options: tuple[str, ...]


def ask(order: Order) -> tuple[Host, ...]:
    """Run preflight on each host and return a row for each.

    Raises:
        ConfigurationError: ansible-runner or Ansible is not installed, or the inventory gives no host.
        CouldNotLook: There is no room for temporary files.
    """
    playbook = _ansible_playbook()
    temporary.remove_left_folders(_KIND)
    folder = temporary.temporary_folder(_KIND)
    try:
        return _ask_in(folder, playbook, order)
    finally:
        temporary.remove_folder(folder)


def _ansible_playbook() -> str:
    """Return the program: of the Python that runs us, else on PATH, as ansible-runner finds it."""
    beside = Path(sys.executable).with_name("ansible-playbook")
    return str(beside) if os.access(beside, os.X_OK) else "ansible-playbook"


def _ask_in(folder: Path, playbook: str, order: Order) -> tuple[Host, ...]:
    try:
        import ansible_runner  # a second of its own, and only installed with the extra
    except ImportError as error:
        raise ConfigurationError(
            "preflight fleet run needs ansible-runner, which is not installed here",
            how_to_install("fleet"),
        ) from error
    (folder / "project").mkdir()
    (folder / "project" / _FILE).write_text(play(order.options, order.timeout_s), encoding="utf-8")
    listening = _Listening(order.timeout_s)
    words_for_ansible = [word for each in order.inventories for word in ("-i", each)]
    words_for_ansible += ["--limit", order.limit] if order.limit else []
    words_for_ansible += ["--forks", str(order.forks)] if order.forks else []
    runner = ansible_runner.interface.init_runner(
        private_data_dir=str(folder),
        playbook=_FILE,
        cmdline=shlex.join(words_for_ansible),
        settings={"pexpect_timeout": 1},
        quiet=True,
        suppress_env_files=True,
        event_handler=listening.hear,
        cancel_callback=listening.is_over,
    )
    runner.config.command = _in_full(runner.config.command, playbook, folder)
    runner.config.cwd = str(Path.cwd())
    if _HOST_KEYS not in os.environ:  # ansible-runner switches the check of host keys off; ansible.cfg decides
        runner.config.env.pop(_HOST_KEYS, None)
    try:
        runner.run()
    finally:
        end_descendants()
    return listening.rows()


def _in_full(command: Sequence[str], playbook: str, folder: Path) -> list[str]:
    """Return the command line with whole paths: Ansible stands in the operator's folder."""
    whole = str(folder / "project" / _FILE)
    return [playbook, *(whole if word == _FILE else word for word in command[1:])]


class _Listening:
    """Collects what Ansible reports, host by host."""

    def __init__(self, timeout_s: float) -> None:
        self._timeout_s = timeout_s
        self._end = time.monotonic() + _INVENTORY_S
        self._limit_s = _INVENTORY_S
        self._expected: list[str] = []
        self._rows: dict[str, Host] = {}
        self._said: list[str] = []
        self._late = False

    def hear(self, event: Mapping[str, Any]) -> bool:
        """Take one event; nothing is kept on disk."""
        data = event.get("event_data", {})
        if event.get("event") not in _ANSWERS:
            self._said = [*self._said, *str(event.get("stdout") or "").splitlines()][-_SAID:]
        elif data.get("task") == HOSTS_TASK:
            self._expect(json.loads(data["res"]["msg"]))
        elif data.get("task") == ASK_TASK:
            name = str(data["host"])
            self._rows[name] = answered(name, event["event"], data.get("res") or {}, self._timeout_s)
        return False

    def _expect(self, known: Mapping[str, Any]) -> None:
        """Know all hosts, and with them how long all of it may take."""
        self._expected = [str(name) for name in known["hosts"]]
        rounds = math.ceil(len(self._expected) / max(1, int(known["forks"])))
        self._limit_s = rounds * (self._timeout_s + _MORE_S) + _MORE_S
        self._end = time.monotonic() + self._limit_s

    def is_over(self) -> bool:
        """Whether Ansible has taken too long; then all it started is ended."""
        if time.monotonic() < self._end:
            return False
        self._late = True
        end_descendants()
        return True

    def rows(self) -> tuple[Host, ...]:
        """Return a row for each host, also for one of which nothing was heard.

        Raises:
            ConfigurationError: Ansible found no host.
        """
        told = next((line for line in self._said if "ERROR" in line or "fatal" in line), "")
        if not self._expected and not self._rows:
            reason = f"no answer in {words(self._limit_s)}" if self._late else printable(told or " ".join(self._said))
            raise ConfigurationError(
                f"Ansible asked no host: {reason or 'it said nothing'}",
                "See that the inventory and the limit name hosts: ansible-inventory -i INVENTORY --list",
            )
        late = f"Ansible was ended after {words(self._limit_s)}"
        missing = [name for name in self._expected if name not in self._rows]
        rest = [
            unheard(name, late if self._late else told or "Ansible did not say what became of it") for name in missing
        ]
        return (*self._rows.values(), *rest)
