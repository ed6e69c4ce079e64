"""Hosts with a real sshd each, asked once by the real Ansible and the real preflight; and many local ones."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from provision import busybox
from provision.cache import ROOT
from provision.sample import COMPOSE_FILE, IMAGE, PIN_FILE, SERVICE, VARIABLE

from preflight.report import Style
from preflight.run.reporters.json_report import render
from tests.fakes.fleet import DIGESTS, host_report
from tests.real.ansible_hosts import LOCAL, program
from tests.real.cli import PreflightCli
from tests.real.engine import RealEngine, real_engine
from tests.real.git import GitRepository
from tests.real.ssh_hosts import SshHosts, ssh_hosts

VAULT_PASSWORD, BECOME_PASSWORD = "open-sesame-1187", "let-me-in-4711"
_HASHED = "$6$preflight$f1Yusm13nV2Y8d.RfW2VGfN/cvY2SDlxTH7SN66SuBo84d3c/WMt25rLYsfn2iTGZjH5LcBZs7DwJLwXYKCPd1"
"""The password of become as /etc/shadow has it."""


@dataclass(frozen=True)
class Asked:
    """What became of one ``preflight fleet run``.

    Args:
        done: The process.
        folder: Where it ran.
    """

    done: subprocess.CompletedProcess[str]
    folder: Path

    def rows(self) -> dict[str, tuple[str, str]]:
        """Return verdict and first failure of each host, read from the table."""
        lines = self.done.stdout.split("\n\n", 1)[0].splitlines()
        place = lines[0].index("FIRST FAILURE")
        return {line.split()[1]: (line.split()[0], line[place:].strip()) for line in lines[1:]}


def deployed(folder: Path, release: str, engine: RealEngine) -> dict[str, Any]:
    """Check out and run the sample with a release pinned; return the variables of its host."""
    shutil.copytree(ROOT / "docker" / "sample", folder)
    (folder / PIN_FILE).write_text(f"{VARIABLE}=ghcr.io/ls1intum/hephaestus/agent@{DIGESTS[release]}\n")
    repository = GitRepository(folder)
    repository.git("init", "-q")
    repository.commit(message=f"Pin agent {release}")
    busybox.import_image(IMAGE, engine.environ)
    engine.compose("-f", COMPOSE_FILE, "up", "--detach", "--no-deps", SERVICE, cwd=folder)
    environ = [f"{name}={value}" for name, value in engine.environ.items()]
    return {"preflight_chdir": str(folder), "preflight_command": ["env", *environ, sys.executable, "-m", "preflight"]}


def with_sudo(hosts: SshHosts, folder: Path) -> str:
    """Add a host with a user who has to type a password for sudo; return its address."""
    home = folder / "home-of-deploy"
    home.mkdir()
    shutil.chown(home, 4711, 4711)
    others = {
        "passwd": (Path("/etc/passwd").read_text() + f"deploy:x:4711:4711::{home}:/bin/sh\n", 0o644),
        "shadow": (f"root:*:19000::::::\ndeploy:{_HASHED}:19000::::::\n", 0o600),
        "sudoers": ("deploy ALL=(ALL) ALL\n", 0o440),
    }
    for name, (text, mode) in others.items():
        (folder / name).write_text(text)
        (folder / name).chmod(mode)
    return hosts.add(files={Path("/etc", name): folder / name for name in others})


def write_inventory(folder: Path, hosts: SshHosts, variables: dict[str, dict[str, Any]]) -> None:
    """Write it with group variables beside it, one file of them in a vault."""
    (folder / "inventory" / "group_vars" / "all").mkdir(parents=True)
    inventory = {"all": {"hosts": variables}}
    (folder / "inventory" / "hosts.json").write_text(json.dumps(inventory))
    common = {
        "ansible_user": "root",
        "ansible_ssh_private_key_file": str(hosts.key),
        "ansible_python_interpreter": "/usr/bin/python3",
        "ansible_ssh_args": f"-o UserKnownHostsFile={folder}/known_hosts",
    }
    (folder / "inventory" / "group_vars" / "all" / "common.json").write_text(json.dumps(common))
    secret = folder / "inventory" / "group_vars" / "all" / "vault.yml"
    secret.write_text(f"vault_become: {BECOME_PASSWORD}\n")
    (folder / "password").write_text(VAULT_PASSWORD)
    vault = Path(sys.executable).with_name("ansible-vault")
    words = [str(vault), "encrypt", "--vault-password-file", str(folder / "password"), str(secret)]
    subprocess.run(words, check=True, capture_output=True, timeout=60, env={"HOME": str(folder), "PATH": "/usr/bin"})
    (folder / "ansible.cfg").write_text("[defaults]\nvault_password_file = password\nlog_path = ansible.log\n")


@pytest.fixture(scope="module")
def asked(engine: RealEngine) -> Iterator[Asked]:
    """All hosts, asked once: what each of them says is read from that."""
    with TemporaryDirectory(prefix="fleet-hosts-") as name:  # pytest's own folder is root's alone; here is a user, too
        Path(name).chmod(0o755)
        yield ask(Path(name), engine)


def ask(folder: Path, engine: RealEngine) -> Asked:
    """Make the hosts, ask them, and take them away."""
    (folder / "tmp").mkdir()
    # What every process on this machine shows of itself while Ansible is on the host with sudo.
    shown = program(folder / "ps", f"id -un >{folder}/user; cat /proc/[0-9]*/cmdline >{folder}/shown; echo no report")
    with real_engine() as second, ssh_hosts(folder) as hosts:
        sudo = {
            "ansible_host": with_sudo(hosts, folder), "ansible_user": "deploy", "ansible_become": True,
            "ansible_become_method": "sudo", "preflight_command": str(shown),
        }  # fmt: skip
        new = {**deployed(folder / "new", "1.4.2", engine), "ansible_host": hosts.add()}
        strange = {**new, "ansible_ssh_args": "-o UserKnownHostsFile=/dev/null"}
        variables = {
            "web-1": new,
            "web-2": {"ansible_host": hosts.add(sshd=False)},
            "web-3": {**deployed(folder / "old", "1.4.1", second), "ansible_host": hosts.add()},
            "web-4": {"ansible_host": hosts.add(files={Path("/usr/bin/python3").resolve(): Path("/dev/null")})},
            "web-5": {"ansible_host": hosts.add(command="exec sleep 60")},
            "web-6": {**sudo, "ansible_become_password": "{{ vault_become }}"},
            "web-7": sudo,
            "web-8": strange,
        }
        write_inventory(folder, hosts, variables)
        words = ("fleet", "run", "-i", "inventory", "--forks", "8", "--timeout", "8", "-v", "--")
        environ = {"COLUMNS": "160", "TMPDIR": str(folder / "tmp"), "ANSIBLE_VERBOSITY": "3"}
        options = ("--stage", "after", "--only", "pin-file", "--only", "coolify-env-file")
        return Asked(PreflightCli(folder)(*words, *options, cwd=folder, env=environ), folder)


def test_every_host_has_its_row(asked: Asked) -> None:
    """Two run what they pin; one is not there, one has no Python, one hangs; sudo wants a password; one is unknown."""
    assert asked.done.stderr == ""
    assert asked.rows() == {
        "web-1": ("ok", ""),
        "web-2": ("ERROR", "unreachable"),
        "web-3": ("ok", ""),
        "web-4": ("ERROR", "no Python"),
        "web-5": ("ERROR", "timed out"),
        "web-6": ("ERROR", "no report"),
        "web-7": ("ERROR", "become"),
        "web-8": ("ERROR", "unreachable"),
    }
    assert "Host key verification failed." in asked.done.stdout
    assert asked.done.stdout.endswith("8 hosts: 6 could not tell, 2 well. Exit 3.\n")
    assert asked.done.returncode == 3


def test_what_differs_is_told(asked: Asked) -> None:
    """The old pin, and what the engines of both hosts run."""
    lines = asked.done.stdout.splitlines()
    for what in ("pinned", "running"):
        said = next(line for line in lines if line.startswith(f"{VARIABLE} {what}: "))
        assert all(f"sha256:{digest[7:19]}" in said for digest in DIGESTS.values()), said


def test_no_password_is_shown(asked: Asked) -> None:
    """Sudo got it from the vault; neither output, log, process list nor a file that stays has it."""
    assert (asked.folder / "user").read_text() == "root\n"
    texts = [asked.done.stdout, asked.done.stderr, (asked.folder / "shown").read_bytes().decode(errors="replace")]
    texts.append((asked.folder / "ansible.log").read_text())
    for secret in (BECOME_PASSWORD, VAULT_PASSWORD):
        assert [secret in text for text in texts] == [False] * 4
    assert [path.name for path in (asked.folder / "tmp").iterdir()] == []


@pytest.mark.parametrize("count", [20, pytest.param(300, marks=pytest.mark.soak)])
def test_many_hosts(count: int, tmp_path: Path, preflight_cli: PreflightCli) -> None:
    """Each has its line, once; the table fits a terminal."""
    (tmp_path / "report.json").write_text(render(host_report("vm"), Style()))
    good = program(tmp_path / "program", f"cat {tmp_path}/report.json")
    (tmp_path / "hosts").write_text(f"web[001:{count:03}] {LOCAL} preflight_command={good}\n")
    words = ("fleet", "run", "-i", "hosts", "--forks", "10", "--old", "366d")
    done = preflight_cli(*words, cwd=tmp_path, env={"COLUMNS": "120"}, timeout=900)

    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert [line.split()[1] for line in lines[1 : count + 1]] == [f"web{number:03}" for number in range(1, count + 1)]
    assert max(map(len, lines)) <= 120
    assert f"APP_IMAGE running: all {count} run 1.4.2" in lines
