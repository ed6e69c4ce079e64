"""An engine of its own for the tests of coolify-image-cleanup."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.checks.coolify_image_cleanup.server import Server
from tests.real.engine import RealEngine, real_engine
from tests.real.nightly import MANAGED
from tests.real.registry import RealRegistry


@pytest.fixture(scope="package")
def own() -> Iterator[RealEngine]:
    """An engine that nobody else uses: cleaning it up disturbs no other test."""
    with real_engine() as running:
        yield running


@pytest.fixture
def server(own: RealEngine, registry: RealRegistry, tmp_path: Path) -> Iterator[Server]:
    """Coolify 4.3.11 has deployed something here that runs."""
    labels = [MANAGED, "coolify.version=4.3.11", "coolify.type=application"]
    options = [word for label in labels for word in ("--label", label)]
    own.docker("run", "--detach", "--name", "managed", "--network", "host", *options, own.image_without_env)
    here = Server(own, registry, tmp_path)
    yield here
    containers = own.docker("ps", "--all", "--quiet").stdout.split()
    own.docker("rm", "--force", *containers)
