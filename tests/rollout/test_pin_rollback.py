"""A bad release is rolled back by `preflight pin rollback`, which follows the rollout."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from provision.sample import VARIABLE

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


def test_a_bad_release_is_rolled_back_and_followed(host: DeployHost) -> None:
    """Release, rollout, rollback with push, rollout: each stage says so, and the last lines say what remains."""
    good = host.sample.reference
    bad = host.sample.release("1.4.2", host.registry)
    host.push()
    host.deploy()
    assert (host.ask("after").exit_code, host.ask("before").exit_code) == (0, 0)

    environ = {**host.engine.environ, **GIT_ENVIRON}
    words = ("--registry-insecure", host.registry.host, "--format", "json")
    with deployer(host):
        push = ("--push", "--branch", "main", "--follow", "60")
        done = host.cli("pin", "rollback", *push, *words, cwd=host.sample.path, env=environ)
    assert done.stdout, done.stderr
    told = json.loads(done.stdout)

    followed = told["followed"]
    wrong = [
        (check["id"], finding["code"], finding["message"])
        for check in followed["checks"]
        for finding in check["findings"]
        if finding["status"] in WRONG
    ]
    assert wrong == []
    assert done.returncode == 0
    assert followed["stage"] == "after"
    assert followed["commit"] == told["commit"] == host.repository.git("rev-parse", "origin/main")
    assert (told["from"]["digest"], told["to"]["digest"]) == (bad.rpartition("@")[2], good.rpartition("@")[2])
    remains = {each["kind"]: each["text"] for each in told["remains"]}
    assert CONTAINER in remains["container"]
    assert "1.4.2 still points at the old digest" in remains["tag"]
    assert remains["release"].startswith("cut 1.4.3 with the fix")

    after = host.ask("after")
    assert (after.exit_code, after.codes(*WRONG)) == (0, set())
    seen = host.engine.docker("inspect", "--format", "{{json .Config.Env}}", CONTAINER).stdout
    assert f"{VARIABLE}={good}" in json.loads(seen)


def test_a_rollout_that_does_not_come(host: DeployHost) -> None:
    """The rollback is pushed, and that is said; that it arrived cannot be said until somebody rolls it out."""
    host.sample.release("1.4.3", host.registry)
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
    assert before.said("coolify-env-file", "pass").endswith("; this rollout goes back to 1.4.1")
    host.deploy()
    after = host.ask("after")
    assert (after.exit_code, after.codes(*WRONG)) == (0, set())
