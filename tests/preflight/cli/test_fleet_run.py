"""preflight/cli/fleet_run.py: real Ansible over hosts with a local connection."""

import json
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from preflight.cli.fleet_run import run
from preflight.report import Style
from preflight.run.reporters.json_report import render
from tests.fakes.fleet import host_report
from tests.real.ansible_hosts import LOCAL, program
from tests.real.cli import PreflightCli

ODD = "'a' \"b\"\n $(id) `id` ${HOME} \\ %s; & | # \t\x7f é 😀"
"""An argument that a shell, YAML or a template would change."""


FILTER = """class FilterModule:
    def filters(self):
        return {"same": lambda value: value}
"""


@pytest.fixture
def inventory(tmp_path: Path) -> Path:
    """Hosts of every kind; group variables and a filter in the folder where playbooks would be."""
    for name, runs in (("good", "1.4.2"), ("old", "1.4.1")):
        (tmp_path / f"{name}.json").write_text(render(host_report("vm", runs=runs), Style()))
    told = "$PWD $PREFLIGHT_QUIET $PREFLIGHT_ON_CHANGE"
    good = program(
        tmp_path / "good",
        f"(printf '%s\\0' \"$@\"; echo {told}) >> {tmp_path}/asked; cat {tmp_path}/good.json",
    )
    hosts = [
        f"web-1 {LOCAL}",
        f"web-2 {LOCAL} preflight_command={program(tmp_path / 'old', f'cat {tmp_path}/old.json')} preflight_chdir=",
        f"web-3 {LOCAL} preflight_command={program(tmp_path / 'slow', 'exec sleep 20')}",
        f'"web 4" {LOCAL} preflight_command={program(tmp_path / "odd", "echo hi")}',
        f"web-5 {LOCAL} preflight_command=/nonexistent/preflight",
        f"web-6 ansible_host=127.0.0.1 ansible_port=1 {LOCAL.replace('=local', '=ssh')}",
    ]
    for name in ("inventory", "group_vars", "filter_plugins"):
        (tmp_path / name).mkdir()
    (tmp_path / "inventory" / "hosts").write_text("\n".join(hosts) + "\n")
    variables = {"preflight_command": [str(good)], "preflight_chdir": f"{{{{ '{tmp_path}' | same }}}}"}
    (tmp_path / "group_vars" / "all.yml").write_text(json.dumps(variables))
    (tmp_path / "filter_plugins" / "same.py").write_text(FILTER)
    return tmp_path / "inventory"


def test_every_host_has_its_row(inventory: Path, preflight_cli: PreflightCli, tmp_path: Path) -> None:
    """Whatever became of it; ansible.cfg of the folder counts; nothing stays behind, and no log has a report."""
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    (tmp_path / "ansible.cfg").write_text("[defaults]\nlog_path = ansible.log\nforks = 6\n")
    environ = {"TMPDIR": str(temporary), "PREFLIGHT_FLEET_TIMEOUT": "5", "PREFLIGHT_ON_CHANGE": "1"}
    options = ("--stage", "after", "--only", "{{ x }}", "--skip", ODD)
    words = ("fleet", "run", "-i", inventory.name, "--format", "json", "--", *options)
    done = preflight_cli(*words, cwd=tmp_path, env=environ)

    assert done.stderr == ""
    data = json.loads(done.stdout)
    kinds = {host["host"]: (host["status"], [each["name"] for each in host["problems"]]) for host in data["hosts"]}
    assert kinds == {
        "web-1": ("pass", []),
        "web-2": ("fail", ["runs/stale"]),
        "web-3": ("error", ["timed out"]),
        "web 4": ("error", ["no report"]),
        "web-5": ("error", ["not installed"]),
        "web-6": ("error", ["unreachable"]),
    }
    assert done.returncode == data["exit_code"] == 1
    *asked, folder = (tmp_path / "asked").read_text().split("\0")
    assert (asked, folder) == (["run", *options, "--format", "json"], f"{tmp_path} 0 0\n")
    assert [path.name for path in temporary.iterdir()] == []
    assert "sha256" not in (tmp_path / "ansible.log").read_text()


def test_only_some_hosts(inventory: Path, preflight_cli: PreflightCli, tmp_path: Path) -> None:
    """`--limit` as Ansible takes it; without any host nothing was looked at, and that is a mistake."""
    done = preflight_cli("fleet", "run", "-i", inventory, "--limit", "web-1", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1].startswith("1 host: 1 well")
    done = preflight_cli("fleet", "run", "-i", inventory, "--limit", "mars", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "preflight: Ansible asked no host: Specified inventory, host pattern and/or --limit leaves" in done.stderr


def test_an_inventory_that_is_read_only_in_part_is_none(
    inventory: Path, preflight_cli: PreflightCli, tmp_path: Path
) -> None:
    """Ansible by itself would only warn, and the table would lack hosts."""
    script = program(tmp_path / "cloud", "echo no credentials >&2; exit 4")
    done = preflight_cli("fleet", "run", "-i", inventory, "-i", script, cwd=tmp_path)

    assert (done.returncode, done.stdout) == (2, "")
    assert f"inventory source {script}: Inventory script returned non-zero exit code 4." in done.stderr


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--", "-vq"], "--quiet cannot be among RUN_OPTIONS: each host has to answer."),
        (["--", "--format=line"], "--format cannot be among RUN_OPTIONS: give it in front of `--`; "),
        (["--", "--on-change"], "--on-change cannot be among RUN_OPTIONS: each host has to answer."),
        (["--", "--output", "json=x"], "--output cannot be among RUN_OPTIONS: give it in front of `--`, "),
        (["--", "--help"], "RUN_OPTIONS: No such option '--help'."),
        (["--", "--stagee", "after"], "RUN_OPTIONS: No such option '--stagee'."),
        (["web-1"], "'web-1' is no option of `preflight run`; --limit names hosts, -i an inventory."),
        (["--timeout", "90", "--", "--wait=2m"], "--wait takes all the time that a host has; give a longer --timeout."),
        (["--", "--only", "\udcff"], "RUN_OPTIONS: they are not UTF-8."),
        (["--timeout", "0.5"], "'0.5' is not between 1s and 1d."),
        (["--timeout", "2d"], "'2d' is not between 1s and 1d."),
        (["--forks", "0"], "0 is not in the range x>=1."),
        (["-i", ""], "--inventory: the name is empty."),
    ],
)
def test_what_would_tell_nothing_is_refused(words: list[str], message: str) -> None:
    """With one line, before any host is asked."""
    done = CliRunner().invoke(run, words, standalone_mode=False)

    assert isinstance(done.exception, click.UsageError)
    assert message in done.exception.format_message()


def test_without_the_extra_the_error_names_it(preflight_cli: PreflightCli, tmp_path: Path) -> None:
    """Ansible is only needed for this one command. The page of yesterday goes."""
    (tmp_path / "ansible_runner.py").write_text("raise ImportError\n")
    source = str(Path(__file__).resolve().parents[3])
    (tmp_path / "fleet.json").write_text("yesterday")
    environ = {"PREFLIGHT_FLEET_OUTPUT": "json=fleet.json", "PYTHONPATH": f"{source}:{tmp_path}"}
    done = preflight_cli("fleet", "run", cwd=tmp_path, env=environ)

    data = json.loads((tmp_path / "fleet.json").read_text())
    assert (done.returncode, data["exit_code"], data["status"]) == (2, 2, "error")
    assert [each["name"] for each in data["hosts"][0]["problems"]] == ["not asked"]
    assert "pipx install --force '.[fleet]'" in done.stderr
