"""Hosts for the tests of image-pullable."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.checks.image_pullable.stage import Stage
from tests.fakes.ghcr import FakeGhcr
from tests.real.registry import RealRegistry


@pytest.fixture
def stage(registry: RealRegistry, tmp_path: Path) -> Stage:
    """A repository of the test's own in a real registry."""
    return Stage(tmp_path, registry.host, "pullable/" + tmp_path.name.lower().replace("_", "-").strip("-"))


@pytest.fixture
def ghcr() -> Iterator[FakeGhcr]:
    """A fake GHCR."""
    with FakeGhcr() as fake:
        yield fake


@pytest.fixture
def odd(ghcr: FakeGhcr, tmp_path: Path) -> Stage:
    """A host whose registry is the fake."""
    return Stage(tmp_path, ghcr.host)
