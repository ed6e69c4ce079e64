"""checks/coolify_env_file.py: what the processes in the container have."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from checks.coolify_env_file import CoolifyEnvFile
from preflight.check import NoSettings
from preflight.context import Context, Options
from preflight.engine.container import NOT_INSIDE, Container, Details, ExecResult, Sight
from preflight.engine.process_environ import read_environ
from preflight.errors import CouldNotLook
from preflight.lib.deadline import Deadline
from preflight.model import Status
from preflight.sentinel import arm
from preflight.testing import run_check
from tests.checks.coolify_env_file.stack import AFTER, FOREIGN, NEW, OLD, SECRET, VARIABLE, Stack, pin_text
from tests.fakes.doors import with_doors
from tests.real.git import GitRepository

pytestmark = pytest.mark.engine


def test_a_container_that_carries_the_pin_passes(stack: Stack) -> None:
    """The value in the container is the one in the file, seen by exec, in process 1 too."""
    stack.write()
    stack.up()

    found = stack.only()

    assert found.status is Status.PASS
    assert found.message == f"the pin is in {stack.container()}: {VARIABLE} as in docker/agent-image-pin.env"
    assert found.evidence["containers"] == {stack.container(): "exec env; /proc/1/environ too"}
    assert found.evidence["expected"] == NEW


def test_a_value_that_is_no_image_reference_is_never_shown(stack: Stack) -> None:
    """A password in the wrong variable stays secret; ``Stack.check`` looks for it everywhere."""
    stack.write(environment={VARIABLE: SECRET})
    stack.up()

    found = stack.only()

    assert found.status is Status.FAIL
    assert "found" not in found.evidence


def test_an_image_without_env_falls_back_to_the_configured_environment(stack: Stack) -> None:
    """Nothing can be run in it; the report says how it was seen."""
    stack.write(image=stack.engine.image_without_env)
    stack.up()

    found = stack.only()

    unseen = "process 1 was not looked at: the image has no cat"
    assert found.status is Status.PASS
    assert found.evidence["containers"] == {stack.container(): f"{NOT_INSIDE}; {unseen}"}
    assert found.message.endswith(f"; {unseen}")


def test_an_image_without_env_with_another_value_fails(stack: Stack) -> None:
    """The configured environment is enough to see that it is wrong."""
    stack.write(image=stack.engine.image_without_env, environment={VARIABLE: FOREIGN})
    stack.up()

    assert stack.only().status is Status.FAIL


@pytest.mark.parametrize(
    "script",
    [
        f"export {VARIABLE}={FOREIGN}; exec sleep 600",
        f"{VARIABLE}={FOREIGN} sleep 600 & wait",
        "env -i sleep 600 & wait",
    ],
    ids=["itself", "its child", "its child, emptied"],
)
def test_an_entrypoint_that_changes_the_variable_fails(stack: Stack, script: str) -> None:
    """The container has the right value, the application another."""
    stack.write(entrypoint=["sh", "-c", script])
    stack.up()

    found = stack.only()

    assert (found.status, found.code) == (Status.FAIL, "entrypoint")


def test_an_entrypoint_that_takes_the_variable_away_fails(stack: Stack) -> None:
    """The rest of the environment of process 1 is there, so it can be believed."""
    stack.write(entrypoint=["sh", "-c", f"unset {VARIABLE}; exec sleep 600"])
    stack.up()

    assert stack.only().code == "entrypoint"


@pytest.mark.parametrize("assignment", [f"{VARIABLE}={FOREIGN}", ""], ids=["another", "nothing"])
@pytest.mark.parametrize("armed", [False, True], ids=["plain", "armed"])
def test_a_command_that_empties_the_environment_fails(stack: Stack, assignment: str, *, armed: bool) -> None:
    """Process 1 shares nothing with what the container was given: that is evidence, not a failure to read."""
    stack.write(command=["/bin/sh", "-c", f"exec env -i {assignment} sleep 600"])
    if armed:
        arm(stack.pin)
    stack.up()

    for options in (Options(), AFTER):
        found = stack.only(options=options)
        assert (found.status, found.code) == (Status.FAIL, "entrypoint")


def test_a_command_that_keeps_the_pin_and_loses_the_sentinel_fails(stack: Stack) -> None:
    """The command has today's pin written in: tomorrow's would not arrive."""
    stack.write(command=["/bin/sh", "-c", f"exec env -i {VARIABLE}={NEW} sleep 600"])
    arm(stack.pin)
    stack.up()

    assert stack.only(options=AFTER).code == "no-sentinel"


def test_an_entrypoint_that_changes_an_earlier_pin_is_seen_too(in_git: tuple[Stack, GitRepository]) -> None:
    """What the container was given is an earlier pin, as it should be before a rollout; what runs is not."""
    stack, repository = in_git
    stack.write(OLD, entrypoint=["sh", "-c", f"export {VARIABLE}={FOREIGN}; exec sleep 600"])
    repository.commit()
    stack.up()
    repository.commit({"docker/agent-image-pin.env": pin_text(NEW)})

    assert (stack.only().status, stack.only().code) == (Status.FAIL, "entrypoint")


def test_a_variable_inside_the_value_of_another_is_not_taken_for_it(stack: Stack) -> None:
    """A line of a longer value that looks like the pin proves nothing."""
    stack.write()
    labels = {"com.docker.compose.project.config_files": str(stack.file)}
    stack.run("app", "--env", f"OTHER=a\n{VARIABLE}={NEW}", labels=labels)

    assert stack.only().code == "dropped"


def test_the_default_of_the_image_is_told_from_an_override(stack: Stack) -> None:
    """`ENV` in the image shows through where the env file was dropped."""
    image = f"{stack.project}:default"
    stack.engine.docker("run", "--name", f"{stack.project}-base", "--network=host", stack.engine.image, "true")
    change = ("--change", f"ENV {VARIABLE}={FOREIGN}", "--change", 'CMD ["sleep", "100000"]')
    stack.engine.docker("commit", *change, f"{stack.project}-base", image)
    try:
        stack.write(image=image, pull_policy="never", env_file=["other.env"])
        (stack.file.parent / "other.env").write_text("X=1\n")
        stack.up()

        found = stack.only()

        assert (found.status, found.code) == (Status.FAIL, "image-default")
        assert "does not list agent-image-pin.env" in found.message
    finally:
        stack.clean()
        stack.engine.docker("rmi", image)


class FakeEngine:
    """Lists one container and sees what it is told to see."""

    def __init__(self, sight: Sight | CouldNotLook, labels: Mapping[str, str]) -> None:
        self._sight = sight
        self.container = Container("0" * 64, "app-1", "image", "running", "Up", datetime.now(UTC), labels)

    def containers(self, _labels: Mapping[str, str], _deadline: Deadline) -> tuple[Container, ...]:
        return (self.container,)

    def look_at_all(self, _containers: Any, _deadline: Deadline) -> tuple[Sight | CouldNotLook, ...]:
        return (self._sight,)


def context_with(stack: Stack, sight: Sight | CouldNotLook) -> Context:
    """A context with that engine, and git that is not there."""
    context = stack.context()
    nowhere: Any = FakeEngine(sight, {"com.docker.compose.project.config_files": str(stack.file)})
    return with_doors(context, engine=nowhere)


def test_a_container_that_cannot_be_seen_is_an_error(stack: Stack) -> None:
    """A refusal of the engine is no verdict on the container."""
    stack.write()
    context = context_with(stack, CouldNotLook("the container is gone", "Run preflight again."))

    [found] = run_check(CoolifyEnvFile(NoSettings()), context)

    assert found.status is Status.ERROR
    assert "the container is gone" in found.message


def test_a_container_that_stops_meanwhile_is_an_error(stack: Stack) -> None:
    """It ran when it was listed, and did not when it was asked."""
    stack.write()

    [found] = run_check(
        CoolifyEnvFile(NoSettings()), context_with(stack, Sight(Details("exited", datetime.now(UTC), {})))
    )

    assert found.status is Status.ERROR
    assert "stopped while it was asked (now exited)" in found.message


def test_exec_and_configuration_must_agree(stack: Stack) -> None:
    """An `env` in the image that says the right thing does not hide the wrong configuration."""
    stack.write()
    sight = Sight(
        Details("running", datetime.now(UTC), {VARIABLE: FOREIGN}),
        ExecResult({VARIABLE: NEW}, "exec env", read_environ(b"")),
    )

    [found] = run_check(CoolifyEnvFile(NoSettings()), context_with(stack, sight))

    assert found.status is Status.FAIL
