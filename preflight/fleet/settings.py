"""The operator's settings of Ansible that matter to us: what it asks for at a terminal, and what we set ourselves."""

import os
import re
import stat
from collections.abc import Callable, Iterator, MutableMapping
from pathlib import Path

from preflight.errors import ConfigurationError
from preflight.lib.text import printable

_OURS = {
    # nobody but us reads what Ansible prints, and with a higher verbosity `log_path` would have whole reports
    "ANSIBLE_NOCOLOR": "1",
    "ANSIBLE_VERBOSITY": "0",
    "ANSIBLE_DEPRECATION_WARNINGS": "0",
    "ANSIBLE_LOCALHOST_WARNING": "0",
}
_UNPARSED = "ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED"
_LOCAL_TEMP = "ANSIBLE_LOCAL_TEMP"
_HOST_KEYS = "ANSIBLE_HOST_KEY_CHECKING"

_AT_TERMINAL = {
    "DEFAULT_ASK_PASS": ("SSH password", "ask_pass is set"),
    "DEFAULT_BECOME_ASK_PASS": ("BECOME password", "become_ask_pass is set"),
    "DEFAULT_ASK_VAULT_PASS": ("Vault password", "ask_vault_pass is set"),
}
_PLUGINS = ("become", "callback", "connection", "filter", "inventory", "lookup", "shell", "test", "vars")
_BESIDE = ("group_vars", "host_vars", "files", "vars", "collections", *(f"{kind}_plugins" for kind in _PLUGINS))
"""What Ansible looks for beside a playbook."""

_PROMPTS = {"prompt": "Vault password ({})", "prompt_ask_vault_pass": "Vault password"}
"""What stands behind the @ of an entry of vault_identity_list, and the question that it makes Ansible ask."""


def complete(environ: MutableMapping[str, str], folder: str) -> None:
    """Set in the environment of Ansible what we need, and undo what ansible-runner sets against the operator's will.

    Args:
        environ: The environment that ansible-runner has made of ours.
        folder: A private folder for what Ansible sends to hosts: it leaves that behind where it is killed.
    """
    environ.pop("ANSIBLE_FORCE_COLOR", None)
    environ.update(_OURS)
    environ.setdefault(_LOCAL_TEMP, folder)
    environ.setdefault(_UNPARSED, "1")  # hosts of an inventory that cannot be read would be left out
    if _HOST_KEYS not in os.environ:  # ansible-runner switches the check of host keys off; ansible.cfg decides
        environ.pop(_HOST_KEYS, None)


def link_beside(project: Path, here: Path) -> None:
    """Let Ansible find beside our playbook what it would find beside one of the operator.

    Args:
        project: The folder of our playbook.
        here: The operator's folder. Where everybody may write, Ansible trusts no ansible.cfg, and we
            trust nothing.
    """
    if here.stat().st_mode & stat.S_IWOTH:
        return
    for name in _BESIDE:
        if (here / name).is_dir():
            (project / name).symlink_to(here / name)


def passwords(type_in: Callable[[str], str] | None) -> dict[str, str]:
    """Return what to answer when Ansible asks: a regular expression of each question, and what was typed.

    Args:
        type_in: Lets a person type the answer to a question; ``None`` where there is nobody.

    Raises:
        ConfigurationError: ansible.cfg cannot be read, or Ansible is set to ask and there is nobody.
    """
    answers: dict[str, str] = {}
    for question, why in _questions():
        if type_in is None:
            raise ConfigurationError(
                f"Ansible wants to ask for the {question} ({why}), and there is no terminal",
                "Give it in a file: ANSIBLE_VAULT_PASSWORD_FILE, ANSIBLE_BECOME_PASSWORD_FILE or "
                "ANSIBLE_CONNECTION_PASSWORD_FILE.",
            )
        # What follows may say that another password is the default.
        answers[rf"{re.escape(question)}(\[[^\]]*\])?: $"] = type_in(question)
    return answers


def _questions() -> Iterator[tuple[str, str]]:
    """Yield what Ansible will ask, and which setting says so."""
    from ansible.config.manager import ConfigManager  # only installed with the extra
    from ansible.errors import AnsibleError

    try:
        settings = ConfigManager()
        asked = {name: settings.get_config_value(name) for name in _AT_TERMINAL}
        identities = settings.get_config_value("DEFAULT_VAULT_IDENTITY_LIST")
    except AnsibleError as error:
        raise ConfigurationError(f"Ansible's configuration: {printable(str(error), 300)}", "Correct it.") from error
    for name, (question, why) in _AT_TERMINAL.items():
        if asked[name]:
            yield question, why
    for identity in identities:
        name, _, source = str(identity).rpartition("@")
        if source in _PROMPTS:
            yield _PROMPTS[source].format(name or "default"), f"vault_identity_list has {identity}"
