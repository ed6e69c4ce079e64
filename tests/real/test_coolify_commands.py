"""tests/real/coolify: hooks, custom commands and deployments that fail."""

import pytest

from tests.real.coolify import Coolify, DeploymentFailed
from tests.real.coolify_application import COMPOSE_FILE, NEW, OLD, PIN, PIN_FILE, SERVICE, application, compose, labels
from tests.real.git import GitRepository

pytestmark = pytest.mark.engine


def test_the_pre_deployment_command_blocks_before_anything_is_touched(
    coolify: Coolify, git_repository: GitRepository
) -> None:
    """The first deployment is not gated; afterwards a failure leaves the old container running."""
    app = application(coolify, git_repository, raw=False, preserve=False)
    app.pre_deployment_command = "echo no >&2;\nexit 3"

    assert coolify.deploy(app).log == ("No running containers found. Skipping.",)
    running = coolify.container(app, SERVICE)
    with pytest.raises(DeploymentFailed, match=r"exit code 3.*no"):
        coolify.deploy(app)

    assert coolify.container(app, SERVICE) == running


def test_words_of_a_broken_connection_make_the_command_run_three_times(
    coolify: Coolify, git_repository: GitRepository
) -> None:
    """Coolify takes them for a fault of ssh."""
    app = application(coolify, git_repository, raw=False, preserve=False)
    coolify.deploy(app)
    app.pre_deployment_command = "echo x >> /etc/runs; echo Connection refused; exit 1"

    with pytest.raises(DeploymentFailed):
        coolify.deploy(app)

    runs = coolify.engine.docker("exec", coolify.container(app, SERVICE), "cat", "/etc/runs").stdout
    assert runs.split() == ["x"] * 3


def test_the_custom_build_command_sees_the_new_commit_and_can_stop_it(
    coolify: Coolify, git_repository: GitRepository
) -> None:
    """It stands in the checkout, after the rewrite and before the old containers are removed."""
    app = application(coolify, git_repository, raw=False, preserve=False)
    coolify.deploy(app)
    running = coolify.container(app, SERVICE)
    app.custom_build_command = f"grep -q {NEW} {PIN_FILE} && docker compose version && false"

    with pytest.raises(DeploymentFailed, match="Docker Compose version"):
        coolify.deploy(app)

    assert coolify.container(app, SERVICE) == running


def test_the_compose_file_is_that_of_the_tip_whatever_commit_is_deployed(
    coolify: Coolify, git_repository: GitRepository
) -> None:
    """On a rollback compose file and pin file come from two commits."""
    app = application(coolify, git_repository, raw=True, preserve=True)
    first = git_repository.git("rev-parse", "HEAD")
    changed = compose(coolify, environment={"GENERATION": "2"})
    git_repository.commit({COMPOSE_FILE: changed, PIN_FILE: f"{PIN}={OLD}\n"})

    coolify.deploy(app, commit=first)

    inside = coolify.environment(app, SERVICE)
    assert (inside["GENERATION"], inside[PIN]) == ("2", NEW)


def test_a_compose_file_that_is_not_there_fails_the_deployment(coolify: Coolify, git_repository: GitRepository) -> None:
    """So does a variable file that is a folder."""
    app = application(coolify, git_repository, raw=True, preserve=False)
    (coolify.folder(app) / ".env").mkdir(parents=True)
    with pytest.raises(DeploymentFailed, match=r"\.env: Is a directory"):
        coolify.deploy(app)

    app.compose_location = "/none.yaml"
    with pytest.raises(DeploymentFailed, match=r"not found at: /docker/none\.yaml"):
        coolify.deploy(app)


def test_what_symfony_refuses_is_an_outage_once_something_runs(coolify: Coolify, git_repository: GitRepository) -> None:
    """Default mode deploys a file without services: the old container is gone, and `up` selects nothing."""
    app = application(coolify, git_repository, raw=False, preserve=False)
    coolify.deploy(app)
    text = compose(coolify).replace("services:", "x-reset: !reset null\nservices:")
    git_repository.commit({COMPOSE_FILE: text})

    with pytest.raises(DeploymentFailed, match="no service selected"):
        coolify.deploy(app)

    assert (coolify.folder(app) / "docker-compose.yaml").read_text() == "services: {  }\n"
    with pytest.raises(AssertionError, match="has no container"):
        coolify.container(app, SERVICE)


def test_consistent_names_leave_the_old_container_to_compose(coolify: Coolify, git_repository: GitRepository) -> None:
    """Only a container that is called like the application is stopped, and no service's is."""
    app = application(coolify, git_repository, raw=True, preserve=False)
    app.consistent_names = True
    coolify.deploy(app)
    running = coolify.container(app, SERVICE)
    git_repository.commit({COMPOSE_FILE: compose(coolify, env_file=["./agent-image-pin.env"])})

    with pytest.raises(DeploymentFailed, match="not found"):
        coolify.deploy(app)

    assert coolify.container(app, SERVICE) == running


def test_the_hook_of_production_ignores_previews(coolify: Coolify, git_repository: GitRepository) -> None:
    """A preview's hook looks at its own containers only, of which there is none at first."""
    app = application(coolify, git_repository, raw=False, preserve=False)
    app.pre_deployment_command = "exit 3"
    assert coolify.deploy(app, pull_request=7).log == ("No running containers found. Skipping.",)

    assert coolify.deploy(app).log == ("No running containers found. Skipping.",)
    with pytest.raises(DeploymentFailed, match="exit code 3"):
        coolify.deploy(app, pull_request=7)


def test_a_custom_start_command_gets_the_options_it_lacks(coolify: Coolify, git_repository: GitRepository) -> None:
    """But no name of a project, so that is the folder's; with Preserve Repository it runs on the server."""
    app = application(coolify, git_repository, raw=False, preserve=True)
    app.custom_start_command = "docker compose up -d"
    host = coolify.folder(app)

    done = coolify.deploy(app)

    options = f"-f {host}/compose.app.yaml --env-file {host}/.env --project-directory {host}"
    assert done.commands[-1] == f"cd {host} && docker compose {options} up -d"
    assert labels(coolify, coolify.container(app, SERVICE))["com.docker.compose.project"] == app.uuid
