"""Fixtures of the sentinel's tests."""

from pathlib import Path

import pytest

from tests.preflight.sentinel.site import Site
from tests.real.cli import PreflightCli
from tests.real.coolify import Coolify


@pytest.fixture
def site(coolify: Coolify, preflight_cli: PreflightCli, tmp_path: Path) -> Site:
    """A repository that Coolify can deploy; nothing is deployed yet."""
    return Site(coolify, preflight_cli, tmp_path / "site")
