"""preflight/hook/first_deployment.py: whether there was a deployment to judge by."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from preflight.coolify.settings import CoolifySettings
from preflight.hook.command import Order
from preflight.hook.first_deployment import is_first
from preflight.run.config import Configuration
from tests.real.engine import RealEngine

ORDER = Order(Path("/state"))


def test_a_first_deployment_is_told_by_the_folder(tmp_path: Path) -> None:
    """Only of a checkout, of a named application, that no API tells of."""
    configuration = Configuration(None, tmp_path, coolify=CoolifySettings(application="abc", root=tmp_path))
    gate = replace(ORDER, checkout=tmp_path)
    assert is_first(gate, configuration, {})
    assert not is_first(ORDER, configuration, {})
    assert not is_first(gate, Configuration(None, tmp_path), {})
    for name in ("PREFLIGHT_COOLIFY_TOKEN", "PREFLIGHT_COOLIFY_TOKEN_FILE", "COOLIFY_TOKEN", "COOLIFY_TOKEN_FILE"):
        assert not is_first(gate, configuration, {name: "x"})
    folder = tmp_path / "applications" / "abc"
    folder.mkdir(parents=True)
    assert is_first(gate, configuration, {})
    (folder / "docker-compose.yaml").touch()
    (folder / ".env").touch()
    assert not is_first(gate, configuration, {})


@pytest.mark.engine
def test_a_deployment_that_was_blocked_leaves_the_next_one_the_first(engine: RealEngine, tmp_path: Path) -> None:
    """Coolify writes the compose file of a failed deployment too, but no .env: who mended it must get through."""
    configuration = Configuration(None, tmp_path, coolify=CoolifySettings(application=f"u{os.getpid()}", root=tmp_path))
    gate = replace(ORDER, checkout=tmp_path)
    folder = tmp_path / "applications" / configuration.coolify.application
    folder.mkdir(parents=True)
    (folder / "docker-compose.yaml").touch()
    assert is_first(gate, configuration, engine.environ)
    assert not is_first(gate, configuration, {"DOCKER_HOST": "unix:///nowhere/docker.sock"}), "that cannot be seen"
    label = f"com.docker.compose.project={configuration.coolify.application}"
    made = engine.docker("create", "--network", "host", "--label", label, engine.image).stdout.strip()
    assert not is_first(gate, configuration, engine.environ)
    engine.docker("rm", made)


def test_what_may_not_be_read_is_no_first_deployment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Permission denied is not absent."""
    configuration = Configuration(None, tmp_path, coolify=CoolifySettings(application="abc", root=tmp_path))

    def refuse(_path: Path, **_how: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "stat", refuse)
    assert not is_first(replace(ORDER, checkout=tmp_path), configuration, {})
