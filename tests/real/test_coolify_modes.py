"""tests/real/coolify: what each mode does to the pin file."""

from pathlib import Path

import pytest

from tests.real.coolify import Coolify, DeploymentFailed
from tests.real.coolify_application import (
    COMPOSE_FILE,
    NEW,
    OLD,
    PIN,
    PIN_FILE,
    SERVICE,
    application,
    compose,
    deployed,
    labels,
)
from tests.real.git import GitRepository

pytestmark = pytest.mark.engine


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
