"""preflight/coolify/host/deployed.py"""

from pathlib import Path

import pytest

from preflight.coolify.host.deployed import Deployed, NeverDeployed, read_deployed
from preflight.coolify.resource import Kind, Resource
from preflight.errors import CouldNotLook

SECRET = "hunter2-do-not-show"


def deployed(folder: Path, env: str | None, compose: str = "services: {app: {image: x}}\n") -> Deployed:
    """Write and read what Coolify leaves in an application's folder."""
    (folder / "docker-compose.yaml").write_text(compose)
    if env is not None:
        (folder / ".env").write_text(env)
    return read_deployed(Resource("uuid", Kind.APPLICATION, folder))


def test_a_value_that_names_a_later_line(tmp_path: Path) -> None:
    """A container that lists ``.env`` gets the value; interpolation, which reads the file once, finds nothing there."""
    found = deployed(tmp_path, "A=$B\nB=$C\nC=value\nD=$C\n")

    assert found.variables is not None
    assert [found.variables.value(name) for name in "ABCD"] == ["", "value", "value", "value"]
    assert [found.source.environ[name] for name in "ABCD"] == ["", "", "value", "value"]


def test_without_variables(tmp_path: Path) -> None:
    """No ``.env`` is none, not an empty one."""
    assert deployed(tmp_path, None).variables is None
    assert deployed(tmp_path, "").variables is not None


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        (f"A=x\nPIN=${{{SECRET}\n", "Correct the variable PIN in Coolify's UI (Environment Variables)"),
        (f"PIN='{SECRET}\n", "Correct the variable PIN in Coolify's UI"),
        (f"{SECRET} x=y\n", "Correct the variable of that line in Coolify's UI"),
    ],
)
def test_what_compose_refuses_is_the_uis_to_correct(tmp_path: Path, text: str, hint: str) -> None:
    """Coolify writes the file anew at each deployment."""
    with pytest.raises(CouldNotLook) as caught:
        deployed(tmp_path, text)

    assert str(tmp_path / ".env") in caught.value.message
    assert caught.value.hint.startswith(hint)
    assert SECRET not in f"{caught.value.message}{caught.value.hint}"


def test_never_deployed(tmp_path: Path) -> None:
    """Neither file nor container."""
    with pytest.raises(NeverDeployed):
        read_deployed(Resource("uuid", Kind.APPLICATION, tmp_path))


@pytest.mark.parametrize(
    ("compose", "own"),
    [
        ("services: {app: {env_file: ['.env']}, web: {env_file: ['./.env']}}\n", True),
        ("services: {app: {env_file: ['.env']}, web: {image: x}}\n", False),
        ("services: {app: {env_file: ['pin.env', '.env']}}\n", False),
        ("services: {}\n", False),
    ],
)
def test_whether_default_mode_wrote_it(tmp_path: Path, compose: str, own: bool) -> None:
    """Every service has Coolify's own ``.env`` and no other env file."""
    assert deployed(tmp_path, "", compose).only_own_env_file is own
