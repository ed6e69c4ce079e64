"""preflight/fleet/settings.py: read as Ansible reads them, from the environment and the ansible.cfg of the folder."""

import re
from pathlib import Path

import pytest

from preflight.errors import ConfigurationError
from preflight.fleet.settings import complete, link_beside, passwords


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in an empty folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


def test_ansible_asks_for_nothing() -> None:
    """Unless it is set to."""
    assert passwords(None) == {}


def test_what_ansible_asks_for_is_typed_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each answer goes to its own question."""
    (folder / "ansible.cfg").write_text(
        "[defaults]\nask_vault_pass = true\nvault_identity_list = prod@prompt, dev@pw\n"
    )
    monkeypatch.setenv("ANSIBLE_BECOME_ASK_PASS", "1")
    answers = passwords(lambda question: f"for {question}")

    questions = ["BECOME password[defaults to SSH password]: ", "Vault password: ", "Vault password (prod): "]
    found = [[answer for pattern, answer in answers.items() if re.search(pattern, text)] for text in questions]
    assert found == [["for BECOME password"], ["for Vault password"], ["for Vault password (prod)"]]


def test_without_a_terminal_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cron does not wait five minutes for somebody to type."""
    monkeypatch.setenv("ANSIBLE_ASK_VAULT_PASS", "1")
    with pytest.raises(ConfigurationError, match=r"Vault password .* no terminal") as caught:
        passwords(None)
    assert "ANSIBLE_VAULT_PASSWORD_FILE" in caught.value.hint


def test_a_configuration_that_cannot_be_read(folder: Path) -> None:
    """In the words of Ansible."""
    (folder / "ansible.cfg").write_text("[defaults\n")
    with pytest.raises(ConfigurationError, match="no section headers"):
        passwords(None)


def test_the_check_of_host_keys_is_the_operators(monkeypatch: pytest.MonkeyPatch) -> None:
    """What ansible-runner sets is undone, what the operator sets is not."""
    monkeypatch.delenv("ANSIBLE_HOST_KEY_CHECKING", raising=False)
    environ = {"ANSIBLE_HOST_KEY_CHECKING": "False", "ANSIBLE_VERBOSITY": "4", "ANSIBLE_FORCE_COLOR": "1"}
    complete(environ, "/private")
    assert environ["ANSIBLE_VERBOSITY"] == "0"
    assert environ["ANSIBLE_LOCAL_TEMP"] == "/private"
    assert not {"ANSIBLE_HOST_KEY_CHECKING", "ANSIBLE_FORCE_COLOR"} & {*environ}

    monkeypatch.setenv("ANSIBLE_HOST_KEY_CHECKING", "False")
    environ = {"ANSIBLE_HOST_KEY_CHECKING": "False"}
    complete(environ, "/private")
    assert environ["ANSIBLE_HOST_KEY_CHECKING"] == "False"


def test_what_stands_beside_the_operators_playbooks_is_found(folder: Path) -> None:
    """But nothing of a folder where everybody may write: its plug-ins are code."""
    (folder / "filter_plugins").mkdir()
    (folder / "group_vars").write_text("a file")
    (folder / "project").mkdir()
    folder.chmod(0o777)
    link_beside(folder / "project", folder)
    assert [*(folder / "project").iterdir()] == []

    folder.chmod(0o755)
    link_beside(folder / "project", folder)
    assert [path.resolve() for path in (folder / "project").iterdir()] == [folder / "filter_plugins"]
