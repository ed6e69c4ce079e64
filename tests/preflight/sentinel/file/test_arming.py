"""preflight/sentinel/file.py: one line is added and taken away, to the byte."""

import fcntl
import os
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from provision.errors import ProvisionError

from preflight.envfile import read_env_file
from preflight.errors import CouldNotLook
from preflight.lib import exchange
from preflight.pins.sentinel import SENTINEL
from preflight.sentinel import arm, disarm, status
from tests.preflight.sentinel.file.pins import PIN, SHAPES
from tests.real.git import GitRepository
from tests.real.missing import missing


@pytest.mark.parametrize("data", SHAPES.values(), ids=SHAPES.keys())
def test_arming_adds_one_line_and_disarming_gives_back_the_very_bytes(tmp_path: Path, data: bytes) -> None:
    """Whatever the file looks like."""
    pin = tmp_path / "pin.env"
    pin.write_bytes(data)

    state = arm(pin)

    armed = pin.read_bytes()
    assert state.token is not None
    line = f"{SENTINEL}={state.token}".encode()
    assert armed.replace(line + b"\r\n", b"").replace(line + b"\n", b"") == data
    assert len(armed.split(b"\n")) == len(data.split(b"\n")) + 1
    assert (b"\r\n" in armed) == (b"\r\n" in data)
    last = read_env_file(pin).last(SENTINEL)
    assert last is not None
    assert last.value == state.token
    assert status(pin).token == state.token
    assert disarm(pin).changed
    assert pin.read_bytes() == data
    assert status(pin).token is None


LINES = st.lists(
    st.sampled_from([b"A=1", b"# c", b"", b"B='x", b"y'", b"export C=2", b" ", b'D="q"', b"E=caf\xc3\xa9"]), max_size=6
)


@given(lines=LINES, end=st.sampled_from([b"\n", b"\r\n"]), bom=st.booleans(), closed=st.booleans())
def test_arming_and_disarming_is_the_identity(
    tmp_path_factory: pytest.TempPathFactory, lines: list[bytes], end: bytes, *, bom: bool, closed: bool
) -> None:
    """For every file that Compose would accept; others are left alone."""
    data = (b"\xef\xbb\xbf" if bom else b"") + end.join(lines) + (end if closed else b"")
    pin = tmp_path_factory.mktemp("any") / "pin.env"
    pin.write_bytes(data)
    try:
        arm(pin)
    except CouldNotLook:
        assert pin.read_bytes() == data
        return
    assert pin.read_bytes() != data
    disarm(pin)
    assert pin.read_bytes() == data


def test_arming_twice_keeps_the_token(pin: Path) -> None:
    """The second time says so and writes nothing."""
    first = arm(pin)
    data = pin.read_bytes()

    second = arm(pin)

    assert (second.token, second.changed) == (first.token, False)
    assert pin.read_bytes() == data


def test_two_tokens_differ(tmp_path: Path) -> None:
    """Else an old deployment would pass for a new one."""
    files = [tmp_path / name for name in "ab"]
    for file in files:
        file.write_bytes(PIN)
    assert arm(files[0]).token != arm(files[1]).token


def test_disarming_what_is_not_armed_writes_nothing(pin: Path) -> None:
    """Not even a new modification time."""
    before = pin.stat()
    assert not disarm(pin).changed
    assert pin.stat() == before


def test_edits_made_while_armed_stay(pin: Path) -> None:
    """Only the line goes, wherever it stands by then."""
    arm(pin)
    first, rest = pin.read_bytes().split(b"\n", 1)
    pin.write_bytes(b"# new head\n" + rest.replace(b"1" * 64, b"2" * 64) + first + b"\nB=2")

    disarm(pin)

    assert pin.read_bytes() == b"# new head\n" + SHAPES["plain"].replace(b"1" * 64, b"2" * 64) + b"B=2"


def test_a_file_broken_while_armed_can_be_disarmed(pin: Path) -> None:
    """A quote that was never closed is the operator's affair."""
    arm(pin)
    pin.write_bytes(pin.read_bytes() + b"B='\n")
    disarm(pin)
    assert pin.read_bytes() == SHAPES["plain"] + b"B='\n"


def test_a_line_that_somebody_else_wrote_is_not_taken_away(pin: Path) -> None:
    """It counts as armed, and disarming says what to do."""
    pin.write_bytes(PIN + b"\nPREFLIGHT_SENTINEL='mine'\n")
    assert arm(pin).token == "mine"
    with pytest.raises(CouldNotLook, match=r"pin.env:3: this PREFLIGHT_SENTINEL was not written by preflight"):
        disarm(pin)


def test_owner_and_permissions_stay(pin: Path) -> None:
    """The new file is to its readers what the old one was."""
    pin.chmod(0o640)
    if os.geteuid() == 0:
        os.chown(pin, 1234, 2345)
    before = pin.stat()
    arm(pin)
    after = pin.stat()
    assert (after.st_mode, after.st_uid, after.st_gid) == (before.st_mode, before.st_uid, before.st_gid)


def test_extended_attributes_stay(pin: Path) -> None:
    """Where the file system has them, as that of CI must."""
    try:
        os.setxattr(pin, "user.note", b"keep")
    except OSError:
        missing(
            "no extended attributes", ProvisionError("the file system of TMPDIR has none", "set TMPDIR to one on ext4")
        )
    arm(pin)
    assert os.getxattr(pin, "user.note") == b"keep"


def test_through_a_link_the_target_is_written(tmp_path: Path, pin: Path) -> None:
    """The link stays a link."""
    link = tmp_path / "link.env"
    link.symlink_to("pin.env")

    state = arm(link)

    assert link.is_symlink()
    assert state.path == pin
    assert status(pin).token == state.token
    disarm(link)
    assert pin.read_bytes() == SHAPES["plain"]


def test_a_change_meanwhile_is_not_overwritten(pin: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An editor saved between our reading and our writing."""
    write = exchange._write

    def late(temporary: Path, data: bytes, path: Path, known: os.stat_result) -> None:
        write(temporary, data, path, known)
        pin.write_bytes(b"B=2\n")

    monkeypatch.setattr(exchange, "_write", late)
    with pytest.raises(CouldNotLook, match="changed meanwhile"):
        arm(pin)
    assert pin.read_bytes() == b"B=2\n"
    assert [path.name for path in pin.parent.iterdir()] == ["pin.env"]


def test_all_who_arm_at_once_agree_on_one_token(pin: Path) -> None:
    """One writes, the others find it armed."""
    found: list[str | None] = []
    threads = [threading.Thread(target=lambda: found.append(arm(pin).token)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(found)) == 1
    assert pin.read_bytes().count(SENTINEL.encode()) == 1


def test_one_who_holds_the_file_for_long_is_not_waited_for(pin: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A clear message instead."""
    monkeypatch.setattr(exchange, "_PATIENCE_S", 0.05)
    handle = os.open(pin.parent, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        with pytest.raises(CouldNotLook, match="another preflight is changing"):
            arm(pin)
    finally:
        os.close(handle)


def test_a_dirty_work_tree_is_restored_as_it_was(git_repository: GitRepository) -> None:
    """Dirty before, dirty in the same way after."""
    git_repository.commit({"pin.env": "A=1\n"})
    git_repository.write({"pin.env": "A=2"})
    before = git_repository.git("diff")
    arm(git_repository.path / "pin.env")
    disarm(git_repository.path / "pin.env")
    assert git_repository.git("diff") == before
    assert git_repository.git("status", "--porcelain").split("\n") == ["M pin.env"]


def test_killed_at_any_moment_the_file_is_the_old_or_the_new(pin: Path) -> None:
    """A process that arms and disarms without pause is killed again and again."""
    code = (
        "import sys; from pathlib import Path; from preflight.sentinel import arm, disarm\n"
        "path = Path(sys.argv[1]); print('ready', flush=True)\n"
        "while True: arm(path); disarm(path)\n"
    )
    old = SHAPES["plain"]
    chance = random.Random(7)
    for _ in range(12):
        with subprocess.Popen([sys.executable, "-c", code, str(pin)], stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(chance.uniform(0, 0.05))
            process.send_signal(signal.SIGKILL)
        now = pin.read_bytes()
        assert now == old or now.split(b"\n", 1)[1] == old
        left = {path.name for path in pin.parent.iterdir()}
        assert left <= {"pin.env", ".pin.env.preflight"}
    arm(pin)
    disarm(pin)
    assert pin.read_bytes() == old
    assert [path.name for path in pin.parent.iterdir()] == ["pin.env"]
