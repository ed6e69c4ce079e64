"""The one door to Ansible: ansible-runner, in a private folder that is removed afterwards.

Inventories, variables, vault, become, connections and ansible.cfg are the operator's own: ``ansible-playbook`` stands
in the operator's folder and has the operator's environment.
"""

import os
import shlex
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from preflight.errors import ConfigurationError
from preflight.fleet.host import Host
from preflight.fleet.listening import Listening
from preflight.fleet.play import play
from preflight.fleet.settings import complete, link_beside, passwords
from preflight.lib import interrupts, temporary
from preflight.lib.descendants import end_descendants
from preflight.lib.installing import how_to_install
from preflight.lib.records import frozen

_KIND = "fleet"
_FILE = "preflight-fleet-run.yml"


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


def ask(order: Order, type_in: Callable[[str], str] | None, tell: Callable[[str], None]) -> tuple[Host, ...]:
    """Run preflight on each host and return a row for each; whoever interrupts it gets those that have answered.

    Args:
        order: What to ask of whom.
        type_in: Lets a person type a password that Ansible is set to ask for; ``None`` where there is nobody.
        tell: Is told, in one line, how far it is; nothing at the end.

    Raises:
        ConfigurationError: ansible-runner or Ansible is not installed, its configuration is wrong, it wants a password
            and there is nobody to type one, or the inventory gives no host.
        CouldNotLook: There is no room for temporary files.
        Interrupted: Before Ansible had named the hosts.
    """
    try:
        import ansible_runner  # half a second of its own, and only installed with the extra
    except ImportError as error:
        raise ConfigurationError(
            "preflight fleet run needs ansible-runner, which is not installed here",
            how_to_install("fleet"),
        ) from error
    answers = passwords(type_in)
    temporary.remove_left_folders(_KIND)
    folder = temporary.temporary_folder(_KIND)
    try:
        tell("reading the inventory")
        listening = Listening(order.timeout_s, tell)
        _run(_runner(ansible_runner, folder, order, answers, listening), listening, mark=str(folder))
        return listening.rows()
    finally:
        tell("")
        temporary.remove_folder(folder)


def _ansible_playbook() -> str:
    """Return the program: of the Python that runs us, else on PATH, as ansible-runner finds it."""
    beside = Path(sys.executable).with_name("ansible-playbook")
    return str(beside) if os.access(beside, os.X_OK) else "ansible-playbook"


def _runner(
    ansible_runner: ModuleType, folder: Path, order: Order, answers: Mapping[str, str], listening: Listening
) -> Any:
    """Return what runs the play: in the operator's folder, with the operator's environment."""
    (folder / "project").mkdir()
    link_beside(folder / "project", Path.cwd())
    (folder / "project" / _FILE).write_text(play(order.options, order.timeout_s, Path.cwd()), encoding="utf-8")
    words_for_ansible = [f"--inventory={each}" for each in order.inventories]
    words_for_ansible += [f"--limit={order.limit}"] if order.limit else []
    words_for_ansible += [f"--forks={order.forks}"] if order.forks else []
    runner = ansible_runner.interface.init_runner(
        private_data_dir=str(folder),
        playbook=_FILE,
        cmdline=shlex.join(words_for_ansible),
        settings={"pexpect_timeout": 1, "suppress_output_file": True},
        passwords=dict(answers),
        fact_cache_type="",  # the operator's
        quiet=True,
        suppress_env_files=True,
        event_handler=listening.hear,
        cancel_callback=listening.is_over,
    )
    runner.config.command = _in_full(runner.config.command, folder)
    runner.config.cwd = str(Path.cwd())
    complete(runner.config.env, str(folder))
    return runner


def _run(runner: Any, listening: Listening, mark: str) -> None:
    """Let Ansible run; where it is interrupted or late, end all that it has started."""
    try:
        runner.run()
    except interrupts.Interrupted:
        if not listening.knows_hosts:
            raise
        listening.stop("interrupted", "preflight was interrupted before it answered")
    finally:
        end_descendants(mark if listening.is_stopped else "")


def _in_full(command: Sequence[str], folder: Path) -> list[str]:
    """Return the command line with whole paths: Ansible stands in the operator's folder."""
    whole = str(folder / "project" / _FILE)
    return [_ansible_playbook(), *(whole if word == _FILE else word for word in command[1:])]
