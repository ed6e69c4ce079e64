"""The play that asks every host of an inventory."""

from collections.abc import Sequence
from pathlib import Path

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
      environment:  # set on a host for its health job, they would have it print nothing
        PREFLIGHT_QUIET: "0"
        PREFLIGHT_ON_CHANGE: "0"
      vars:
        preflight_fleet_options: [{options}]
        preflight_fleet_here: !unsafe {here}
        preflight_fleet_command: "{{{{ lookup('ansible.builtin.vars', 'preflight_command', default='preflight') }}}}"
        preflight_fleet_folder: "{{{{ lookup('ansible.builtin.vars', 'preflight_chdir', default='') }}}}"
        preflight_fleet_program: >-
          {{{{ preflight_fleet_command.split() if preflight_fleet_command is string else preflight_fleet_command }}}}
      ansible.builtin.command:
        expand_argument_vars: false
        argv: "{{{{ {limit} + preflight_fleet_program + preflight_fleet_options }}}}"
        chdir: >-
          {{{{ preflight_fleet_folder or
          (preflight_fleet_here if ansible_connection | default('') == 'local' else omit) }}}}
"""
_KILL_S = 2
_CONNECTION_S = 10
_FULL = ("--format", "json")


def play(options: Sequence[str], timeout_s: float, here: Path) -> str:
    """Return the playbook.

    Args:
        options: The options of ``preflight run``; nothing in them is a template to Ansible.
        timeout_s: For each host.
        here: The operator's folder: where a host without preflight_chdir is this machine, the program runs there.
    """
    unsafe = ", ".join(f"!unsafe {_quoted(each)}" for each in ("run", *options, *_FULL))
    seconds = max(1, round(timeout_s))
    # On the host, the time limit of coreutils ends the program; a host that does not answer at all is given up later.
    limit = ["timeout", "-k", str(_KILL_S), str(seconds)]
    return _PLAY.format(
        hosts_task=HOSTS_TASK,
        ask_task=ASK_TASK,
        options=unsafe,
        limit=limit,
        timeout=seconds + _CONNECTION_S,
        here=_quoted(str(here)),
    )


def _quoted(text: str) -> str:
    """Return a text as a double-quoted scalar of YAML 1.1, with every character escaped that could mean something."""
    return '"' + "".join(each if each.isascii() and each.isalnum() else f"\\U{ord(each):08x}" for each in text) + '"'
