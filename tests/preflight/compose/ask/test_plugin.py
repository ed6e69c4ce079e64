"""preflight/compose/ask/plugin.py"""

import json
from pathlib import Path

import pytest

from preflight.compose.ask.plugin import plugin_argv


class Host:
    """A host with a docker program and folders for plugins."""

    def __init__(self, root: Path) -> None:
        self.bin, self.system, self.config = root / "bin", root / "system", root / "config"
        for folder in (self.bin, self.system, self.config / "cli-plugins"):
            folder.mkdir(parents=True)
        self.docker = self.program(self.bin / "docker")
        self.in_doubt = (str(self.docker), "compose")

    def program(self, path: Path, content: bytes = b"\x7fELF...") -> Path:
        """Put an executable file there."""
        path.write_bytes(content)
        path.chmod(0o755)
        return path

    def found(self, **environ: str) -> tuple[str, ...] | None:
        """Return what is found."""
        given = {"PATH": str(self.bin), "DOCKER_CONFIG": str(self.config), **environ}
        return plugin_argv(given, (str(self.system), str(self.system / "none")))


@pytest.fixture
def host(tmp_path: Path) -> Host:
    """Return a host without a plugin."""
    return Host(tmp_path)


def test_one_plugin_is_the_one(host: Host) -> None:
    """In docker's own configuration or in a folder of the system."""
    assert host.found() is None
    plugin = host.program(host.system / "docker-compose")
    assert host.found() == (str(plugin),)
    (host.config / "config.json").write_text(json.dumps({"auths": {}}))
    assert host.found() == (str(plugin),)


def test_home_is_where_the_configuration_lies_otherwise(host: Host, tmp_path: Path) -> None:
    """Without DOCKER_CONFIG it is ~/.docker; without HOME nobody knows."""
    folder = tmp_path / "home" / ".docker" / "cli-plugins"
    folder.mkdir(parents=True)
    plugin = host.program(folder / "docker-compose")

    assert host.found(DOCKER_CONFIG="", HOME=str(tmp_path / "home")) == (str(plugin),)
    assert host.found(DOCKER_CONFIG="", HOME="") is None
    host.program(host.system / "docker-compose")
    assert host.found(DOCKER_CONFIG="", HOME="") == host.in_doubt


def test_two_plugins_are_in_doubt_unless_they_are_one_file(host: Host) -> None:
    """Which of them docker takes is docker's business."""
    plugin = host.program(host.system / "docker-compose")
    (host.config / "cli-plugins" / "docker-compose").symlink_to(plugin)
    assert host.found() == (str(plugin),)

    (host.config / "cli-plugins" / "docker-compose").unlink()
    host.program(host.config / "cli-plugins" / "docker-compose")
    assert host.found() == host.in_doubt


@pytest.mark.parametrize("docker", ["script", "renamed"])
def test_a_docker_that_is_not_docker_itself_is_in_doubt(host: Host, docker: str) -> None:
    """A snap, Podman's shim or a wrapper may look for plugins elsewhere."""
    host.program(host.system / "docker-compose")
    path = host.bin / "docker"
    path.unlink()
    match docker:
        case "script":
            host.program(path, b'#!/bin/sh\nexec podman "$@"\n')
        case "renamed":
            path.symlink_to(host.program(host.bin / "snap"))

    assert host.found() == host.in_doubt


def test_without_docker_there_is_no_plugin(host: Host) -> None:
    """A loop of links is no docker either."""
    host.program(host.system / "docker-compose")
    host.docker.unlink()
    assert host.found() is None
    host.docker.symlink_to(host.docker)
    assert host.found() is None


@pytest.mark.parametrize("text", ['{"cliPluginsExtraDirs": ["/opt"]}', "[]", "{", '{"a": ' * 100_000])
def test_a_configuration_that_names_more_folders_or_cannot_be_read_is_in_doubt(host: Host, text: str) -> None:
    """What cannot be read may name more."""
    host.program(host.system / "docker-compose")
    (host.config / "config.json").write_text(text)

    assert host.found() == host.in_doubt


def test_a_file_that_cannot_be_run_is_no_plugin(host: Host) -> None:
    """Docker passes it over, too."""
    (host.system / "docker-compose").write_text("")
    assert host.found() is None
