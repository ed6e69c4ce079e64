"""The play that asks every host of an inventory, and what one host's answer means."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from preflight.fleet.host import Host, host_of, without_report
from preflight.fleet.saved import LIMIT, report_in
from preflight.lib.durations import words
from preflight.lib.jsonshape import WrongShapeError

HOSTS_TASK = "Name all hosts"
ASK_TASK = "Run preflight"

_PLAY = """\
- name: preflight
  hosts: all
  gather_facts: false
  strategy: linear
  order: inventory
  any_errors_fatal: false
  ignore_unreachable: true
  ignore_errors: true
  tasks:
    - name: {hosts_task}
      run_once: true
      ansible.builtin.debug:
        msg: "{{{{ {{'hosts': ansible_play_hosts_all, 'forks': ansible_forks}} | to_json }}}}"
    - name: {ask_task}
      timeout: {timeout}
      changed_when: false
      failed_when: false
      check_mode: false
      vars:
        preflight_fleet_options: [{options}]
        preflight_fleet_command: "{{{{ preflight_command | default('preflight') }}}}"
        preflight_fleet_program: >-
          {{{{ preflight_fleet_command.split() if preflight_fleet_command is string else preflight_fleet_command }}}}
      ansible.builtin.command:
        argv: "{{{{ {limit} + preflight_fleet_program + preflight_fleet_options }}}}"
        chdir: "{{{{ preflight_chdir | default(omit, true) }}}}"
"""
_KILL_S = 2
_CONNECTION_S = 10
_TIMED_OUT = (124, 137)
"""How timeout(1) ends when it ended the program, or killed it."""

_FULL = ("--format", "json")
_HINTS = {
    "unreachable": "See whether ssh reaches it: ansible NAME -m ping",
    "interrupted": "Run the command again. With --limit it asks only some hosts.",
    "timed out": "See what hangs there, or give it more time with --timeout.",
    "no report": "See that preflight is installed there, and preflight_command and preflight_chdir are right.",
}


def play(options: Sequence[str], timeout_s: float) -> str:
    """Return the playbook.

    Args:
        options: The options of ``preflight run``; nothing in them is a template to Ansible.
        timeout_s: For each host.
    """
    unsafe = ", ".join(f"!unsafe {json.dumps(each)}" for each in ("run", *options, *_FULL))
    seconds = max(1, round(timeout_s))
    # On the host, the time limit of coreutils ends the program; a host that does not answer at all is given up later.
    limit = ["timeout", "-k", str(_KILL_S), str(seconds)]
    return _PLAY.format(
        hosts_task=HOSTS_TASK, ask_task=ASK_TASK, options=unsafe, limit=limit, timeout=seconds + _CONNECTION_S
    )


def answered(name: str, event: str, result: Mapping[str, Any], timeout_s: float) -> Host:
    """Return the row of a host.

    Args:
        name: In the inventory.
        event: How Ansible calls what happened, e.g. ``runner_on_unreachable``.
        result: What Ansible says of it; written by the host in part.
        timeout_s: The time that it had, in seconds.
    """
    if event == "runner_on_unreachable":
        return _without(name, "unreachable", _text(result, "msg") or "Ansible could not reach it")
    if result.get("timedout") or result.get("rc") in _TIMED_OUT:
        return _without(name, "timed out", f"no answer in {words(timeout_s)}")
    written = _text(result, "stdout")
    if not written.strip():
        return _without(name, "no report", _why(result))
    if len(written) > LIMIT:
        return _without(name, "no report", f"the program printed more than {LIMIT >> 20} MiB")
    try:
        return host_of(report_in(written), name)
    except WrongShapeError as error:
        return _without(name, "no report", f"what the program printed is no report: {error}")


def unheard(name: str, kind: str, reason: str) -> Host:
    """Return the row of a host of which nothing was heard.

    Args:
        name: In the inventory.
        kind: One or two words, e.g. ``interrupted``.
        reason: Why.
    """
    return _without(name, kind, reason)


def _without(name: str, kind: str, reason: str) -> Host:
    return without_report(name, kind, reason, _HINTS.get(kind, "").replace("NAME", name))


def _why(result: Mapping[str, Any]) -> str:
    """Return why the program printed nothing: its last line on standard error, else what Ansible says."""
    said = [line for line in _text(result, "stderr").splitlines() if line.strip()]
    before = [line for line in _text(result, "module_stderr").splitlines() if line.strip()]
    reason = said[-1] if said else ": ".join(each for each in (_text(result, "msg"), *before[:1]) if each)
    code = result.get("rc")
    ended = f"the program ended with exit code {code}" if isinstance(code, int) else "the program was not run"
    return f"{ended}: {reason}" if reason else f"{ended} and printed nothing"


def _text(result: Mapping[str, Any], key: str) -> str:
    value = result.get(key)
    return value if isinstance(value, str) else ""
