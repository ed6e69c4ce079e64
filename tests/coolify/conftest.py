"""Fixtures for whole runs against what Coolify deployed."""

from collections.abc import Iterator

import pytest
from provision.sample import Sample

from tests.coolify.stage import Stage
from tests.real.cli import PreflightCli
from tests.real.coolify import Coolify


@pytest.fixture
def stage(sample: Sample, coolify: Coolify, preflight_cli: PreflightCli) -> Iterator[Stage]:
    """The sample stack in a checkout whose pinned image is on the host and held there; not deployed yet."""
    one = Stage(sample, coolify, preflight_cli)
    yield one
    one.clean()
