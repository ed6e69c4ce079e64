"""Five hosts with a real sshd each, asked by the real Ansible and the real preflight; and 300 local ones."""

import json
import shutil
import sys
from pathlib import Path

import pytest

from preflight.report import Style
from preflight.run.reporters.json_report import render
from tests.fakes.fleet import DIGESTS, host_report
from tests.real.cli import PreflightCli
from tests.real.ssh_hosts import run, ssh_hosts

ROOT = Path(__file__).resolve().parents[2]
PREFLIGHT = f"{sys.executable} -m preflight"


def checkout(folder: Path, release: str) -> Path:
    """Return a checkout of the sample that pins a release."""
    shutil.copytree(ROOT / "docker" / "sample", folder)
    pin = f"HEPHAESTUS_AGENT_IMAGE_REFERENCE=ghcr.io/ls1intum/hephaestus/agent@{DIGESTS[release]}\n"
    (folder / "docker" / "agent-image-pin.env").write_text(pin)
    run("git", "-C", str(folder), "init", "-q")
    run("git", "-C", str(folder), "add", "-A")
    identity = ("-c", "user.name=Release", "-c", "user.email=release@example.org")
    run("git", *identity, "-C", str(folder), "commit", "-q", "-m", f"Pin agent {release}")
    return folder


@pytest.mark.soak
def test_five_hosts(tmp_path: Path, preflight_cli: PreflightCli) -> None:
    """Two run well, one of them with the old pin; one is not there, one has no Python, one hangs."""
    python = Path("/usr/bin/python3").resolve()
    with ssh_hosts(tmp_path) as hosts:
        addresses = {
            "web-1": hosts.add(),
            "web-2": hosts.add(sshd=False),
            "web-3": hosts.add(),
            "web-4": hosts.add(files={python: Path("/dev/null")}),
            "web-5": hosts.add(command="exec sleep 60"),
        }
        folders = {"web-1": checkout(tmp_path / "new", "1.4.2"), "web-3": checkout(tmp_path / "old", "1.4.1")}
        lines = [
            f"{name} ansible_host={address} preflight_chdir={folders.get(name, tmp_path)}"
            for name, address in addresses.items()
        ]
        settings = [
            "[all:vars]",
            "ansible_user=root",
            f"ansible_ssh_private_key_file={hosts.key}",
            "ansible_python_interpreter=/usr/bin/python3",
            f"ansible_ssh_common_args='-o UserKnownHostsFile={tmp_path}/known_hosts -o ControlMaster=no'",
            f"preflight_command={PREFLIGHT!r}",
        ]
        (tmp_path / "hosts").write_text("\n".join([*lines, *settings]) + "\n")
        asked = ("fleet", "run", "-i", "hosts", "--forks", "5", "--timeout", "20", "--format", "json")
        done = preflight_cli(*asked, "--", "--only", "pin-file", cwd=tmp_path)

    assert done.stdout, done.stderr
    data = json.loads(done.stdout)
    found = {host["host"]: [host["status"], *(each["name"] for each in host["problems"])] for host in data["hosts"]}
    assert found == {
        "web-1": ["pass"],
        "web-2": ["error", "unreachable"],
        "web-3": ["pass"],
        "web-4": ["error", "no Python"],
        "web-5": ["error", "timed out"],
    }
    assert done.returncode == 3
    pinned = next(each for each in data["differences"] if each["what"] == "pinned")
    assert {group["value"]: group["hosts"] for group in pinned["groups"]} == {
        DIGESTS["1.4.2"]: ["web-1"],
        DIGESTS["1.4.1"]: ["web-3"],
    }


@pytest.mark.soak
def test_three_hundred_hosts(tmp_path: Path, preflight_cli: PreflightCli) -> None:
    """Each has its line, once; the table fits a terminal."""
    (tmp_path / "report.json").write_text(render(host_report("vm"), Style()))
    program = tmp_path / "program"
    program.write_text(f"#!/bin/sh\ncat {tmp_path}/report.json\n")
    program.chmod(0o755)
    settings = f"ansible_connection=local ansible_python_interpreter={sys.executable} preflight_command={program}"
    (tmp_path / "hosts").write_text(f"web[001:300] {settings}\n")
    asked = ("fleet", "run", "-i", "hosts", "--forks", "10", "--old", "366d")
    done = preflight_cli(*asked, cwd=tmp_path, env={"COLUMNS": "120"}, timeout=900)

    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert [line.split()[1] for line in lines[1:301]] == [f"web{number:03}" for number in range(1, 301)]
    assert max(map(len, lines)) <= 120
    assert "APP_IMAGE running: all 300 run 1.4.2" in lines
