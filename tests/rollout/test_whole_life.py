"""The whole life of a pin: releases, `preflight pin update`, rollouts, a bad one, `preflight pin rollback`."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from provision.sample import REPOSITORY, VARIABLE

from tests.real.git import GIT_ENVIRON
from tests.rollout.deploy_host import CONTAINER, DeployHost

pytestmark = [pytest.mark.engine, pytest.mark.compose, pytest.mark.registry]

WRONG = ("fail", "error", "warn")
_MOMENT_S = 0.2
_LONGEST_S = 60


@contextmanager
def deployer(host: DeployHost) -> Iterator[None]:
    """Deploy the branch as soon as it has a new commit, as Coolify does."""
    before, over = host.repository.git("ls-remote", "origin", "main"), threading.Event()

    def deploy() -> None:
        until = time.monotonic() + _LONGEST_S
        while not over.is_set() and time.monotonic() < until:
            if host.repository.git("ls-remote", "origin", "main") != before:
                host.repository.git("pull", "--quiet", "--ff-only", "origin", "main")
                host.deploy()
                return
            over.wait(_MOMENT_S)

    thread = threading.Thread(target=deploy)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(_LONGEST_S)


def pin(host: DeployHost, *words: str, code: int = 0) -> dict[str, Any]:
    """Run `preflight pin`, as an operator or a release job would, and return the JSON."""
    environ = {**host.engine.environ, **GIT_ENVIRON}
    insecure = ("--registry-insecure", host.registry.host)
    done = host.cli("pin", *words, *insecure, "--format", "json", cwd=host.sample.path, env=environ)
    assert done.returncode == code, done.stdout + done.stderr
    return dict(json.loads(done.stdout or "{}"))


def update(host: DeployHost, version: str) -> str:
    """Do what a release job does: build, tag the commit, publish the image under its version, and pin it on the branch.

    Returns:
        The digest.
    """
    head, build = host.repository.git("rev-parse", "HEAD"), f"build-{version}"
    digest = host.registry.push_image(REPOSITORY, build, content=version)
    host.repository.tag(f"v{version}")
    host.push()
    told = pin(host, "update", version, "--source", build, "--retag", "--push", "--branch", "main")
    assert (told["pins"][0]["to"]["digest"], told["where"], host.repository.git("rev-parse", "HEAD")) == (
        digest,
        "origin/main",
        head,
    )
    return digest


def roll_out(host: DeployHost, *, goes_back: bool = False) -> None:
    """Get the commit, ask, deploy, ask: both stages are content, and the gate knows which way it goes."""
    host.repository.git("pull", "--quiet", "--ff-only", "origin", "main")
    before = host.ask("before")
    assert (before.exit_code, before.codes(*WRONG)) == (0, set())
    assert ("; this rollout goes back to " in before.said("coolify-env-file", "pass")) is goes_back
    host.deploy()
    expect_arrived(host)


def expect_arrived(host: DeployHost) -> None:
    """The stage after is content, and the container has what the branch pins."""
    after = host.ask("after")
    assert (after.exit_code, after.codes(*WRONG)) == (0, set())
    seen = host.engine.docker("inspect", "--format", "{{json .Config.Env}}", CONTAINER).stdout
    [line] = [each for each in host.sample.pin_file.read_text().splitlines() if each.startswith(f"{VARIABLE}=")]
    assert line in json.loads(seen)


def test_a_whole_life(host: DeployHost) -> None:
    """Release, update, rollout; a bad release, update, rollout; rollback, followed rollout; and the next release."""
    expect_arrived(host)
    good = update(host, "1.4.2")
    roll_out(host)
    bad = update(host, "1.4.3")
    roll_out(host)

    with deployer(host):
        told = pin(host, "rollback", "--push", "--branch", "main", "--follow", "60")

    followed = told["followed"]
    assert [check["id"] for check in followed["checks"] for each in check["findings"] if each["status"] in WRONG] == []
    assert (followed["stage"], followed["commit"]) == ("after", told["commit"])
    assert told["commit"] == host.repository.git("rev-parse", "origin/main")
    assert (told["from"]["digest"], told["to"]["digest"]) == (bad, good)
    remains = {each["kind"]: each["text"] for each in told["remains"]}
    assert CONTAINER in remains["container"]
    assert "1.4.3 still points at the old digest" in remains["tag"]
    assert remains["release"].startswith("cut 1.4.4 with the fix")
    expect_arrived(host)

    changes = pin(host, "history", "-n", "3")["pins"][0]["changes"]
    assert [(each["release"], bool(each["returns_to"])) for each in changes] == [
        ("1.4.2", True),
        ("1.4.3", False),
        ("1.4.2", False),
    ]
    assert changes[0]["running"] == [CONTAINER]
    refused = pin(host, "update", "1.4.3", "--push", "--branch", "main", code=1)  # it was rolled back from
    assert refused == {}
    update(host, "1.4.4")
    roll_out(host)


def test_a_rollout_that_does_not_come(host: DeployHost) -> None:
    """The rollback is pushed, and that is said; that it arrived cannot be said until somebody rolls it out."""
    host.sample.release("1.4.5", host.registry)
    host.push()
    host.deploy()

    environ = {**host.engine.environ, **GIT_ENVIRON}
    words = ("--push", "--branch", "main", "--follow", "1", "--registry-insecure", host.registry.host)
    done = host.cli("pin", "rollback", *words, cwd=host.sample.path, env=environ)

    assert done.returncode == 3, done.stderr
    assert "pushed to origin/main" in done.stdout
    assert "which did not get" in done.stderr
    assert host.repository.git("ls-remote", "origin", "main").split()[0] != host.repository.git("rev-parse", "HEAD")

    host.repository.git("pull", "--quiet", "--ff-only", "origin", "main")
    before = host.ask("before")
    assert (before.exit_code, before.codes(*WRONG)) == (0, set())
    assert "; this rollout goes back to 1.4." in before.said("coolify-env-file", "pass")
    host.deploy()
    after = host.ask("after")
    assert (after.exit_code, after.codes(*WRONG)) == (0, set())
