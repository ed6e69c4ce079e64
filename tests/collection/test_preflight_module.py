"""collection/: the module and the rolling update, with real Ansible."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from preflight.report import Style
from preflight.run.reporters.json_report import render
from tests.fakes.fleet import host_report

ROOT = Path(__file__).resolve().parents[2]
SECRET = "hunter2-hunter2"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the collection, an inventory of three hosts, and a program in the place of preflight.

    The program answers with the report of ``<host folder>/<stage>.json`` and keeps its words and one variable.
    """
    collections = tmp_path / "ansible_collections" / "deploy_preflight"
    collections.mkdir(parents=True)
    (collections / "preflight").symlink_to(ROOT / "collection")
    hosts = []
    for name in ("web-1", "web-2", "web-3"):
        host = tmp_path / name
        host.mkdir()
        wrong = host_report(name, runs="1.4.1" if name == "web-2" else "1.4.2")
        (host / "before.json").write_text(render(host_report(name), Style()))
        (host / "after.json").write_text(render(wrong, Style()))
        hosts.append(f"{name} ansible_connection=local preflight_chdir={host}")
    program = tmp_path / "program"
    program.write_text(
        f"#!{sys.executable}\nimport json, os, sys, time\n"
        "open('asked', 'a').write(' '.join(sys.argv[1:]) + ' ' + os.environ.get('TOKEN', '-') + '\\n')\n"
        "if 'hang' in sys.argv: time.sleep(99)\n"
        "if 'mute' in sys.argv: sys.exit('no report today')\n"
        "text = open(sys.argv[sys.argv.index('--stage') + 1] + '.json').read()\n"
        "print(text); sys.exit(json.loads(text)['exit_code'])\n"
    )
    program.chmod(0o755)
    settings = f"preflight_command={program}\nansible_python_interpreter={sys.executable}\n"
    (tmp_path / "hosts").write_text("\n".join([*hosts, "[all:vars]", settings]))
    return tmp_path


def ansible(folder: Path, program: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run one of Ansible's programs with the inventory and the collection of a folder."""
    environ = {**os.environ, "HOME": str(folder), "ANSIBLE_COLLECTIONS_PATH": str(folder), "ANSIBLE_LOG_PATH": "log"}
    path = str(Path(sys.executable).with_name(program))
    return subprocess.run(
        [path, *arguments], cwd=folder, env=environ, capture_output=True, text=True, timeout=120, check=False
    )


def module(folder: Path, host: str, **given: object) -> dict[str, object]:
    """Run the module on one host, in check mode, and return its answer."""
    words = {"command": [str(folder / "program")], "chdir": str(folder / host), **given}
    arguments = ("-i", "hosts", host, "--check", "-m", "deploy_preflight.preflight.preflight", "-a", json.dumps(words))
    text = ansible(folder, "ansible", *arguments, "-v").stdout
    answer: dict[str, object] = json.loads(text[text.index("=> {") + 3 :])
    return {**answer, "failed": f"{host} | FAILED!" in text}


def test_a_host_that_is_well(folder: Path) -> None:
    """The report comes back, nothing is changed, and a secret reaches the program but no output and no log."""
    answer = module(folder, "web-1", stage="after", wait=5, secrets={"TOKEN": SECRET})

    assert (answer["rc"], answer["changed"], answer["failed"], answer["problems"]) == (0, False, False, [])
    assert answer["report"] == json.loads((folder / "web-1" / "after.json").read_text())
    asked = (folder / "web-1" / "asked").read_text()
    assert asked == f"run --stage after --wait 5 --format json {SECRET}\n"
    assert SECRET not in json.dumps(answer) + (folder / "log").read_text()
    assert "ansible_facts" not in answer


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"stage": "after"}, "preflight ended with exit code 1: runs/stale: app-1 carries an earlier pin"),
        ({"options": ["mute"]}, "preflight ended with exit code 1 and gave no report: no report today"),
        ({"options": ["hang"], "timeout": 1}, "preflight took longer than 1 s, or printed too much"),
        ({"command": ["/nonexistent"]}, "/nonexistent could not be run: No such file or directory"),
    ],
    ids=["wrong", "no-report", "hangs", "missing"],
)
def test_a_host_on_which_something_is_wrong(folder: Path, given: dict[str, object], says: str) -> None:
    """The task fails, with the first reason."""
    answer = module(folder, "web-2", **given)

    assert answer["failed"] is True
    assert answer["msg"] == says


def test_a_rolling_update_stops_at_the_first_host_that_is_wrong_afterwards(folder: Path) -> None:
    """The first host is rolled out and well, the second is not well, the third is not touched."""
    words = {"preflight_pull": False, "preflight_rollout": ["touch", "rolled-out"], "preflight_wait": 0}
    playbook = "deploy_preflight.preflight.rolling_update"
    done = ansible(folder, "ansible-playbook", "-i", "hosts", playbook, "-e", json.dumps(words))

    assert done.returncode != 0
    rolled = [(folder / name / "rolled-out").exists() for name in ("web-1", "web-2", "web-3")]
    assert rolled == [True, True, False]
    assert "runs/stale: app-1 carries an earlier pin" in done.stdout
    assert not (folder / "web-3" / "asked").exists()


def test_the_collection_is_as_ansible_lint_wants_it(folder: Path) -> None:
    """Without the network."""
    copy = folder / "lint" / "ansible_collections" / "deploy_preflight" / "preflight"
    shutil.copytree(ROOT / "collection", copy)
    environ = {
        **os.environ,
        "HOME": str(folder),
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "ANSIBLE_COLLECTIONS_PATH": str(folder / "lint"),
    }
    argv = ["ansible-lint", "--offline", "--nocolor", "--strict", "--project-dir", "."]
    done = subprocess.run(argv, cwd=copy, env=environ, capture_output=True, text=True, timeout=120, check=False)

    assert done.returncode == 0, done.stdout + done.stderr
