"""checks/coolify_env_file.py, against a real engine."""

import itertools
import os
import time
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from checks.coolify_env_file import CoolifyEnvFile
from preflight.check import NoSettings
from preflight.compose.ask.door import Compose
from preflight.context import Context, Options
from preflight.coolify.door import Coolify
from preflight.coolify.settings import CoolifySettings
from preflight.engine.container import NOT_INSIDE, Container, Details, ExecResult, Sight
from preflight.engine.door import Engine
from preflight.engine.process_environ import read_environ
from preflight.errors import CouldNotLook
from preflight.git.door import Git
from preflight.lib.deadline import Deadline
from preflight.model import Finding, Stage, Status, Subject
from preflight.project import ComposeProject, Pin
from preflight.sentinel import arm
from preflight.testing import fake_context, run_check
from tests.fakes.doors import with_doors
from tests.real.engine import RealEngine
from tests.real.git import GitRepository

pytestmark = pytest.mark.engine

VARIABLE = "AGENT_IMAGE_REFERENCE"
SECRET = "hunter2-do-not-show"
NEW, OLD, FOREIGN = (f"ghcr.io/example/agent@sha256:{digit * 64}" for digit in "123")
SERVICE = "application-server"
AFTER = Options(stage=Stage.AFTER)


def pin_text(value: str) -> str:
    """A pin file as people write it."""
    return f"# the agent\n{VARIABLE}={value}\n"


@dataclass
class Stack:
    """One checkout and one Compose project of the test's own."""

    engine: RealEngine
    root: Path
    project: str = field(default_factory=lambda: f"cef-{uuid.uuid4().hex[:10]}")
    options: Options = field(default_factory=Options)

    @property
    def pin(self) -> Path:
        return self.root / "docker" / "agent-image-pin.env"

    @property
    def file(self) -> Path:
        return self.root / "docker" / "compose.app.yaml"

    def write(self, value: str = NEW, **service: Any) -> None:
        """Write pin and compose file; ``service`` adds to the service."""
        self.pin.parent.mkdir(parents=True, exist_ok=True)
        self.pin.write_text(pin_text(value))
        self.describe(**service)

    def describe(self, **service: Any) -> None:
        """Write the compose file."""
        import json

        body: dict[str, Any] = {
            "image": self.engine.image,
            "network_mode": "host",
            "stop_grace_period": "0s",
            "env_file": [{"path": "agent-image-pin.env", "required": False}],
            "environment": {"DATABASE_PASSWORD": SECRET},
        }
        extra = service.pop("environment", {})
        body["environment"] |= extra
        self.file.write_text(json.dumps({"services": {SERVICE: {**body, **service}}}))

    def up(self, *arguments: str, project: str = "") -> None:
        """Deploy it as an operator would."""
        self.engine.compose("-p", project or self.project, "-f", str(self.file), "up", "-d", *arguments, cwd=self.root)

    def context(self, **changes: Any) -> Context:
        """What the check sees."""
        project = ComposeProject(self.root, (self.file,))
        engine = Engine(self.engine.environ)
        coolify = Coolify(CoolifySettings(root=self.root / "coolify"), {}, engine, (self.pin, self.file))
        compose = changes.pop("compose", None)
        context = fake_context(
            self.root,
            pins=[Pin(VARIABLE, SERVICE, self.pin)],
            project=project,
            compose=compose or Compose(project, {}),
            engine=engine,
            git=Git(self.root, os.environ),
            coolify=coolify,
            options=self.options,
        )
        return replace(context, **changes)

    def check(self, **changes: Any) -> list[Finding]:
        """Run the check; no finding of any test may hold the secret."""
        found = run_check(CoolifyEnvFile(NoSettings()), self.context(**changes))
        assert SECRET not in repr(found)
        return found

    def only(self, **changes: Any) -> Finding:
        """Run the check and return its one finding."""
        [finding] = self.check(**changes)
        return finding

    def container(self, number: int = 1) -> str:
        return f"{self.project}-{SERVICE}-{number}"

    def run(self, name: str, *arguments: str, labels: Mapping[str, str], image: str = "") -> str:
        """Start a container by hand, labelled as by Compose; return its name."""
        full = {"com.docker.compose.service": SERVICE, "com.docker.compose.project": self.project, **labels}
        words = itertools.chain.from_iterable(("--label", f"{key}={value}") for key, value in full.items())
        self.engine.docker(
            "run",
            "-d",
            "--network=host",
            "--name",
            f"{self.project}-{name}",
            *words,
            *arguments,
            image or self.engine.image,
        )
        return f"{self.project}-{name}"

    def clean(self) -> None:
        listed = self.engine.docker("ps", "-aq", "--filter", f"name={self.project}").stdout.split()
        if listed:
            self.engine.docker("rm", "--force", *listed)


@pytest.fixture
def stack(engine: RealEngine, tmp_path: Path) -> Iterator[Stack]:
    """An empty checkout."""
    one = Stack(engine, tmp_path / "checkout")
    yield one
    one.clean()


def test_a_container_that_carries_the_pin_passes(stack: Stack) -> None:
    """The value in the container is the one in the file, seen by exec, in process 1 too."""
    stack.write()
    stack.up()

    found = stack.only()

    assert found.status is Status.PASS
    assert found.message == f"the pin is in {stack.container()}: {VARIABLE} as in docker/agent-image-pin.env"
    assert found.evidence["containers"] == {stack.container(): "exec env; /proc/1/environ too"}
    assert found.evidence["expected"] == NEW


def test_whatever_the_project_is_called(stack: Stack) -> None:
    """The container is found by the files it was made from, not by a project name."""
    stack.write()
    stack.up()

    assert stack.only(environ={"COMPOSE_PROJECT_NAME": "something-else"}).status is Status.PASS


@pytest.fixture
def in_git(engine: RealEngine, tmp_path: Path) -> Iterator[tuple[Stack, GitRepository]]:
    """A checkout in git, nothing written or committed yet."""
    repository = GitRepository.create(tmp_path / "checkout")
    stack = Stack(engine, repository.path)
    yield stack, repository
    stack.clean()


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


@pytest.mark.parametrize("value", [NEW, FOREIGN])
def test_a_project_made_elsewhere_is_named_and_not_judged(stack: Stack, tmp_path: Path, value: str) -> None:
    """The name of a service is no identity: neither a pass where nothing of ours runs, nor a failure."""
    stack.write()
    other = Stack(stack.engine, tmp_path / "other")
    try:
        other.write(value)
        other.up()

        coming, found = stack.only(), stack.only(options=AFTER)

        assert (coming.status, found.status) == (Status.SKIP, Status.FAIL)
        assert (coming.code, found.code) == ("not-running", "not-running")
        assert f"not judged: project {other.project}, made in {other.root}/docker" in found.message
        assert "project_name: NAME" in found.hint
        assert found.evidence["not_judged"] == [other.container()]
    finally:
        other.clean()


def test_beside_ours_a_project_made_elsewhere_is_not_judged(stack: Stack, tmp_path: Path) -> None:
    """Ours is right; the other one is named."""
    stack.write()
    stack.up()
    other = Stack(stack.engine, tmp_path / "other")
    try:
        other.write(FOREIGN)
        other.up()

        found = stack.only()

        assert found.status is Status.PASS
        assert f"; not judged: project {other.project}" in found.message
        assert found.evidence["not_judged"] == [other.container()]
    finally:
        other.clean()


@pytest.mark.parametrize("named", ["configured", "environment", "dotenv", "file"])
def test_the_configured_name_makes_it_ours_and_where_it_was_made_is_said(
    stack: Stack, tmp_path: Path, named: str
) -> None:
    """Compose itself takes a project of that name for this one; but it was made from other files in another folder."""
    other = Stack(stack.engine, tmp_path / "other")
    stack.write()
    project = ComposeProject(stack.root, (stack.file,), project_name=other.project if named == "configured" else None)
    environ = {"COMPOSE_PROJECT_NAME": other.project} if named == "environment" else {}
    if named == "dotenv":
        (stack.file.parent / ".env").write_text(f"COMPOSE_PROJECT_NAME={other.project}\n")
    if named == "file":
        stack.file.write_text(f'{{"name": "{other.project}", {stack.file.read_text()[1:]}')
    try:
        other.write()
        other.up()
        compose = Compose(project, {})

        coming, found = (
            {each.code: each.status for each in stack.check(project=project, environ=environ, compose=compose, **more)}
            for more in ({}, {"options": AFTER})
        )

        assert coming == {"": Status.PASS, "other-files": Status.WARN, "other-folder": Status.WARN}
        assert found == {"": Status.PASS, "other-files": Status.FAIL, "other-folder": Status.FAIL}
    finally:
        other.clean()


def test_one_off_containers_and_previews_are_left_out(stack: Stack) -> None:
    """`docker compose run` and Coolify's previews of pull requests are not the service."""
    stack.write()
    stack.run("once", labels={"com.docker.compose.oneoff": "True"})
    stack.run("preview", labels={"coolify.managed": "true", "coolify.pullRequestId": "7"})

    found = stack.only()

    assert found.status is Status.SKIP
    assert found.evidence["previews_not_judged"] == [f"{stack.project}-preview"]


def test_a_container_that_coolify_made_in_its_helper_says_what_default_mode_does(stack: Stack) -> None:
    """Even where nothing else of Coolify can be seen, the folder in Compose's label tells the mode."""
    stack.write()
    labels = {"coolify.managed": "true", "com.docker.compose.project.working_dir": "/artifacts/abc/docker"}
    stack.run("app", labels=labels)

    found = stack.only()

    assert found.status is Status.FAIL
    assert "replaced by Coolify: env_file: became its own .env" in found.message
    assert "Raw Compose Deployment" in found.hint


def test_where_nothing_tells_why_the_coolify_checks_are_named(stack: Stack) -> None:
    """The container itself is proof enough that the pin is lost."""
    stack.write()
    stack.run("app", labels={"coolify.managed": "true"})

    found = stack.only()

    assert found.status is Status.FAIL
    assert "`preflight run --tag coolify`" in found.hint


def test_a_stale_container_of_coolify_is_deployed_again_there(stack: Stack) -> None:
    """Not with Compose by hand, which would make a second stack."""
    stack.write()
    stack.run("app", "--env", f"{VARIABLE}={OLD}", labels={"coolify.managed": "true"})
    stack.pin.write_text(pin_text(NEW))

    assert stack.only(options=AFTER).hint.startswith(f"Deploy {SERVICE} in Coolify.")


def test_a_container_made_by_coolify_under_its_own_name_passes(stack: Stack) -> None:
    """Coolify's project has the application's id for a name and lies in a folder that is gone."""
    stack.write()
    stack.run(
        "app",
        "--env",
        f"{VARIABLE}={NEW}",
        labels={
            "coolify.managed": "true",
            "coolify.pullRequestId": "0",
            "com.docker.compose.project.working_dir": "/artifacts/abc",
        },
    )

    assert stack.only().status is Status.PASS


def test_labels_and_values_with_control_characters_do_no_harm(stack: Stack) -> None:
    """They are matched as they are; the engine cleans what is shown."""
    stack.write()
    stack.run(
        "app",
        "--env",
        f"{VARIABLE}={NEW}\nX=\x1b[31m",
        "--env",
        f"OTHER=a\n{VARIABLE}={NEW}",
        labels={"com.docker.compose.project.config_files": f"\x1b[31m/x,,\x07,{stack.file}"},
    )

    found = {each.code: each for each in stack.check()}

    assert set(found) == {"foreign-value", "other-files"}
    assert not any("\x1b" in each.message + each.hint for each in found.values())


def test_a_variable_inside_the_value_of_another_is_not_taken_for_it(stack: Stack) -> None:
    """A line of a longer value that looks like the pin proves nothing."""
    stack.write()
    labels = {"com.docker.compose.project.config_files": str(stack.file)}
    stack.run("app", "--env", f"OTHER=a\n{VARIABLE}={NEW}", labels=labels)

    assert stack.only().code == "dropped"


def test_the_sentinel_is_demanded_of_every_container(stack: Stack) -> None:
    """An equal value can come from elsewhere; the random one cannot."""
    stack.write()
    stack.up()
    arm(stack.pin)

    assert stack.only().status is Status.WARN
    found = stack.only(options=AFTER)
    assert (found.status, found.code) == (Status.FAIL, "no-sentinel")
    assert found.hint.startswith("Deploy")

    stack.up()
    found = stack.only()
    assert found.status is Status.PASS
    assert "and the sentinel" in found.message


def test_an_equal_value_from_elsewhere_does_not_pass_an_armed_file(stack: Stack) -> None:
    """The container takes the very value from another file: only the sentinel shows it."""
    stack.write(env_file=[], environment={VARIABLE: NEW})
    arm(stack.pin)
    stack.up()

    assert "lacks the sentinel" in stack.only().message


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", f"gives {VARIABLE} no value"),
        (f"{VARIABLE}=\n", f"gives {VARIABLE} no value"),
        (f"{VARIABLE}=${{OTHER:-{NEW}}}\n", "depends on other variables"),
        ("A='\n", "is opened and never closed"),
    ],
)
def test_a_pin_file_that_gives_no_value_is_an_error(stack: Stack, text: str, words: str) -> None:
    """There is nothing to compare with, and that is no pass."""
    stack.write()
    stack.pin.write_text(text)

    found = stack.only()

    assert found.status is Status.ERROR
    assert words in found.message


def test_no_pin_file_is_an_error(stack: Stack) -> None:
    """Nothing to compare with."""
    stack.write()
    stack.pin.unlink()

    assert stack.only().status is Status.ERROR


def test_the_command_to_redeploy_is_built_from_the_labels(stack: Stack) -> None:
    """It can be copied: the project's name, all its files and folders, quoted; not what was guessed."""
    stack.write()
    arm(stack.pin)
    folder, more, variables = stack.root / "my docker", stack.root / "prod.yaml", stack.root / "x.env"
    labels = {
        "com.docker.compose.project.config_files": f"{stack.file},{more}",
        "com.docker.compose.project.working_dir": str(folder),
        "com.docker.compose.project.environment_file": str(variables),
    }
    stack.run("app", "--env", f"{VARIABLE}={NEW}", labels=labels)

    found = {each.code: each for each in stack.check(options=AFTER)}

    assert set(found) == {"no-sentinel", "other-files", "other-folder"}
    assert found["no-sentinel"].hint.startswith(
        f"Deploy: `docker compose -p {stack.project} -f docker/compose.app.yaml -f prod.yaml --env-file x.env "
        f"--project-directory 'my docker' up -d {SERVICE}`."
    )


def test_an_application_deployed_with_two_files_is_not_judged_by_one(stack: Stack) -> None:
    """The production file sets something else; the tool knew only the first file, and the labels tell."""
    stack.write()
    prod = stack.root / "docker" / "compose.prod.yaml"
    prod.write_text(f"services: {{{SERVICE}: {{environment: {{MODE: prod}}}}}}\n")
    stack.engine.compose(
        "-p", stack.project, "-f", str(stack.file), "-f", str(prod), "up", "-d", cwd=stack.root
    )  # fmt: skip

    coming, found = stack.check(), {each.code: each for each in stack.check(options=AFTER)}

    assert [(each.status, each.code) for each in coming] == [(Status.PASS, ""), (Status.WARN, "other-files")]
    assert found["other-files"].status is Status.FAIL
    assert found["other-files"].evidence["files"] == [str(stack.file), str(prod)]
    assert "files: [docker/compose.app.yaml, docker/compose.prod.yaml]" in found["other-files"].hint
    both = ComposeProject(stack.root, (stack.file, prod))
    assert stack.only(project=both, compose=Compose(both, {}), options=AFTER).status is Status.PASS


def test_another_project_directory_is_found(stack: Stack) -> None:
    """`--project-directory .`: relative paths mean other files."""
    stack.write(env_file=[{"path": "docker/agent-image-pin.env", "required": False}])
    words = ("-p", stack.project, "--project-directory", ".", "-f", str(stack.file))
    stack.engine.compose(*words, "up", "-d", cwd=stack.root)

    found = {each.code: each.status for each in stack.check(options=AFTER)}

    assert found == {"": Status.PASS, "other-folder": Status.FAIL}


def test_a_file_rendered_from_ours_is_found(stack: Stack) -> None:
    """`docker compose config > rendered.yaml`, and `up` with that."""
    stack.write()
    rendered = stack.root / "rendered.yaml"
    rendered.write_text(stack.engine.compose("-f", str(stack.file), "config", cwd=stack.root).stdout)
    stack.engine.compose("-f", str(rendered), "up", "-d", cwd=stack.root)
    try:
        found = {each.code: each for each in stack.check(options=AFTER)}
        assert set(found) == {"", "other-files", "other-folder"}
        assert found["other-files"].evidence["files"] == [str(rendered)]
    finally:
        stack.engine.compose("-f", str(rendered), "down", cwd=stack.root)


def test_a_stack_made_without_its_env_file_says_where_it_should_lie(stack: Stack, tmp_path: Path) -> None:
    """As Portainer's /data/compose/5: the compose file was pasted, the pin file is not in that folder."""
    stack.write()
    folder = tmp_path / "data" / "compose" / "5"
    folder.mkdir(parents=True)
    (folder / "docker-compose.yml").write_text(stack.file.read_text())
    stack.engine.compose("-p", stack.project, "up", "-d", cwd=folder)
    project = ComposeProject(stack.root, (stack.file,), project_name=stack.project)

    found = {each.code: each for each in stack.check(project=project)}

    assert found["dropped"].status is Status.FAIL
    assert f"{folder}/agent-image-pin.env does not exist there; required: false hides that" in found["dropped"].message
    assert "Put agent-image-pin.env there" in found["dropped"].hint


def test_a_stack_made_from_a_folder_that_is_gone_says_so(stack: Stack) -> None:
    """Portainer keeps its stacks in a volume; that path is not one of the host."""
    stack.write()
    labels = {
        "com.docker.compose.project.config_files": "/data/compose/5/docker-compose.yml",
        "com.docker.compose.project.working_dir": "/data/compose/5",
    }
    stack.run("app", labels=labels)
    project = ComposeProject(stack.root, (stack.file,), project_name=stack.project)

    found = {each.code: each for each in stack.check(project=project)}

    assert "made from /data/compose/5, which is not on this host" in found["dropped"].message
    assert "Portainer" in found["dropped"].hint


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


def test_a_task_of_swarm_is_named(stack: Stack) -> None:
    """It has none of Compose's labels, and its deployment refuses the long form of the entry."""
    stack.write()
    task = f"{stack.project}_{SERVICE}"
    labels = {"com.docker.swarm.service.name": task, "com.docker.stack.namespace": stack.project}
    words = [word for key, value in labels.items() for word in ("--label", f"{key}={value}")]
    stack.engine.docker("run", "-d", "--network=host", "--name", f"{task}.1.x", *words, stack.engine.image)

    coming, found = stack.only(), stack.only(options=AFTER)

    assert (coming.status, coming.code) == (Status.WARN, "swarm-task")
    assert (found.status, found.code) == (Status.FAIL, "swarm-task")
    assert f"{task}.1.x" in found.message
    assert "docker compose up" in found.hint


def test_one_pin_that_cannot_be_looked_at_does_not_cost_the_others(stack: Stack) -> None:
    """Each pin has a row of its own."""
    stack.write()
    stack.up()
    pins = (Pin(VARIABLE, SERVICE, stack.root / "none.env"), Pin(VARIABLE, SERVICE, stack.pin))

    assert [finding.status for finding in stack.check(pins=pins)] == [Status.ERROR, Status.PASS]


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
