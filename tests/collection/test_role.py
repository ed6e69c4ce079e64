"""collection/roles/preflight: the tool, its health job and the two gates, with real Ansible.

A program that keeps its words stands in for preflight: what preflight writes is tested where it is written
(tests/preflight/install), and real installations in test_install.py.
"""

import json
import shutil
import sys
from pathlib import Path

import pytest
import yaml

from preflight.version import __version__
from tests.collection.test_preflight_module import ROOT, SECRET, ansible, folder

__all__ = ["folder"]

PROGRAM = f"""#!{sys.executable}
import os, pathlib, sys
words = sys.argv[1:]
if words == ["--version"]:
    print("preflight {__version__}")
elif words[0] == "install":
    done = pathlib.Path("installed")
    print("/etc/written: written" if not done.exists() else "/etc/written: nothing to change")
    done.write_text(" ".join(words))
else:
    pathlib.Path("judged").write_text(" ".join([*words[1:], os.environ["TOKEN"]]))
    sys.exit(pathlib.Path("refuses").exists())
"""


def play(folder: Path, tasks_from: str = "main", **variables: object) -> tuple[int, dict[str, int], str]:
    """Run the role on one host; return the exit code, the recap of the host, and what was said."""
    role = {"ansible.builtin.include_role": {"name": "deploy_preflight.preflight.preflight", "tasks_from": tasks_from}}
    (folder / "play.yml").write_text(json.dumps([{"hosts": "web-1", "gather_facts": False, "tasks": [role]}]))
    given = {"preflight_bin": str(folder / "bin"), "preflight_home": str(folder / "home"), **variables}
    done = ansible(folder, "ansible-playbook", "-i", "hosts", "play.yml", "-vvv", "-e", json.dumps(given))
    recap = next((line for line in done.stdout.splitlines() if line.startswith("web-1 ") and "ok=" in line), "")
    counts = {name: int(number) for name, _, number in (word.partition("=") for word in recap.split() if "=" in word)}
    return done.returncode, counts, done.stdout + done.stderr


@pytest.fixture
def program(folder: Path) -> Path:
    """The stand-in, as a file on the controller."""
    (folder / "bin").mkdir()
    file = folder / "preflight.pyz"
    file.write_text(PROGRAM)
    return file


def test_the_job_is_installed_once(folder: Path, program: Path) -> None:
    """The second time nothing changes."""
    present = Path(shutil.copy(program, folder / "bin" / "preflight"))
    present.chmod(0o755)
    given = {"preflight_install": "none", "preflight_job": "cron", "preflight_every": "10m"}

    first, again = play(folder, **given), play(folder, **given)

    assert (first[0], again[0]) == (0, 0), first[2] + again[2]
    assert (first[1]["changed"], again[1]["changed"]) == (1, 0)
    assert (folder / "web-1" / "installed").read_text() == "install cron --every 10m"


def test_another_version_than_asked_for_is_a_failure(folder: Path, program: Path) -> None:
    """Also where the installer said that all went well."""
    code, counts, said = play(
        folder, preflight_install="zipapp", preflight_zipapp=str(program), preflight_version="9.9.9"
    )

    assert (code, counts["failed"]) == (2, 1), said


def test_a_gate_stops_the_play(folder: Path, program: Path) -> None:
    """The program answers with a failure and no report; it gets the configuration and the secret, and no log has it."""
    (folder / "bin" / "preflight").write_text(PROGRAM)
    (folder / "bin" / "preflight").chmod(0o755)
    (folder / "web-1" / "refuses").touch()

    code, counts, said = play(folder, "before", preflight_config="/x/it's.yaml", preflight_secrets={"TOKEN": SECRET})

    assert program.exists()
    assert (code, counts["failed"]) == (2, 1), said
    assert (folder / "web-1" / "judged").read_text() == f"--config /x/it's.yaml --stage before --format json {SECRET}"
    assert SECRET not in said + (folder / "log").read_text()
    assert "preflight ended with exit code 1 and gave no report" in said


def test_the_collection_has_the_version_of_the_tool() -> None:
    """The collection, and the version that the role installs, follow preflight/version.py."""
    collection = ROOT / "collection"
    role = collection / "roles" / "preflight"
    specs = yaml.safe_load((role / "meta" / "argument_specs.yml").read_text())["argument_specs"]
    defaults = yaml.safe_load((role / "defaults" / "main.yml").read_text())

    assert yaml.safe_load((collection / "galaxy.yml").read_text())["version"] == __version__
    assert defaults["preflight_version"] == __version__
    documented = {name: option["default"] for name, option in specs["main"]["options"].items() if "default" in option}
    gates = {name: option["default"] for name, option in specs["after"]["options"].items() if "default" in option}
    templated = {"preflight_package": "deploy-preflight=={{ preflight_version }}"}
    assert {**documented, **gates, **templated} == defaults
