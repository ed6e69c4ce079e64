"""checks/coolify_env_file.py: what it tells the operator to do."""

import pytest

from preflight.model import Status
from preflight.sentinel import arm
from tests.checks.coolify_env_file.stack import AFTER, NEW, OLD, SERVICE, VARIABLE, Stack, pin_text

pytestmark = pytest.mark.engine


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
