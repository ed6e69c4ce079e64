"""Programs of the host that read what is installed."""

import shutil

import pytest
from provision.errors import ProvisionError

from tests.real.missing import missing


@pytest.fixture(scope="session")
def systemd_analyze() -> str:
    """Systemd's own reader of unit files and calendar events; systemd itself need not run."""
    found = shutil.which("systemd-analyze")
    if found is None:
        missing("no systemd-analyze", ProvisionError("it is not installed", "apt-get install systemd"))
    return found
