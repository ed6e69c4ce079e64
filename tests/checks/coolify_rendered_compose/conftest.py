"""A host for the tests of coolify-rendered-compose."""

from pathlib import Path

import pytest

from preflight.model import Status
from tests.checks.coolify_rendered_compose.look import only
from tests.fakes.coolify_host import Host


@pytest.fixture
def host(tmp_path: Path) -> Host:
    """A server and a checkout, deployed in the one combination that keeps the pin, which passes."""
    one = Host(tmp_path)
    one.deploy(raw=True, copied=True)
    one.container(raw=True)
    only(one, Status.PASS)
    return one
