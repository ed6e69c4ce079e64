"""preflight/cli/fleet_run.py: a person at a terminal, whom real Ansible asks for the password of a vault."""

import os
import pty
import select
import subprocess
import sys
import time
from pathlib import Path

from preflight.report import Style
from preflight.run.reporters.json_report import render
from tests.fakes.fleet import host_report
from tests.real.ansible_hosts import LOCAL, program

SOURCE = str(Path(__file__).resolve().parents[3])
PASSWORD = "open-sesame"
VAULT = """\
$ANSIBLE_VAULT;1.1;AES256
64613866643933383231663537663265663430303363353733393036666132396339623936393534
6132343261326331383737343365353939643931323032310a663562393966626230613465336436
65646364613663636665366364356464393865346236613237343064343638343235306339336234
3639353665376161380a636462366364613331316464613735343832316164326335303237666461
38326363633334616462333835646365636261353336356532373031383538376661
"""
"""``who: vault-knows-this``, encrypted with the password."""


def at_terminal(words: list[str], cwd: Path, environ: dict[str, str], typed: str) -> tuple[int, str]:
    """Run a command on a pseudo-terminal, answer its question, return exit code and what was shown."""
    master, slave = pty.openpty()
    process = subprocess.Popen(
        words, cwd=cwd, env=environ, stdin=slave, stdout=slave, stderr=slave, start_new_session=True
    )
    os.close(slave)
    shown, end = b"", time.monotonic() + 60
    while time.monotonic() < end and select.select([master], [], [], 60)[0]:
        try:
            chunk = os.read(master, 65536)
        except OSError:  # the other side is closed
            break
        shown += chunk
        if b"password: " in chunk:
            os.write(master, f"{typed}\n".encode())
    os.close(master)
    return process.wait(timeout=30), shown.decode()


def test_a_person_types_the_password_and_sees_how_far_it_is(tmp_path: Path) -> None:
    """The vault opens, the password is not shown, and the line of progress is gone before the table."""
    (tmp_path / "report.json").write_text(render(host_report("vm"), Style()))
    good = program(tmp_path / "good", f'[ "$VAULT" = vault-knows-this ] && cat {tmp_path}/report.json')
    (tmp_path / "group_vars").mkdir()
    (tmp_path / "group_vars" / "all.yml").write_text(VAULT)
    command = f"preflight_command='env VAULT={{{{ who }}}} {good}'"
    (tmp_path / "hosts").write_text(f"web-1 {LOCAL} {command}\n")
    (tmp_path / "ansible.cfg").write_text("[defaults]\nask_vault_pass = true\n")
    environ = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "PYTHONPATH": SOURCE, "TERM": "xterm"}
    words = [sys.executable, "-m", "preflight", "fleet", "run", "-i", "hosts", "--old", "366d"]
    code, shown = at_terminal(words, tmp_path, environ, PASSWORD)

    assert code == 0, shown
    assert PASSWORD not in shown
    assert "asking hosts 0/1: web-1" in shown
    question, *progress, table = shown.split("\r\x1b[K")
    assert question == "Vault password: \r\n"
    assert progress[0] == "reading the inventory"
    assert table.splitlines()[1].split()[:2] == ["ok", "web-1"]
