"""A rolling update of the sample stack on two hosts, each with an engine of its own, and the table of both.

The hosts are two checkouts on this machine; Ansible's connection is local (tests/real/test_fleet.py has sshds). The
engines, Compose, registry, git and preflight are real.
"""

import json
import os
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from provision import busybox
from provision.cache import ROOT
from provision.sample import COMPOSE_FILE, IMAGE, SERVICE, check_out

from tests.collection.test_preflight_module import ansible
from tests.real.cli import PreflightCli
from tests.real.engine import RealEngine, real_engine
from tests.real.git import GitRepository
from tests.real.registry import real_registry
from tests.rollout.deploy_host import PROJECT, DeployHost

pytestmark = [pytest.mark.engine, pytest.mark.compose, pytest.mark.registry]


class Fleet:
    """Two deploy hosts of one project.

    Args:
        folder: Holds the inventory and the collection.
        hosts: By name; the first one's checkout is where releases are made.
    """

    def __init__(self, folder: Path, hosts: dict[str, DeployHost]) -> None:
        self.folder, self.hosts = folder, hosts
        collections = folder / "ansible_collections" / "deploy_preflight"
        collections.mkdir(parents=True)
        (collections / "preflight").symlink_to(ROOT / "collection")
        inventory = {"all": {"hosts": {name: self._variables(host) for name, host in hosts.items()}}}
        (folder / "hosts.json").write_text(json.dumps(inventory))

    @staticmethod
    def _variables(host: DeployHost) -> dict[str, Any]:
        environ = {
            "HOME": str(host.sample.path.parent),
            "PREFLIGHT_REGISTRY_INSECURE": host.registry.host,
            **host.engine.environ,
        }
        with_environ = ["env", *(f"{name}={value}" for name, value in environ.items())]
        up = ["docker", "compose", "-p", PROJECT, "-f", COMPOSE_FILE, "up", "--detach", "--timeout", "0", SERVICE]
        return {
            "ansible_connection": "local",
            "ansible_python_interpreter": sys.executable,
            "preflight_chdir": str(host.sample.path),
            "preflight_command": [*with_environ, sys.executable, "-m", "preflight"],
            "preflight_rollout": [*with_environ, *up],
        }

    def roll_out(self) -> int:
        """Play the documented rolling update; return Ansible's exit code."""
        words = ("ansible-playbook", "-i", "hosts.json", "deploy_preflight.preflight.rolling_update")
        return ansible(self.folder, *words).returncode

    def table(self, cli: PreflightCli) -> tuple[int, dict[str, Any]]:
        """Ask all hosts, as an operator would; return the exit code and the JSON."""
        words = ("fleet", "run", "-i", "hosts.json", "--format", "json", "--", "--stage", "after")
        done = cli(*words, cwd=self.folder, env={"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"})
        return done.returncode, json.loads(done.stdout)


@pytest.fixture
def fleet(engine: RealEngine, tmp_path: Path) -> Iterator[Fleet]:
    """Both hosts run the pinned release."""
    with real_registry() as registry, real_engine() as second:
        for each in (engine, second):
            busybox.import_image(IMAGE, each.environ)
        cli = PreflightCli(tmp_path)
        one = DeployHost(check_out(tmp_path / "web-1" / "hephaestus", registry), engine, registry, cli)
        one.publish(tmp_path / "origin.git")
        other = tmp_path / "web-2" / "hephaestus"
        other.parent.mkdir()
        GitRepository(tmp_path).git("clone", "--quiet", str(tmp_path / "origin.git"), str(other))
        two = DeployHost(replace(one.sample, path=other), second, registry, cli)
        hosts = {"web-1": one, "web-2": two}
        for host in hosts.values():
            host.deploy()
        yield Fleet(tmp_path, hosts)
        for host in hosts.values():
            host.remove()


def test_a_rolling_update_and_what_the_table_says_of_it(fleet: Fleet, preflight_cli: PreflightCli) -> None:
    """A sound release reaches both hosts; a host that overrides the pin stops the next one, and the table shows it."""
    one = fleet.hosts["web-1"]
    one.sample.release("1.4.2", one.registry)
    one.push()

    assert fleet.roll_out() == 0
    code, data = fleet.table(preflight_cli)

    assert (code, [host["status"] for host in data["hosts"]]) == (0, ["pass", "pass"])

    one.sample.release("1.4.3", one.registry)
    one.push()
    (one.sample.path / "docker" / "agent-image-pin.local.env").write_text(
        "HEPHAESTUS_AGENT_IMAGE_REFERENCE=ghcr.io/a/b:1\n"
    )

    assert fleet.roll_out() == 2
    code, data = fleet.table(preflight_cli)

    problems = {host["host"]: {each["name"] for each in host["problems"]} for host in data["hosts"]}
    assert (code, [host["status"] for host in data["hosts"]]) == (1, ["fail", "fail"])
    assert problems["web-1"] >= {"pin-file/override", "coolify-env-file/stale"}
    # It is not touched: it runs what its own commit pins, and that is no longer the branch's newest.
    assert problems["web-2"] == {"pin-freshness/behind", "ghcr-tag-retention/older-release"}
