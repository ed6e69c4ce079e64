"""preflight/running/deployed_as.py, and `preflight init` on a host where it is deployed."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from preflight.compose.ask.door import Compose
from preflight.engine.container import Container
from preflight.project import ComposeProject, Pin
from preflight.running.deployed_as import deployed_as
from preflight.testing import fake_context
from tests.real.cli import PreflightCli
from tests.real.engine import RealEngine

DIGEST = "1" * 64
FILES = {
    "docker/compose.app.yaml": "services: {app: {image: x, env_file: [{path: pin.env, required: false}]}}\n",
    "docker/compose.prod.yaml": "services: {app: {labels: [a=b]}}\n",
    "docker/pin.env": f"APP_IMAGE=ghcr.io/acme/app@sha256:{DIGEST}\n",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A checkout with two compose files."""
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


class Engine:
    """Has one container of the service."""

    def __init__(self, files: str, folder: str, **more: str) -> None:
        labels = {"project": "docker", "project.config_files": files, "project.working_dir": folder}
        self._labels = {f"com.docker.compose.{key}": value for key, value in labels.items()} | more

    def containers(self, _labels: Mapping[str, str], _deadline: Any) -> tuple[Container, ...]:
        """Return it."""
        return (Container("a" * 64, "app-1", "x", "running", "Up", datetime.now(UTC), self._labels),)


def _told(folder: Path, files: str, home: str = "", **more: str) -> tuple[ComposeProject, str] | None:
    where = folder / "docker"
    listed = ",".join(each if each == "-" else str(folder / each) for each in files.split(","))
    project = ComposeProject(folder, (where / "compose.app.yaml",))
    pin = Pin("APP_IMAGE", "app", where / "pin.env")
    engine = Engine(listed, home or str(where), **more)
    compose = Compose(project, {})
    found = deployed_as(fake_context(folder, pins=[pin], project=project, engine=engine, compose=compose))
    return None if found is None else (found.project, found.words)


def test_the_labels_tell_of_more_files(folder: Path) -> None:
    """All of them, in their order."""
    found = _told(folder, "docker/compose.app.yaml,docker/compose.prod.yaml")

    assert found is not None
    assert [path.name for path in found[0].files] == ["compose.app.yaml", "compose.prod.yaml"]
    assert found[0].project_directory is None
    assert found[1].startswith("container app-1 was made from docker/compose.app.yaml + docker/compose.prod.yaml")


def test_the_labels_tell_of_another_folder(folder: Path) -> None:
    """Relative paths begin there."""
    found = _told(folder, "docker/compose.app.yaml", str(folder))

    assert found is not None
    assert found[0].project_directory == folder


def test_files_that_are_not_here_are_only_named(folder: Path) -> None:
    """What was found stays, and the operator is told."""
    found = _told(folder, "docker/compose.app.yaml,docker/rendered.yaml")

    assert found is not None
    assert found[0].files == (folder / "docker/compose.app.yaml",)
    assert "rendered.yaml in docker, which is not here" in found[1]


def test_the_same_files_are_nothing_to_tell(folder: Path) -> None:
    """Nor are containers of another project."""
    assert _told(folder, "docker/compose.app.yaml") is None
    assert _told(folder, "/elsewhere/compose.yaml", "/elsewhere") is None


@pytest.mark.engine
def test_init_writes_what_is_deployed(engine: RealEngine, preflight_cli: PreflightCli, folder: Path) -> None:
    """With `-f app -f prod` on a real engine; `run` then judges both."""
    app, prod = folder / "docker/compose.app.yaml", folder / "docker/compose.prod.yaml"
    service = f"image: {engine.image}, command: [sleep, '600'], network_mode: host"
    app.write_text(app.read_text().replace("image: x", service))
    words = ("-p", "preflight-init-test", "-f", str(app), "-f", str(prod))
    engine.compose(*words, "up", "-d", cwd=folder)
    try:
        done = preflight_cli("init", cwd=folder, env=engine.environ)
    finally:
        engine.compose(*words, "down", "-t", "0", cwd=folder)

    assert done.returncode == 0
    assert "was made from docker/compose.app.yaml + docker/compose.prod.yaml" in done.stderr
    written = (folder / "preflight.yaml").read_text()
    assert "files: [docker/compose.app.yaml, docker/compose.prod.yaml]" in written
