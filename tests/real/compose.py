"""Real Compose binaries."""

from pathlib import Path

from provision import compose_binaries
from provision.compose_binaries import NEWEST, VERSIONS
from provision.errors import ProvisionError

from tests.real.missing import missing

COMPOSE_VERSIONS = VERSIONS
"""What is there: both sides of 2.24.0 and the newest."""

NEWEST_COMPOSE = NEWEST


def compose_binary(version: str = NEWEST_COMPOSE) -> Path:
    """Return the absolute path of a real ``docker-compose``, in a folder of its own; fetched on first use.

    Skips the test (fails it in CI) where it cannot be had.
    """
    try:
        return compose_binaries.compose_binary(version)
    except ProvisionError as error:
        missing(f"no Compose {version}", error)


def docker_config(version: str = NEWEST_COMPOSE) -> Path:
    """Return a folder for ``DOCKER_CONFIG`` that makes ``docker compose`` this version."""
    try:
        return compose_binaries.plugin_folder(version)
    except ProvisionError as error:
        missing(f"no Compose {version}", error)
