"""checks/coolify_env_file.py: containers that do not run, and several of one service."""

import pytest

from preflight.model import Status
from tests.checks.coolify_env_file.stack import AFTER, FOREIGN, NEW, OLD, SERVICE, VARIABLE, Stack
from tests.real.engine import RealEngine

pytestmark = pytest.mark.engine


def test_a_stopped_service_is_skipped_in_its_own_words(stack: Stack) -> None:
    """Before a rollout there is nothing to judge; after it that is a failure."""
    stack.write()
    stack.up()
    stack.engine.docker("stop", "--time=0", stack.container())

    found = stack.only()
    assert found.status is Status.SKIP
    assert found.message == f"{SERVICE}: no running container: {stack.container()} has stopped"
    assert f"docker logs {stack.container()}" in found.hint

    assert stack.only(options=AFTER).status is Status.FAIL


def test_a_container_that_was_never_started_is_skipped_in_its_own_words(stack: Stack) -> None:
    """Made is not started."""
    stack.write()
    stack.up("--no-start")

    assert stack.only().message == f"{SERVICE}: no running container: {stack.container()} was created but never started"


def test_no_container_yet_is_a_skip(stack: Stack) -> None:
    """Before the first deployment there is nothing to judge."""
    stack.write()

    found = stack.only()
    assert (found.status, found.code) == (Status.SKIP, "not-running")
    assert found.message == f"{SERVICE}: no container of this checkout"
    assert (stack.only(options=AFTER).status, stack.only(options=AFTER).code) == (Status.FAIL, "not-running")


def test_a_paused_container_is_not_a_pass(stack: Stack) -> None:
    """Nothing can be run in it; it is configured with the pin, but that is no proof."""
    stack.write()
    stack.up()
    stack.engine.docker("pause", stack.container())

    found = stack.only()

    assert found.status is Status.ERROR
    assert "is paused" in found.message
    assert f"docker unpause {stack.container()}" in found.hint


def test_a_paused_container_with_another_value_fails(stack: Stack) -> None:
    """What it is configured with is enough to see that it is wrong."""
    stack.write(environment={VARIABLE: FOREIGN})
    stack.up()
    stack.engine.docker("pause", stack.container())

    found = stack.only()

    assert found.status is Status.FAIL
    assert found.code == "foreign-value"
    assert found.message.endswith("(it is paused)")


def wait_for(engine: RealEngine, name: str, state: str) -> None:
    """Wait until the engine says so."""
    for _ in range(200):
        if engine.docker("inspect", "--format", "{{.State.Status}}", name).stdout.strip() == state:
            return
    raise AssertionError(f"{name} never was {state}")


def test_a_container_that_restarts_again_and_again_is_not_a_pass(stack: Stack) -> None:
    """It ends at once each time; the logs tell why."""
    stack.write(restart="always", entrypoint=["sh", "-c", "exit 1"])
    stack.up()
    wait_for(stack.engine, stack.container(), "restarting")

    found = stack.only()

    assert found.status is Status.ERROR
    assert "restarts again and again" in found.message or "stopped while it was asked" in found.message
    assert f"docker logs {stack.container()}" in found.hint


def test_one_wrong_replica_of_several_fails_and_is_named(stack: Stack) -> None:
    """Two are right, one was not replaced."""
    stack.write(OLD)
    stack.up()
    stack.write(NEW)
    stack.up("--no-recreate", "--scale", f"{SERVICE}=3")

    found = {finding.status: finding for finding in stack.check(options=AFTER)}

    assert set(found) == {Status.FAIL, Status.PASS}
    assert found[Status.FAIL].evidence["container"] == stack.container(1)
    right = found[Status.PASS].evidence["containers"]
    assert isinstance(right, dict)
    assert sorted(right) == [stack.container(2), stack.container(3)]
    assert "2 containers of project" in found[Status.PASS].message


def test_a_stopped_replica_beside_a_running_one_is_mentioned(stack: Stack) -> None:
    """What does not run is not judged, and the evidence says so."""
    stack.write()
    stack.up("--scale", f"{SERVICE}=2")
    stack.engine.docker("stop", "--time=0", stack.container(2))

    found = stack.only()

    assert found.status is Status.PASS
    assert found.evidence["stopped_not_judged"] == [stack.container(2)]
