"""preflight/coolify/door.py: whether Coolify takes its own keys out of the compose file."""

from pathlib import Path

import pytest

from preflight.lib.deadline import Deadline
from tests.fakes.coolify_host import SERVICE, Host


@pytest.mark.parametrize(
    ("raw", "stack", "strips"),
    [(False, False, True), (True, False, False), (False, True, True)],
    ids=["default", "raw", "stack"],
)
def test_the_mode_tells(raw: bool, stack: bool, strips: bool, tmp_path: Path) -> None:
    """Raw mode hands the file to Compose as it is; the other modes parse it."""
    host = Host(tmp_path)
    host.deploy(raw=raw, stack=stack)
    host.container(raw=raw, stack=stack)

    assert host.door().strips_own_keys((SERVICE,), Deadline.after(30)) is strips


@pytest.mark.parametrize(("pin_in", "strips"), [("file", False), ("ui", True)])
def test_where_nothing_is_deployed_the_configuration_tells(pin_in: str, strips: bool, tmp_path: Path) -> None:
    """Only default mode hands a variable of the UI over; otherwise nobody knows, and nothing is left out."""
    host = Host(tmp_path, settings={"pin_in": pin_in})

    assert host.door().strips_own_keys((SERVICE,), Deadline.after(30)) is strips
