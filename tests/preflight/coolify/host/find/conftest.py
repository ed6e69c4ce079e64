"""Servers with Coolify."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.coolify_api import FakeCoolify
from tests.fakes.coolify_host import Host


@pytest.fixture
def host(tmp_path: Path) -> Host:
    """An empty server and a checkout."""
    return Host(tmp_path)


@pytest.fixture
def api(host: Host) -> Iterator[FakeCoolify]:
    """Coolify's API; the checkout comes from owner/name."""
    with FakeCoolify() as one:
        host.environ |= one.environ
        host.remote("git@github.com:owner/name.git")
        yield one


@pytest.fixture
def open_host() -> Iterator[Host]:
    """A server in a folder that every user may enter."""
    with tempfile.TemporaryDirectory(prefix="preflight-open-") as folder:
        Path(folder).chmod(0o755)
        yield Host(Path(folder))
