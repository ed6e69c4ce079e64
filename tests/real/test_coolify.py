"""The stand-in for Coolify does what the facts about Coolify 4.3.11 say."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.real.coolify import Application, Coolify, DeploymentFailed, ServiceStack
from tests.real.coolify.dotenv import application_dotenv
from tests.real.git import GitRepository

pytestmark = pytest.mark.engine

SERVICE = "application-server"
PIN = "AGENT_IMAGE_REFERENCE"
NEW, OLD = (f"ghcr.io/example/agent@sha256:{digit * 64}" for digit in "12")
PIN_FILE = "docker/agent-image-pin.env"
COMPOSE_FILE = "docker/compose.app.yaml"


def compose(coolify: Coolify, **service: Any) -> str:
    """A compose file with one service that reads the pin."""
    body = {
        "image": coolify.engine.image,
        "network_mode": "host",
        "stop_grace_period": "0s",
        "env_file": [{"path": "./agent-image-pin.env", "required": False}],
        **service,
    }
    return "# a comment\n" + yaml.safe_dump({"services": {SERVICE: body}})


def application(
    coolify: Coolify, repository: GitRepository, *, raw: bool, preserve: bool, **service: Any
) -> Application:
    """An application whose base directory is the folder of compose and pin file, both committed."""
    repository.commit({PIN_FILE: f"{PIN}={NEW}\n", COMPOSE_FILE: compose(coolify, **service)})
    return Application(
        repository.path, base_directory="/docker", compose_location="/compose.app.yaml", raw=raw, preserve=preserve
    )


def labels(coolify: Coolify, name: str) -> dict[str, str]:
    """The labels of a container."""
    shown = coolify.engine.docker("inspect", "--format", "{{json .Config.Labels}}", name).stdout
    found: dict[str, str] = yaml.safe_load(shown)
    return found


def deployed(coolify: Coolify, resource: Application | ServiceStack, name: str = "docker-compose.yaml") -> Any:
    """The service in the deployed file."""
    return yaml.safe_load((coolify.folder(resource) / name).read_text())["services"][SERVICE]


def test_default_mode_loses_the_pin_and_leaves_no_folder(coolify: Coolify, git_repository: GitRepository) -> None:
    """`up` runs in the helper with ``env_file: ['.env']``; afterwards helper and folder are gone."""
    app = application(coolify, git_repository, raw=False, preserve=False)

    done = coolify.deploy(app)

    work = f"/artifacts/{done.uuid}/docker"
    assert done.commands[-1] == (
        f"COOLIFY_BRANCH='main' COOLIFY_RESOURCE_UUID='{app.uuid}' "
        f"docker compose --env-file {work}/.env --project-name {app.uuid} --project-directory {work} "
        f"-f {work}/compose.app.yaml up -d"
    )
    assert PIN not in coolify.environment(app, SERVICE)
    assert deployed(coolify, app)["env_file"] == [".env"]
    assert "agent-image-pin.env" in (done.docker_compose or "")
    name = coolify.container(app, SERVICE)
    assert name.startswith(f"{SERVICE}-{app.uuid}-")
    assert len(name.rsplit("-", 1)[1]) == 12
    theirs = labels(coolify, name)
    assert theirs["com.docker.compose.project"] == app.uuid
    assert theirs["com.docker.compose.project.working_dir"] == work
    assert theirs["coolify.pullRequestId"] == "0"
    assert theirs["coolify.version"] == "4.3.11"
    assert not Path("/artifacts").exists()
    assert coolify.engine.docker("inspect", done.uuid, check=False).returncode != 0
    assert sorted(path.name for path in coolify.folder(app).iterdir()) == [".env", "README.md", "docker-compose.yaml"]


def test_default_mode_gives_every_container_the_variables_of_the_ui(
    coolify: Coolify, git_repository: GitRepository
) -> None:
    """What the UI says is the only source; build-time rows and those of previews are not among it."""
    app = application(coolify, git_repository, raw=False, preserve=False)
    app.variables.set(PIN, OLD)
    app.variables.set("BUILD_ONLY", "x", is_runtime=False)
    app.variables.set("PREVIEW_ONLY", "x", is_preview=True)

    coolify.deploy(app)

    inside = coolify.environment(app, SERVICE)
    assert inside[PIN] == OLD
    assert inside["COOLIFY_BRANCH"] == '"main"'
    assert inside["SERVICE_NAME_APPLICATION_SERVER"] == SERVICE
    assert "HOST" in inside
    assert not {"BUILD_ONLY", "PREVIEW_ONLY"} & set(inside)


def test_preserve_repository_alone_copies_the_pin_that_nobody_reads(
    coolify: Coolify, git_repository: GitRepository
) -> None:
    """The whole base directory is on the host, `up` runs there, and the entry is replaced all the same."""
    app = application(coolify, git_repository, raw=False, preserve=True)

    done = coolify.deploy(app)

    host = coolify.folder(app)
    assert done.commands[-1].endswith(
        f"docker compose --env-file {host}/.env --project-name {app.uuid} --project-directory {host} "
        f"-f {host}/compose.app.yaml up -d"
    )
    assert (host / "agent-image-pin.env").read_text() == f"{PIN}={NEW}\n"
    assert PIN not in coolify.environment(app, SERVICE)
    assert labels(coolify, coolify.container(app, SERVICE))["com.docker.compose.project.working_dir"] == str(host)
    assert deployed(coolify, app) == deployed(coolify, app, "compose.app.yaml")


def test_raw_mode_drops_the_pin_without_a_word(coolify: Coolify, git_repository: GitRepository) -> None:
    """The entry stays, the file is not there, ``required: false`` hides it."""
    app = application(coolify, git_repository, raw=True, preserve=False)

    done = coolify.deploy(app)

    host = coolify.folder(app)
    assert done.commands[-1].endswith(
        f"docker compose --env-file {host}/.env --project-directory {host} -f {host}/docker-compose.yaml up -d"
    )
    assert deployed(coolify, app)["env_file"] == [{"path": "./agent-image-pin.env", "required": False}]
    assert "# a comment" not in (host / "docker-compose.yaml").read_text()
    assert PIN not in coolify.environment(app, SERVICE)
    theirs = labels(coolify, coolify.container(app, SERVICE))
    assert {key for key in theirs if key.startswith("coolify.")} == {
        "coolify.managed",
        "coolify.applicationId",
        "coolify.type",
    }
    assert theirs["com.docker.compose.project"] == app.uuid


def test_raw_mode_with_preserve_repository_carries_the_pin(coolify: Coolify, git_repository: GitRepository) -> None:
    """The base directory's content lies where the path points; a variable of the UI only reaches interpolation."""
    app = application(coolify, git_repository, raw=True, preserve=True)
    app.variables.set(PIN, OLD)

    coolify.deploy(app)

    assert coolify.environment(app, SERVICE)[PIN] == NEW


def test_a_wrong_base_directory_drops_the_pin_until_an_old_copy_turns_up(
    coolify: Coolify, git_repository: GitRepository
) -> None:
    """With the repository's root for a base, the pin lies a folder deeper than Compose looks; what lies there wins."""
    app = application(coolify, git_repository, raw=True, preserve=True)
    app.base_directory, app.compose_location = "/", f"/{COMPOSE_FILE}"

    coolify.deploy(app)

    host = coolify.folder(app)
    assert (host / PIN_FILE).is_file()
    assert PIN not in coolify.environment(app, SERVICE)

    (host / "agent-image-pin.env").write_text(f"{PIN}={OLD}\n")
    coolify.deploy(app)

    assert coolify.environment(app, SERVICE)[PIN] == OLD


def test_a_file_deleted_from_git_stays_on_the_host(coolify: Coolify, git_repository: GitRepository) -> None:
    """The copy lays files over what is there and deletes nothing."""
    app = application(coolify, git_repository, raw=True, preserve=True)
    coolify.deploy(app)
    (git_repository.path / PIN_FILE).unlink()
    git_repository.commit()

    coolify.deploy(app)

    assert coolify.environment(app, SERVICE)[PIN] == NEW


def test_a_missing_required_file_is_an_outage(coolify: Coolify, git_repository: GitRepository) -> None:
    """The old container is removed before `up` fails."""
    app = application(coolify, git_repository, raw=True, preserve=False)
    coolify.deploy(app)
    git_repository.commit({COMPOSE_FILE: compose(coolify, env_file=["./agent-image-pin.env"])})

    with pytest.raises(DeploymentFailed, match=r"env file .*agent-image-pin.env not found"):
        coolify.deploy(app)

    with pytest.raises(AssertionError, match="has no container"):
        coolify.container(app, SERVICE)


def test_labels_written_as_a_map_break_raw_mode(coolify: Coolify, git_repository: GitRepository) -> None:
    """Coolify pushes its labels with numbers for names, and Compose refuses them."""
    app = application(coolify, git_repository, raw=True, preserve=True, labels={"a": "b"})

    with pytest.raises(DeploymentFailed, match="non-string key"):
        coolify.deploy(app)


def test_a_service_stack_reads_the_variables_of_the_ui_last(coolify: Coolify) -> None:
    """``.env`` is appended, so a variable of the pin's name overrides it, a blank one too."""
    stack = ServiceStack(compose(coolify))
    folder = coolify.folder(stack)
    folder.mkdir(parents=True)
    (folder / "agent-image-pin.env").write_text(f"{PIN}={NEW}\n")

    done = coolify.deploy_stack(stack)

    assert done.commands[-1] == (
        f"docker compose --project-directory {folder} -f {folder}/docker-compose.yml --project-name {stack.uuid} "
        "up -d --remove-orphans --force-recreate --build"
    )
    assert deployed(coolify, stack, "docker-compose.yml")["env_file"][-1] == ".env"
    assert coolify.container(stack, SERVICE) == f"{SERVICE}-{stack.uuid}"
    assert coolify.environment(stack, SERVICE)[PIN] == NEW

    stack.variables.set(PIN, None)
    coolify.deploy_stack(stack)

    assert coolify.environment(stack, SERVICE)[PIN] == ""


def test_a_preview_has_its_own_names_and_takes_over_the_file_of_variables(
    coolify: Coolify, git_repository: GitRepository
) -> None:
    """Production's container runs on; the host's ``.env`` is the preview's from now on."""
    app = application(coolify, git_repository, raw=False, preserve=False)
    app.variables.set("MODE", "production")
    app.variables.set("MODE", "preview", is_preview=True)
    coolify.deploy(app)
    production = coolify.container(app, SERVICE)

    coolify.deploy(app, pull_request=7)

    name = coolify.container(app, f"{SERVICE}-pr-7")
    assert name == f"{SERVICE}-{app.uuid}-pr-7"
    assert labels(coolify, name)["coolify.pullRequestId"] == "7"
    assert coolify.container(app, SERVICE) == production
    assert coolify.environment(app, f"{SERVICE}-pr-7")["MODE"] == "preview"
    written = (coolify.folder(app) / ".env").read_text().splitlines()
    assert "MODE=preview" in written
    assert f"SERVICE_NAME_APPLICATION_SERVER={SERVICE}-pr-7" in written
    assert (coolify.folder(app) / "docker-compose-pr-7.yaml").is_file()


@pytest.mark.parametrize(
    ("environment", "rows", "expected"),
    [
        ([PIN], {}, {PIN: ""}),
        ([PIN], {PIN: OLD}, {PIN: OLD}),
        ({PIN: None}, {PIN: OLD}, {PIN: None}),
        ({PIN: f"${{{PIN}}}"}, {}, {PIN: f"${{{PIN}}}"}),
        ({PIN: "${OTHER:-x}"}, {}, {PIN: "${OTHER:-x}", "OTHER": "x"}),
        ({PIN: "${OTHER:-x}"}, {"OTHER": "y"}, {PIN: "${OTHER:-x}", "OTHER": "y"}),
        ({PIN: "$OTHER"}, {}, {PIN: "$OTHER", "OTHER": None}),
        ({PIN: "literal"}, {PIN: OLD}, {PIN: "literal"}),
    ],
)
def test_environment_is_rewritten_by_the_rules_of_the_parser(
    coolify: Coolify, environment: Any, rows: dict[str, str], expected: dict[str, str | None]
) -> None:
    """A bare name is an empty value, which the UI may fill; references bring rows and entries."""
    stack = ServiceStack(compose(coolify, environment=environment))
    for key, value in rows.items():
        stack.variables.set(key, value)

    coolify.save(stack)

    there = deployed(coolify, stack, "docker-compose.yml")["environment"]
    assert {key: value for key, value in there.items() if key in {PIN, "OTHER"}} == expected


def test_a_reference_to_the_variable_itself_makes_a_blank_row(coolify: Coolify) -> None:
    """Nobody set it in the UI, and yet ``.env`` says it is empty."""
    stack = ServiceStack(compose(coolify, environment={PIN: f"${{{PIN}}}"}))

    coolify.save(stack)

    assert f"{PIN}=" in (coolify.folder(stack) / ".env").read_text().splitlines()


def test_build_arguments_become_variables_of_the_container(coolify: Coolify) -> None:
    """They are merged into ``environment:`` and override every env file."""
    stack = ServiceStack(compose(coolify, build={"context": ".", "args": [f"{PIN}={OLD}"]}))

    coolify.save(stack)

    assert deployed(coolify, stack, "docker-compose.yml")["environment"][PIN] == OLD


def test_the_order_and_quotes_of_the_file_of_variables(tmp_path: Path) -> None:
    """Coolify's own first, then the UI's in their order, those with generated names in them last, then HOST."""
    app = Application(tmp_path, domains={"web-app": "https://app.example.org"}, shared={"team.REGION": "eu"})
    app.variables.set("URL", "$SERVICE_URL_WEB_APP/x")
    app.variables.set("JSON", ' {"a": "b"} ')
    app.variables.set("LITERAL", "a$b", is_literal=True)
    app.variables.set("QUOTED", "it's")
    app.variables.set("BLANK", None)
    app.variables.set("SHARED", "{{team.REGION}}-{{team.NONE}}")
    app.variables.set("NIXPACKS_X", "no")

    assert application_dotenv(app, ["web-app"], "abc", 0).split("\n") == [
        "SOURCE_COMMIT=abc",
        "COOLIFY_URL=",
        "COOLIFY_FQDN=",
        "SERVICE_URL_WEB_APP=https://app.example.org",
        "SERVICE_FQDN_WEB_APP=app.example.org",
        "SERVICE_NAME_WEB_APP=web-app",
        'JSON={"a": "b"}',
        "LITERAL='a$b'",
        "QUOTED=it\\'s",
        "BLANK=",
        "SHARED=eu-{{team.NONE}}",
        "URL=$SERVICE_URL_WEB_APP/x",
        "HOST=0.0.0.0",
    ]


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


def test_a_preview_brings_its_pin_to_production_in_raw_mode_with_preserve_repository(
    coolify: Coolify, git_repository: GitRepository
) -> None:
    """The pull request's checkout is copied over the application's folder, and `up` runs on production's file."""
    app = application(coolify, git_repository, raw=True, preserve=True)
    coolify.deploy(app)
    assert coolify.environment(app, SERVICE)[PIN] == NEW
    production = git_repository.git("rev-parse", "HEAD")
    git_repository.commit({PIN_FILE: f"{PIN}={OLD}\n"})
    pull_request = git_repository.git("rev-parse", "HEAD")
    git_repository.git("reset", "--quiet", "--hard", production)
    git_repository.git("update-ref", "refs/heads/pull-7", pull_request)

    coolify.deploy(app, pull_request=7, commit=pull_request)

    assert coolify.environment(app, SERVICE)[PIN] == OLD


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
