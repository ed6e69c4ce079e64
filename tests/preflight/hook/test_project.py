"""preflight/hook/project.py."""

from dataclasses import replace
from pathlib import Path

import pytest

from preflight.errors import ConfigurationError
from preflight.hook.command import Order
from preflight.hook.project import application_of, compose_environ, configuration_of, find_pins

ORDER = Order(Path("/state"))
REFERENCE = f"ghcr.io/a/b@sha256:{'1' * 64}"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout with a compose file and a pin, and Coolify's folder beside it."""
    root = tmp_path / "checkout"
    (root / "docker").mkdir(parents=True)
    (root / "docker" / "compose.app.yaml").write_text("services: {app: {image: x, env_file: [pin.env]}}\n")
    (root / "docker" / "pin.env").write_text(f"IMAGE={REFERENCE}\n")
    (root / "preflight.yaml").write_text(f"coolify: {{root: {tmp_path / 'coolify'}}}\n")
    folder = tmp_path / "coolify" / "applications" / "abc"
    folder.mkdir(parents=True)
    (folder / ".env").write_text("X=1\n")
    return root


def test_coolifys_fields_become_the_project(checkout: Path, tmp_path: Path) -> None:
    """Directory, file, project name and --env-file are those of its `up`."""
    order = replace(ORDER, application="abc", base_directory="/docker", compose_location="/compose.app.yaml")
    project = configuration_of(checkout, order, {}).project
    assert project is not None
    assert project.base == checkout
    assert project.files == (checkout / "docker" / "compose.app.yaml",)
    assert project.project_directory == checkout / "docker"
    assert project.project_name == "abc"
    assert project.env_files == (tmp_path / "coolify" / "applications" / "abc" / ".env",)


def test_without_a_location_compose_is_told_by_its_environment(checkout: Path) -> None:
    """Where the project is still to be found, names of Compose's own say the same."""
    order = replace(ORDER, application="abc", base_directory="/docker")
    found = configuration_of(checkout, order, {})
    assert (found.project, found.base) == (None, checkout / "docker")
    environ = compose_environ({"SOURCE_COMMIT": "old"}, found, "new")
    assert environ["SOURCE_COMMIT"] == "new"
    assert environ["COMPOSE_PROJECT_NAME"] == "abc"
    assert environ["COMPOSE_ENV_FILES"].endswith("/applications/abc/.env")


def test_without_an_application_nothing_is_added(checkout: Path) -> None:
    """Nor for one that has no .env yet."""
    found = configuration_of(checkout, ORDER, {})
    assert compose_environ({}, found, "new") == {"SOURCE_COMMIT": "new"}
    order = replace(ORDER, application="def")
    assert "COMPOSE_ENV_FILES" not in compose_environ({}, configuration_of(checkout, order, {}), "new")


def test_coolify_tells_its_containers_their_application() -> None:
    """The option overrides the variable."""
    assert application_of(ORDER, {"COOLIFY_RESOURCE_UUID": "abc"}) == "abc"
    assert application_of(replace(ORDER, application="def"), {"COOLIFY_RESOURCE_UUID": "abc"}) == "def"
    with pytest.raises(ConfigurationError):
        application_of(ORDER, {"COOLIFY_RESOURCE_UUID": "../x"})


def test_paths_of_the_operators_configuration_are_paths_in_the_checkout(checkout: Path, tmp_path: Path) -> None:
    """Relative ones; an absolute one elsewhere stays where it is."""
    config = tmp_path / "etc" / "preflight.yaml"
    config.parent.mkdir()
    config.write_text(
        "pins: [{variable: IMAGE, service: app, file: docker/pin.env, overrides: [docker/local.env]}]\n"
        "compose: {files: [docker/compose.app.yaml], project_directory: docker,"
        " env_files: [/srv/x.env, docker/y.env]}\n"
    )
    found = configuration_of(checkout, replace(ORDER, config=config), {})
    [pin] = found.pins
    assert (pin.file, pin.overrides) == (checkout / "docker" / "pin.env", (checkout / "docker" / "local.env",))
    assert found.base == checkout
    assert found.project is not None
    assert found.project.files == (checkout / "docker" / "compose.app.yaml",)
    assert found.project.project_directory == checkout / "docker"
    assert found.project.env_files == (Path("/srv/x.env"), checkout / "docker" / "y.env")
    [approvable], files = find_pins(found, {})
    assert (approvable.reference, files) == (REFERENCE, found.project.files)


def test_a_pin_that_is_no_digest_is_nothing_to_approve(checkout: Path) -> None:
    """The checks say what is wrong with it."""
    (checkout / "docker" / "pin.env").write_text("IMAGE=ghcr.io/a/b:latest\n")
    order = replace(ORDER, base_directory="/docker", compose_location="compose.app.yaml")
    pins, files = find_pins(configuration_of(checkout, order, {}), {})
    assert pins == ()
    assert files == (checkout / "docker" / "compose.app.yaml",)


def test_a_configuration_that_is_a_broken_link_is_not_passed_over(checkout: Path) -> None:
    """What it says is not known."""
    (checkout / "preflight.yaml").unlink()
    (checkout / "preflight.yaml").symlink_to("nowhere")
    with pytest.raises(ConfigurationError):
        configuration_of(checkout, ORDER, {})


def test_an_env_file_that_may_not_be_looked_at_is_left_to_the_checks(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They say that the folder is closed; here it only would have helped."""
    order = replace(ORDER, application="abc", base_directory="/docker", compose_location="/compose.app.yaml")
    real = Path.is_file

    def refuse(path: Path) -> bool:
        if path.name == ".env":
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr(Path, "is_file", refuse)
    project = configuration_of(checkout, order, {}).project
    assert project is not None
    assert project.env_files == ()
