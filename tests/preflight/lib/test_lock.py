"""preflight/lib/lock.py"""

import os
import signal
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest

from preflight.errors import CouldNotLook
from preflight.lib.lock import Busy, Words, held

WORDS = Words("another run", "Wait for it.", "Name another folder.")

HOLDER = """
import sys, time
from pathlib import Path
from preflight.lib.lock import Words, held
with held(Path(sys.argv[1]), 5, Words("", "", "")):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_free_lock_is_had_at_once(tmp_path: Path) -> None:
    """Nobody waits for nobody; and it is free again after the block."""
    for _ in range(2):
        with held(tmp_path / "lock", 0, WORDS) as waited:
            assert waited == 0


def test_only_its_owner_may_read_the_lock_file(tmp_path: Path) -> None:
    """The state folder tells nothing to others."""
    with held(tmp_path / "lock", 0, WORDS):
        assert (tmp_path / "lock").stat().st_mode & 0o777 == 0o600


def test_who_waits_long_enough_gets_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second run goes on when the first has ended, and knows that it waited."""
    first = ExitStack()
    first.enter_context(held(tmp_path / "lock", 0, WORDS))
    monkeypatch.setattr("preflight.lib.lock.time.sleep", lambda _: first.close())
    with held(tmp_path / "lock", 60, WORDS) as waited:
        assert waited > 0


def test_a_lock_that_is_not_let_go_is_an_error(tmp_path: Path) -> None:
    """Time runs out with a message that says what to do."""
    with (
        held(tmp_path / "lock", 0, WORDS),
        pytest.raises(Busy, match="another run is still busy after 0 s") as raised,
        held(tmp_path / "lock", 0.2, WORDS),
    ):
        raise AssertionError
    assert raised.value.hint == "Wait for it."


def test_a_killed_holder_lets_go(tmp_path: Path) -> None:
    """The kernel opens the lock of a process that ended, however it ended."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path / "lock")],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[3])},
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        holder.send_signal(signal.SIGKILL)
        holder.wait(10)
    with held(tmp_path / "lock", 5, WORDS):
        pass


@pytest.mark.parametrize("make", ["folder", "link", "nothing"])
def test_a_lock_file_that_cannot_be_made_is_an_error(tmp_path: Path, make: str) -> None:
    """A folder in its place, a link that leads elsewhere, or no state folder at all: nothing is followed."""
    lock = tmp_path / "state" / "lock"
    if make != "nothing":
        lock.parent.mkdir()
    if make == "folder":
        lock.mkdir()
    if make == "link":
        lock.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(CouldNotLook, match="cannot be had") as raised, held(lock, 0, WORDS):
        raise AssertionError
    assert raised.value.hint == "Name another folder."
    assert not (tmp_path / "elsewhere").exists()


def test_a_file_system_without_locks_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some network file systems refuse; then two runs could not tell each other."""

    def refuse(_handle: int, _how: int) -> None:
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr("fcntl.flock", refuse)
    refused = pytest.raises(CouldNotLook, match="cannot be locked: operation not supported")
    with refused, held(tmp_path / "lock", 0, WORDS):
        raise AssertionError
