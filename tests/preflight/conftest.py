"""A fake GHCR for each test, and a door to it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from preflight.registry.door import Registry
from tests.fakes.ghcr import FakeGhcr


@pytest.fixture
def ghcr() -> Iterator[FakeGhcr]:
    """A fake GHCR that serves anybody."""
    with FakeGhcr() as fake:
        yield fake


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """An environment without proxies, with a Docker configuration of the test's own (none yet)."""
    return {"DOCKER_CONFIG": str(tmp_path / "docker-config"), "PATH": str(tmp_path / "bin")}


@pytest.fixture
def door(ghcr: FakeGhcr, environ: dict[str, str]) -> Registry:
    """The door to the fake, which may be asked over plain HTTP."""
    return Registry(environ, frozenset({ghcr.host}))
