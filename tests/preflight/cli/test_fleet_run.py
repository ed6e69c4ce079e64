"""preflight/cli/fleet_run.py: real Ansible over hosts with a local connection."""

import json
from pathlib import Path

import pytest

from preflight.report import Style
from preflight.run.reporters.json_report import render
from tests.fakes.fleet import host_report
from tests.real.ansible_hosts import LOCAL, program
from tests.real.cli import PreflightCli


@pytest.fixture
def inventory(tmp_path: Path) -> Path:
    """Hosts of every kind; group variables in a file beside it, as operators have them."""
    for name, runs in (("good", "1.4.2"), ("old", "1.4.1")):
        (tmp_path / f"{name}.json").write_text(render(host_report("vm", runs=runs), Style()))
    good = program(
        tmp_path / "good", f'echo "$*" >> {tmp_path}/asked; pwd >> {tmp_path}/asked; cat {tmp_path}/good.json'
    )
    hosts = [
        f"web-1 {LOCAL}",
        f"web-2 {LOCAL} preflight_command={program(tmp_path / 'old', f'cat {tmp_path}/old.json')} preflight_chdir=",
        f"web-3 {LOCAL} preflight_command={program(tmp_path / 'slow', 'exec sleep 20')}",
        f"web-4 {LOCAL} preflight_command={program(tmp_path / 'odd', 'echo hi')}",
        f"web-5 {LOCAL} preflight_command=/nonexistent/preflight",
        f"web-6 ansible_host=127.0.0.1 ansible_port=1 {LOCAL.replace('=local', '=ssh')}",
    ]
    (tmp_path / "hosts").write_text("\n".join(hosts) + "\n")
    (tmp_path / "group_vars").mkdir()
    (tmp_path / "group_vars" / "all.yml").write_text(f"preflight_command: [{good}]\npreflight_chdir: {tmp_path}\n")
    return tmp_path / "hosts"


def test_every_host_has_its_row(inventory: Path, preflight_cli: PreflightCli, tmp_path: Path) -> None:
    """Whatever became of it; ansible.cfg of the folder counts; nothing stays behind, and no log has a report."""
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    (tmp_path / "ansible.cfg").write_text("[defaults]\nlog_path = ansible.log\nforks = 6\n")
    environ = {"TMPDIR": str(temporary), "PREFLIGHT_FLEET_TIMEOUT": "5"}
    options = ("--", "--stage", "after", "--only", "{{ x }}")
    done = preflight_cli("fleet", "run", "-i", inventory.name, "--format", "json", *options, cwd=tmp_path, env=environ)

    assert done.stderr == ""
    data = json.loads(done.stdout)
    kinds = {host["host"]: (host["status"], [each["name"] for each in host["problems"]]) for host in data["hosts"]}
    assert kinds == {
        "web-1": ("pass", []),
        "web-2": ("fail", ["runs/stale"]),
        "web-3": ("error", ["timed out"]),
        "web-4": ("error", ["no report"]),
        "web-5": ("error", ["not installed"]),
        "web-6": ("error", ["unreachable"]),
    }
    assert done.returncode == data["exit_code"] == 1
    asked = (tmp_path / "asked").read_text().splitlines()
    assert asked == ["run --stage after --only {{ x }} --format json", str(tmp_path)]
    assert [path.name for path in temporary.iterdir()] == []
    assert "sha256" not in (tmp_path / "ansible.log").read_text()


def test_only_some_hosts(inventory: Path, preflight_cli: PreflightCli, tmp_path: Path) -> None:
    """`--limit` as Ansible takes it; without any host nothing was looked at, and that is a mistake."""
    done = preflight_cli("fleet", "run", "-i", inventory, "--limit", "web-1", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1].startswith("1 host: 1 well")
    done = preflight_cli("fleet", "run", "-i", inventory, "--limit", "mars", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "preflight: Ansible asked no host: " in done.stderr


@pytest.mark.parametrize("option", ["-q", "--format=line", "--on-change"])
def test_options_that_hide_the_report_are_refused(option: str, preflight_cli: PreflightCli, tmp_path: Path) -> None:
    """Before any host is asked."""
    done = preflight_cli("fleet", "run", "--", option, cwd=tmp_path)

    assert done.returncode == 2
    assert f"{option} cannot be among RUN_OPTIONS" in done.stderr


def test_without_the_extra_the_error_names_it(preflight_cli: PreflightCli, tmp_path: Path) -> None:
    """Ansible is only needed for this one command."""
    (tmp_path / "ansible_runner.py").write_text("raise ImportError\n")
    source = str(Path(__file__).resolve().parents[3])
    done = preflight_cli("fleet", "run", cwd=tmp_path, env={"PYTHONPATH": f"{source}:{tmp_path}"})

    assert done.returncode == 2
    assert "pipx install --force '.[fleet]'" in done.stderr
