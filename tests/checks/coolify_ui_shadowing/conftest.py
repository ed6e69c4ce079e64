"""Hosts for the tests of coolify-ui-shadowing."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.checks.coolify_ui_shadowing.look import application
from tests.fakes.coolify_api import FakeCoolify
from tests.fakes.coolify_server import NEW, VARIABLE, CoolifyHost
from tests.real.coolify import ServiceStack


@pytest.fixture
def default(tmp_path: Path) -> CoolifyHost:
    """Default mode."""
    return application(tmp_path)


@pytest.fixture
def raw(tmp_path: Path) -> CoolifyHost:
    """Raw mode with Preserve Repository."""
    return application(tmp_path, raw=True, preserve=True)


@pytest.fixture
def stack(tmp_path: Path) -> CoolifyHost:
    """A service stack."""
    return CoolifyHost(tmp_path, ServiceStack(""))


@pytest.fixture
def in_ui(default: CoolifyHost) -> CoolifyHost:
    """Default mode with the pin in the UI, as it should be, and deployed."""
    default.settings["pin_in"] = "ui"
    default.resource.variables.set(VARIABLE, NEW)
    default.deploy()
    return default


@pytest.fixture
def api() -> Iterator[FakeCoolify]:
    """Coolify's API, for a token that may read."""
    with FakeCoolify() as fake:
        yield fake
