"""README.md: each command in it does what it says, as it is written there."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from provision.cache import ROOT
from provision.sample import COMPOSE_FILE, SERVICE

from tests.real.git import GIT_ENVIRON
from tests.rollout.deploy_host import PROJECT, DeployHost

pytestmark = [pytest.mark.engine, pytest.mark.compose, pytest.mark.registry]

ELSEWHERE = {
    "sh docker/demo.sh": "tests/docker/test_demo.py",
    "sh tests/run.sh": "this very run",
    "pipx install .": "tests/test_contributing.py installs the checkout with pip, which is what pipx does",
}
"""Commands that another test runs."""


def commands() -> list[str]:
    """Return the command lines of README's shell blocks, without comments."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    lines = [
        line
        for block in re.findall(r"^```sh\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
        for line in block.splitlines()
    ]
    return [re.split(r"\s+#", line)[0].strip() for line in lines]


HERE = [command for command in commands() if command not in ELSEWHERE]


def shell(host: DeployHost, command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a command line in the checkout, with the registry of the test and a deploy.sh as an operator has one."""
    deploy = host.sample.path / "deploy.sh"
    deploy.write_text(
        f"#!/bin/sh\nexec docker compose -p {PROJECT} -f {COMPOSE_FILE} up --detach --timeout 0 {SERVICE}\n"
    )
    deploy.chmod(0o755)
    environ = {
        **{name: os.environ[name] for name in ("LANG", "LC_ALL") if name in os.environ},
        **host.engine.environ,
        **GIT_ENVIRON,
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "HOME": str(folder),
        "PREFLIGHT_REGISTRY_INSECURE": host.registry.host,
    }
    return subprocess.run(
        ["bash", "-c", command],
        cwd=host.sample.path,
        env=environ,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )


def test_readme_has_the_commands_that_this_file_knows() -> None:
    """A new command in README needs a place in the test below, or one that runs it elsewhere."""
    assert HERE == [
        "preflight --version",
        "preflight run && ./deploy.sh && preflight run --stage after --wait 120",
        "preflight pin update 1.4.2 --push --branch main",
        "preflight pin rollback --push --branch main --follow 300",
        "preflight install cron --dry-run",
        "preflight init --coolify --application UUID",
    ]
    assert set(ELSEWHERE) <= set(commands())


def test_the_commands_do_what_readme_says(host: DeployHost, tmp_path: Path) -> None:
    """In README's order, on a deploy host; nobody deploys the rollback, so it is not followed for long."""
    version, rollout, update, rollback, cron, coolify = HERE
    host.repository.git("config", "user.name", "Op")
    host.repository.git("config", "user.email", "op@example.com")
    (host.sample.path / ".git" / "info" / "exclude").write_text("deploy.sh\n")
    host.registry.push_image("ls1intum/hephaestus/agent", "1.4.2", content="1.4.2")
    host.repository.tag("v1.4.2")
    host.push()

    said = [shell(host, command, tmp_path) for command in (version, rollout, update)]

    assert [done.returncode for done in said] == [0, 0, 0], "\n".join(done.stdout + done.stderr for done in said)
    assert said[0].stdout.startswith("preflight 0.")
    assert "clear to roll out" in said[1].stdout
    assert "the rollout arrived" in said[1].stdout
    host.repository.git("pull", "--quiet", "--ff-only", "origin", "main")
    assert "1.4.2" in host.repository.git("log", "-1", "--format=%s")
    assert shell(host, rollout, tmp_path).returncode == 0

    back = shell(host, rollback.replace("--follow 300", "--follow 1"), tmp_path)

    assert "pushed to origin/main" in back.stdout, back.stderr
    crontab, pasted = shell(host, cron, tmp_path), shell(host, coolify, tmp_path)
    assert crontab.returncode == 0, crontab.stderr
    assert "run -q --stage after --record --on-change" in crontab.stdout
    assert "preflight hook --repository" in pasted.stdout, pasted.stderr
