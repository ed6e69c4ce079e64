"""What a keeper keeps goes when its owner goes, however that happens."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from provision.cache import ROOT
from provision.errors import ProvisionError
from provision.keeper import kept

from tests.real.missing import missing
from tests.real.signals import default_actions

OWNER = """
import time
from provision.keeper import kept
with kept("registry") as host:
    print(host, flush=True)
    time.sleep(60)
"""


@pytest.mark.registry
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_nothing_outlives_an_owner_that_is_killed(number: signal.Signals, tmp_path: Path) -> None:
    """The registry ends and its folder is removed even if its owner had no chance to say so."""
    with default_actions():
        owner = subprocess.Popen(
            [sys.executable, "-c", OWNER],
            env={**os.environ, "PYTHONPATH": str(ROOT / "docker"), "TMPDIR": str(tmp_path)},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
    with owner:
        assert owner.stdout is not None
        assert owner.stdout.readline().startswith(b"127.0.0.1:")
        assert list(tmp_path.iterdir())
        owner.send_signal(number)
        owner.wait(20)
    assert _becomes_empty(tmp_path)


@pytest.mark.engine
def test_an_engine_leaves_no_mount_no_process_and_no_file() -> None:
    """After the block the machine is as before."""
    try:
        with kept("engine") as host:
            socket = Path(host.removeprefix("unix://"))
            assert socket.is_socket()
    except ProvisionError as error:
        missing("no Docker engine", error)
    folder = socket.parent
    assert not folder.exists()
    assert str(folder) not in Path("/proc/self/mountinfo").read_text()
    assert not [entry for entry in Path("/proc").glob("[0-9]*/cmdline") if str(folder).encode() in _read(entry)]


def _becomes_empty(folder: Path) -> bool:
    until = time.monotonic() + 30
    while list(folder.iterdir()):
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError:
        return b""  # that process ended meanwhile
