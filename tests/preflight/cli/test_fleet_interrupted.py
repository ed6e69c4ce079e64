"""preflight/cli/fleet_run.py: signals while real Ansible asks hosts, one of which hangs and refuses to end."""

import json
import signal
from pathlib import Path

import pytest

from preflight.lib import temporary
from preflight.report import Style
from preflight.run.reporters.json_report import render
from tests.fakes.fleet import host_report
from tests.real.ansible_hosts import LOCAL, program
from tests.real.cli import PreflightCli
from tests.real.signals import running, wait_until


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (signal.SIGINT, 130),
        *(pytest.param(*each, marks=pytest.mark.soak) for each in ((signal.SIGTERM, 143), (signal.SIGHUP, 129))),
    ],
)
def test_whoever_interrupts_gets_what_there_is(
    number: signal.Signals, code: int, preflight_cli: PreflightCli, tmp_path: Path
) -> None:
    """The rest is marked, no process is left, and no folder, also of an earlier run that was killed."""
    left = tmp_path / "tmp" / f"preflight-fleet-{temporary.me()}0.killed"
    left.mkdir(parents=True)
    (tmp_path / "report.json").write_text(render(host_report("vm"), Style()))
    good = program(tmp_path / "good", f"cat {tmp_path}/report.json")
    slow = program(tmp_path / "slow", f'trap "" HUP INT TERM; touch {tmp_path}/hangs; sleep 60 & sleep 61')
    hosts = [f"web-1 {LOCAL} preflight_command={good}", f"web-2 {LOCAL} preflight_command={slow}"]
    (tmp_path / "hosts").write_text("\n".join(hosts) + "\n")
    environ = {"TMPDIR": str(left.parent)}
    words = ("fleet", "run", "-i", "hosts", "--format", "json", "--forks", "1")  # web-1 has been heard, then
    process = preflight_cli.start(*words, cwd=tmp_path, env=environ)
    wait_until((tmp_path / "hangs").exists, process)
    process.send_signal(number)
    stdout, stderr = process.communicate(timeout=30)

    data = json.loads(stdout)
    found = {host["host"]: (host["status"], [each["name"] for each in host["problems"]]) for host in data["hosts"]}
    assert found == {"web-1": ("pass", []), "web-2": ("error", ["interrupted"])}
    assert (process.returncode, data["exit_code"], stderr) == (code, code, "preflight: interrupted\n")
    assert running(environ["TMPDIR"]) == []
    assert list(left.parent.glob("preflight-*")) == []
    assert list(tmp_path.glob(".ansible/tmp/ansible-local-*")) == []


def test_before_the_hosts_are_known_nothing_is_printed(preflight_cli: PreflightCli, tmp_path: Path) -> None:
    """An empty table would be none; the inventory, a program, is ended; the page of yesterday is replaced."""
    inventory = program(tmp_path / "hosts", f'trap "" TERM; touch {tmp_path}/hangs; exec sleep 60')
    environ = {"TMPDIR": str(tmp_path / "tmp")}
    (tmp_path / "tmp").mkdir()
    (tmp_path / "fleet.json").write_text("all is well")
    words = ("fleet", "run", "-i", str(inventory), "--output", "json=fleet.json")
    process = preflight_cli.start(*words, cwd=tmp_path, env=environ)
    wait_until((tmp_path / "hangs").exists, process)
    process.terminate()

    assert process.communicate(timeout=30) == ("", "preflight: interrupted\n")
    assert process.returncode == json.loads((tmp_path / "fleet.json").read_text())["exit_code"] == 143
    assert running(environ["TMPDIR"]) == []
    assert list((tmp_path / "tmp").glob("preflight-*")) == []
