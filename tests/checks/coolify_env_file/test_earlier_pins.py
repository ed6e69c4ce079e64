"""checks/coolify_env_file.py: a container that carries another pin than the file."""

import os
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from preflight.context import Options
from preflight.model import Stage, Status, Subject
from preflight.project import ComposeProject
from tests.checks.coolify_env_file.stack import AFTER, FOREIGN, NEW, OLD, SERVICE, VARIABLE, Stack, pin_text
from tests.real.engine import RealEngine
from tests.real.git import GitRepository

pytestmark = pytest.mark.engine


def release(version: str) -> str:
    """The subject of the commit that pins a release."""
    return f"chore: pin the agent image for v{version}"


def test_a_container_of_the_last_release_passes_before_a_rollout_and_is_stale_after_it(
    in_git: tuple[Stack, GitRepository],
) -> None:
    """Which pin the last rollout left never blocks; it even proves that the file arrives."""
    stack, repository = in_git
    stack.write(OLD)
    old = repository.commit(message=release("1.4.1"))
    stack.up()
    repository.commit({"docker/agent-image-pin.env": pin_text(NEW)}, release("1.4.2"))

    coming, found = stack.only(), stack.only(options=AFTER)

    assert (coming.status, coming.code) == (Status.PASS, "stale")
    assert "runs 1.4.1, of commit " + old[:7] in coming.message
    assert coming.message.endswith("; this rollout brings 1.4.2")
    assert coming.hint == ""
    assert (found.status, found.code) == (Status.FAIL, "stale")
    assert found.subject == Subject("container", stack.container())
    assert found.message.startswith(f"{SERVICE}: {stack.container()} is stale: it runs 1.4.1, of commit {old[:7]}")
    assert found.message.endswith("docker/agent-image-pin.env pins 1.4.2")
    command = f"docker compose -p {stack.project} -f docker/compose.app.yaml up -d {SERVICE}"
    assert found.hint.startswith(f"Deploy: `{command}`.")
    assert found.evidence["found"] == OLD
    assert (found.evidence["commit"], found.evidence["release"]) == (old, "1.4.1")
    assert found.location is not None
    assert found.location.path == "docker/agent-image-pin.env"


def test_a_rollback_passes_before_and_is_known_by_what_the_file_says(in_git: tuple[Stack, GitRepository]) -> None:
    """Whatever the subject says: the pin file says again what it said before."""
    stack, repository = in_git
    stack.write(OLD)
    repository.commit(message=release("1.4.1"))
    stack.pin.write_text(pin_text(NEW))
    newer = repository.commit(message=release("1.4.2"))
    stack.up()
    repository.commit({"docker/agent-image-pin.env": pin_text(OLD)}, "Go on")

    coming = stack.only()

    assert (coming.status, coming.code) == (Status.PASS, "stale")
    assert f"runs 1.4.2, of commit {newer[:7]}" in coming.message
    assert coming.message.endswith("; this rollout goes back to 1.4.1")
    assert stack.only(options=AFTER).code == "stale"
    stack.up()
    assert stack.only(options=AFTER).status is Status.PASS


def test_where_no_commit_names_a_release_the_commit_is_named(in_git: tuple[Stack, GitRepository]) -> None:
    """And what the rollout brings is only called another image."""
    stack, repository = in_git
    stack.write(OLD)
    old = repository.commit(message="Pin one")
    stack.up()
    repository.commit({"docker/agent-image-pin.env": pin_text(NEW)}, "Pin two")

    coming = stack.only()

    assert f"runs the image of commit {old[:7]} (" in coming.message
    assert coming.message.endswith("; this rollout brings another image")


def test_a_service_from_before_the_pin_is_fixed_by_the_rollout(in_git: tuple[Stack, GitRepository]) -> None:
    """The first rollout of a pin must get through: the container was made before there was one."""
    stack, repository = in_git
    stack.write(env_file=[])
    stack.pin.unlink()
    repository.commit()
    stack.up()
    sleep_over_a_second()
    stack.write()
    repository.commit()

    coming, found = stack.only(), stack.only(options=AFTER)

    assert (coming.status, coming.code) == (Status.WARN, "fixed-by-rollout")
    assert coming.message.endswith("it was made before docker/agent-image-pin.env had one; this rollout brings it")
    assert (found.status, found.code) == (Status.FAIL, "fixed-by-rollout")


def sleep_over_a_second() -> None:
    """Git's times are whole seconds: what comes next is surely later."""
    start = int(time.time())
    while int(time.time()) <= start + 1:
        time.sleep(0.05)


@pytest.mark.parametrize(
    ("service", "words"),
    [
        ({"environment": {VARIABLE: FOREIGN}}, "environment: sets it (docker/compose.app.yaml:"),
        ({"env_file": []}, "does not list agent-image-pin.env in env_file:"),
    ],
    ids=["environment", "not-listed"],
)
def test_a_cause_that_this_commit_removes_only_warns_before(
    in_git: tuple[Stack, GitRepository], service: dict[str, Any], words: str
) -> None:
    """The compose file of the commit that was deployed tells; today's does not do it any more."""
    stack, repository = in_git
    stack.write(**service)
    bad = repository.commit()
    sleep_over_a_second()
    stack.up()
    stack.write()
    sleep_over_a_second()
    repository.commit()

    coming, found = stack.only(), stack.only(options=AFTER)

    assert (coming.status, coming.code) == (Status.WARN, "fixed-by-rollout")
    assert f"in commit {bad[:7]}, " in coming.message
    assert words in coming.message
    assert coming.message.endswith("; this rollout fixes it")
    assert (found.status, found.code) == (Status.FAIL, "fixed-by-rollout")


def test_a_cut_history_warns_before_and_says_where_it_ends(in_git: tuple[Stack, GitRepository], tmp_path: Path) -> None:
    """What the container has may have been pinned before; after a rollout it is not the pin, whatever it is."""
    stack, repository = in_git
    stack.write(OLD)
    repository.commit(message=release("1.4.1"))
    stack.up()
    sleep_over_a_second()
    repository.commit({"docker/agent-image-pin.env": pin_text(NEW)}, release("1.4.2"))
    repository.git("clone", "--quiet", "--depth=1", f"file://{repository.path}", str(tmp_path / "cut"))
    cut = Stack(stack.engine, tmp_path / "cut", project=stack.project)
    project = ComposeProject(cut.root, (cut.file,), project_name=stack.project)

    *_, coming = sorted(cut.check(project=project), key=lambda finding: finding.code)
    *_, found = sorted(cut.check(project=project, options=AFTER), key=lambda finding: finding.code)

    head = repository.git("rev-parse", "HEAD")
    assert (coming.status, coming.code) == (Status.WARN, "unknown-value")
    assert f"it ends at commit {head[:7]}" in coming.message
    assert "git fetch --unshallow" in coming.hint
    assert (found.status, found.code) == (Status.FAIL, "stale")


def test_without_git_the_files_age_tells(stack: Stack) -> None:
    """Before a rollout nothing proves where an older value comes from; after it, the container is plainly old."""
    stack.write(OLD)
    stack.up()
    stack.pin.write_text(pin_text(NEW))

    coming, found = stack.only(), stack.only(options=AFTER)

    assert (coming.status, coming.code) == (Status.WARN, "unknown-value")
    assert (found.status, found.code) == (Status.FAIL, "stale")
    assert found.message == (
        f"{SERVICE}: {stack.container()} is stale: older than docker/agent-image-pin.env, it has another {VARIABLE}"
    )


@pytest.mark.parametrize(
    ("environment", "code"),
    [({VARIABLE: FOREIGN}, "foreign-value"), ({VARIABLE: ""}, "empty"), ({VARIABLE: None}, "dropped")],
)
@pytest.mark.parametrize("stage", Stage)
def test_an_overridden_variable_is_told_apart_from_a_stale_one(
    stack: Stack, environment: Mapping[str, str | None], code: str, stage: Stage
) -> None:
    """A container younger than the file, with a value the file never had, was not merely forgotten."""
    stack.write(environment=environment)
    stack.up()

    found = stack.only(options=Options(stage=stage))

    assert (found.status, found.code) == (Status.FAIL, code)
    assert found.subject == Subject("container", stack.container())
    assert "environment: sets it (docker/compose.app.yaml:1)" in found.message
    assert found.hint == f"Delete {VARIABLE} from environment: at docker/compose.app.yaml:1."


def test_a_clone_made_after_the_deployment_makes_nothing_stale(engine: RealEngine, tmp_path: Path) -> None:
    """A checkout is as old as its commits, whatever the clock of its files says."""
    repository = GitRepository.create(tmp_path / "checkout")
    stack = Stack(engine, repository.path)
    try:
        stack.write(environment={VARIABLE: FOREIGN})
        repository.commit()
        stack.up()
        future = (datetime.now(UTC) + timedelta(hours=1)).timestamp()
        os.utime(stack.pin, (future, future))

        assert stack.only().code == "foreign-value"
    finally:
        stack.clean()


def test_an_old_container_that_never_had_the_variable_lost_it(engine: RealEngine, tmp_path: Path) -> None:
    """The file had the variable before the container was made, so a newer pin is not why it lacks it."""
    repository = GitRepository.create(tmp_path / "checkout")
    stack = Stack(engine, repository.path)
    try:
        stack.write(OLD, env_file=[])
        repository.commit()
        stack.up()
        stack.pin.write_text(pin_text(NEW))

        assert stack.only().code == "dropped"
    finally:
        stack.clean()


def test_an_old_container_from_before_the_variable_is_stale(stack: Stack) -> None:
    """Nothing says that the file had the variable by then, so deploying again comes first."""
    stack.write(env_file=[])
    stack.up()
    stack.pin.write_text(pin_text(NEW))

    assert (stack.only().status, stack.only().code) == (Status.WARN, "unknown-value")
    found = stack.only(options=AFTER)
    assert found.message.endswith(f"is stale: older than docker/agent-image-pin.env, it has no {VARIABLE}")
