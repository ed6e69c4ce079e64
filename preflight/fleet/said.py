"""What Ansible prints when it asks no host: why, and what to do about it."""

from collections.abc import Iterable

from preflight.lib.records import frozen
from preflight.lib.text import printable

_LONGEST = 500
_ERRORS = ("[ERROR]: ", "ERROR! ", "[FATAL]: ")
_HINTS = (
    (
        ("vault", "decrypt"),
        "Name the file of the password: ANSIBLE_VAULT_PASSWORD_FILE, or vault_password_file in ansible.cfg.",
    ),
    (("parse", "inventory source"), "Correct the inventory: ansible-inventory -i INVENTORY --list"),
    (("limit", "no host"), "See which hosts there are: ansible-inventory -i INVENTORY --graph"),
)
_ELSE = "See what Ansible says: ansible all -i INVENTORY -m ping"


@frozen
class Why:
    """Why Ansible asked no host.

    Args:
        reason: One line, as Ansible worded it.
        hint: What to do.
    """

    reason: str
    hint: str


def error_in(lines: Iterable[str]) -> str:
    """Return the first error that Ansible printed; empty where it printed none."""
    for line in lines:
        for mark in _ERRORS:
            if line.startswith(mark):
                return printable(line.removeprefix(mark), _LONGEST)
    return ""


def why_no_host(lines: Iterable[str]) -> Why:
    """Return what is the matter where Ansible named no host."""
    said = [line.strip() for line in lines if line.strip()]
    if "skipping: no hosts matched" in said:
        reason = "the inventory has no host"
    else:
        # A traceback ends with the exception.
        reason = error_in(said) or (printable(said[-1], _LONGEST) if said else "it said nothing")
    # An inventory is tried as each kind in turn; the first is the kind that it looks like.
    tried = next((line for line in said if "Failed to parse inventory with" in line), "")
    if tried and "failed to parse inventory source" in reason:
        reason = printable(f"{reason}: {tried.partition(' plugin: ')[2] or tried}", _LONGEST)
    return Why(reason, next((hint for words, hint in _HINTS if any(word in reason for word in words)), _ELSE))
