"""collection/plugins: the module, with real Ansible."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from preflight.model import Stage
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
        before = replace(host_report(name), stage=Stage.BEFORE)
        (host / "before.json").write_text(render(before, Style()))
        (host / "after.json").write_text(render(wrong, Style()))
        hosts.append(f"{name} ansible_connection=local preflight_chdir={host}")
    program = tmp_path / "program"
    program.write_text(
        f"#!{sys.executable}\nimport json, os, sys, time\n"
        "open('asked', 'a').write(' '.join(sys.argv[1:]) + ' ' + os.environ.get('TOKEN', '-') + '\\n')\n"
        "if 'hang' in sys.argv: time.sleep(99)\n"
        "if 'mute' in sys.argv: sys.exit('no report today')\n"
        "stage = 'before' if 'earlier' in sys.argv else sys.argv[sys.argv.index('--stage') + 1]\n"
        "text = open(stage + '.json').read()\n"
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


WRONG: list[tuple[dict[str, object], str]] = [
    ({"stage": "after"}, "preflight ended with exit code 1: runs/stale: app-1 carries an earlier pin"),
    ({"options": ["mute"]}, "preflight ended with exit code 1 and gave no report: no report today"),
    ({"options": ["hang"], "timeout": 1}, "preflight took longer than 1 s, or printed too much"),
    ({"command": ["/nonexistent"]}, "/nonexistent could not be run: No such file or directory"),
    ({"chdir": "/nonexistent/folder"}, "chdir /nonexistent/folder: No such file or directory"),
    ({"command": ["echo", "{}"]}, "preflight ended with exit code 0 and gave no report: it printed nothing"),
    ({"stage": "after", "options": ["earlier"]}, "preflight answered for another stage, or ran no check"),
    ({"secrets": {"TOKEN": None}}, "secrets: TOKEN has no value that an environment variable can hold"),
    (
        {"secrets": {"A=B": SECRET}},
        "a word has a zero byte, or a secret has no name that an environment variable can have",
    ),
    ({"command": []}, "command is empty"),
    ({"timeout": 0}, "timeout must be at least 1, and wait at least 0"),
]


def test_a_host_on_which_something_is_wrong(folder: Path) -> None:
    """Each task fails, with the first reason."""
    usual = {"command": [str(folder / "program")], "chdir": str(folder / "web-2")}
    tasks: list[dict[str, object]] = [
        {
            "deploy_preflight.preflight.preflight": {**usual, **given},
            "register": f"answer_{number}",
            "ignore_errors": True,
        }
        for number, (given, _) in enumerate(WRONG)
    ]
    answers = "{{ [" + ", ".join(f"answer_{number}" for number in range(len(WRONG))) + "] }}"
    tasks.append({"ansible.builtin.copy": {"content": answers, "dest": str(folder / "answers.json")}})
    (folder / "play.yml").write_text(json.dumps([{"hosts": "web-2", "gather_facts": False, "tasks": tasks}]))

    done = ansible(folder, "ansible-playbook", "-i", "hosts", "play.yml", "-vvv")

    assert done.returncode == 0, done.stdout + done.stderr
    said = json.loads((folder / "answers.json").read_text())
    assert [(each["failed"], each["msg"]) for each in said] == [(True, message) for _, message in WRONG]
    assert SECRET not in done.stdout + done.stderr


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
    assert "Profile 'production' was required, and it passed" in done.stdout + done.stderr
