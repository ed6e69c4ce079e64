"""checks/coolify_env_file.py: which containers belong to the service."""

from pathlib import Path

import pytest

from preflight.compose.ask.door import Compose
from preflight.model import Status
from preflight.project import ComposeProject
from tests.checks.coolify_env_file.stack import AFTER, FOREIGN, NEW, SERVICE, VARIABLE, Stack

pytestmark = pytest.mark.engine


def test_whatever_the_project_is_called(stack: Stack) -> None:
    """The container is found by the files it was made from, not by a project name."""
    stack.write()
    stack.up()

    assert stack.only(environ={"COMPOSE_PROJECT_NAME": "something-else"}).status is Status.PASS


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
