"""Hosts for the tests of coolify-mode."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.coolify_api import FakeCoolify
from tests.fakes.coolify_host import Host


@pytest.fixture
def host(tmp_path: Path) -> Host:
    """A server and a checkout."""
    return Host(tmp_path)


@pytest.fixture
def api(host: Host) -> Iterator[FakeCoolify]:
    """Coolify's API, whose address and token the host's environment names."""
    with FakeCoolify() as one:
        host.environ |= one.environ
        yield one
