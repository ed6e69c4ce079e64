"""preflight/fleet/said.py: lines as ansible-core 2.19 prints them."""

import pytest

from preflight.fleet.said import error_in, why_no_host

SCRIPT = "[WARNING]: Failed to parse inventory with 'script' plugin: Inventory script returned non-zero exit code 4."
INI = "[WARNING]: Failed to parse inventory with 'ini' plugin: Invalid host pattern"
UNREADABLE = "[ERROR]: Completely failed to parse inventory source /srv/dyn"


@pytest.mark.parametrize(
    ("lines", "reason", "hint"),
    [
        ([], "it said nothing", "-m ping"),
        (["", "PLAY [preflight] ***", "skipping: no hosts matched", "PLAY RECAP ***"], "the inventory has no host",
         "--graph"),
        (["[ERROR]: Specified inventory, host pattern and/or --limit leaves us with no hosts to target."],
         "Specified inventory, host pattern and/or --limit leaves us with no hosts to target.", "--graph"),
        ([UNREADABLE], "Completely failed to parse inventory source /srv/dyn", "--list"),
        ([SCRIPT, "", INI, UNREADABLE],
         "Completely failed to parse inventory source /srv/dyn: Inventory script returned non-zero exit code 4.",
         "--list"),
        (["[ERROR]: Attempting to decrypt but no vault secrets found.", "Origin: x"],
         "Attempting to decrypt but no vault secrets found.", "ANSIBLE_VAULT_PASSWORD_FILE"),
        (["Traceback", "ansible.errors.AnsibleOptionsError: Config\x1b[2J"],
         "ansible.errors.AnsibleOptionsError: Config [2J", "-m ping"),
    ],
    ids=["nothing", "empty", "limit", "unreadable", "script", "vault", "traceback"],
)  # fmt: skip
def test_why_no_host_was_asked(lines: list[str], reason: str, hint: str) -> None:
    """In Ansible's words, with what to do."""
    why = why_no_host(lines)

    assert why.reason == reason
    assert hint in why.hint


def test_the_first_error_counts() -> None:
    """Warnings are none."""
    assert error_in(["[WARNING]: a", "[ERROR]: b", "ERROR! c"]) == "b"
    assert error_in(["ok: [web-1]"]) == ""
