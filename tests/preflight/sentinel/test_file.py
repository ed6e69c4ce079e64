"""preflight/sentinel/file.py."""

import errno
import fcntl
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from preflight.envfile import read_env_file
from preflight.errors import CouldNotLook
from preflight.lib import exchange
from preflight.pins.sentinel import SENTINEL
from preflight.sentinel import arm, disarm, status
from tests.real.git import GitRepository

PIN = b"# the agent\nAGENT_IMAGE=ghcr.io/example/agent@sha256:" + b"1" * 64

SHAPES = {
    "plain": PIN + b"\n",
    "no final line end": PIN,
    "crlf": PIN.replace(b"\n", b"\r\n") + b"\r\n",
    "crlf, no final line end": PIN.replace(b"\n", b"\r\n"),
    "byte order mark": b"\xef\xbb\xbf" + PIN + b"\n",
    "byte order mark, crlf": b"\xef\xbb\xbf" + PIN.replace(b"\n", b"\r\n"),
    "empty": b"",
    "only a line end": b"\n",
    "blank lines around": b"\n\n" + PIN + b"\n\n\n",
    "value of several lines": b"A='one\nPREFLIGHT_SENTINEL=" + b"a" * 32 + b"\ntwo'\n" + PIN,
}


@pytest.fixture
def pin(tmp_path: Path) -> Path:
    """A pin file."""
    path = tmp_path / "pin.env"
    path.write_bytes(SHAPES["plain"])
    return path


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
    """Where the file system has them."""
    try:
        os.setxattr(pin, "user.note", b"keep")
    except OSError:
        pytest.skip("this file system has no extended attributes")
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


def test_links_in_a_circle_are_refused(tmp_path: Path) -> None:
    """In one line."""
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    with pytest.raises(CouldNotLook, match="cannot be followed"):
        arm(tmp_path / "a")


def test_no_file_is_refused(tmp_path: Path) -> None:
    """Arming makes no file."""
    with pytest.raises(CouldNotLook, match="there is no file"):
        arm(tmp_path / "none.env")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"A='\n", "is opened and never closed"),
        (b"\xff\xfe", "is not UTF-8 text"),
        (b"A=1\n" * 300_000, "is larger than"),
    ],
    ids=["unterminated", "binary", "large"],
)
def test_a_file_that_is_no_env_file_is_left_alone(pin: Path, data: bytes, words: str) -> None:
    """Compose would refuse it, armed or not."""
    pin.write_bytes(data)
    with pytest.raises(CouldNotLook, match=words):
        arm(pin)
    assert pin.read_bytes() == data


def test_a_folder_is_refused(tmp_path: Path) -> None:
    """A folder where a file is due."""
    with pytest.raises(CouldNotLook, match="is a directory"):
        arm(tmp_path)


def test_a_read_only_file_is_left_alone(pin: Path) -> None:
    """Somebody meant it, even where we could."""
    pin.chmod(0o444)
    with pytest.raises(CouldNotLook, match="is read-only") as caught:
        arm(pin)
    assert "chmod u+w" in caught.value.hint
    assert pin.read_bytes() == SHAPES["plain"]


def test_a_read_only_folder_is_reported(tmp_path: Path) -> None:
    """As another user, since root may write everywhere."""
    folder = tmp_path / "locked"
    folder.mkdir()
    pin = folder / "pin.env"
    pin.write_bytes(PIN)
    for path in (tmp_path, *tmp_path.parents):
        if os.geteuid() == 0 and Path(tempfile.gettempdir()) in path.parents:
            path.chmod(0o755)
    folder.chmod(0o555)
    try:
        said = _as_nobody(f"from preflight.sentinel import arm; from pathlib import Path; arm(Path({str(pin)!r}))")
        assert "CouldNotLook" in said
        assert "cannot be replaced: permission denied; it was left alone" in said
        assert [path.name for path in folder.iterdir()] == ["pin.env"]
    finally:
        folder.chmod(0o755)


def _as_nobody(code: str) -> str:
    """Run code as a user without rights (as ourselves, unless root); return what it wrote to standard error."""
    drop = "import os; os.geteuid() == 0 and os.setuid(65534)\n"
    load = "from preflight.sentinel import arm\nimport encodings.utf_8_sig, traceback\n"  # while it may read them
    done = subprocess.run(
        [sys.executable, "-c", load + drop + code], capture_output=True, text=True, timeout=60, check=False
    )
    return done.stderr


def test_what_a_killed_one_left_is_cleared_away(pin: Path) -> None:
    """And nothing but that."""
    stale = pin.with_name(".pin.env.preflight")
    stale.write_bytes(b"half")
    other = pin.with_name(".pin.env.swp")
    other.write_bytes(b"an editor's")

    arm(pin)

    assert sorted(path.name for path in pin.parent.iterdir()) == [".pin.env.swp", "pin.env"]


def test_something_that_is_no_leftover_is_not_cleared_away(pin: Path) -> None:
    """A folder of that name is reported, the file left alone."""
    pin.with_name(".pin.env.preflight").mkdir()
    with pytest.raises(CouldNotLook, match="cannot be replaced"):
        arm(pin)
    assert pin.read_bytes() == SHAPES["plain"]


@pytest.mark.parametrize("name", ["open", "fsync", "fchmod", "setxattr"])
def test_whatever_cannot_be_done_leaves_the_old_file(pin: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """A full disk, a read-only mount, an attribute that must not be lost: one clear line, and no leftovers."""
    real = getattr(os, name)

    def fail(*arguments: Any, **named: Any) -> Any:
        if name == "open" and ".preflight" not in str(arguments[0]):
            return real(*arguments, **named)
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "listxattr", lambda _path: ["user.note"])
    monkeypatch.setattr(os, "getxattr", lambda _path, _name: b"keep")
    monkeypatch.setattr(os, name, fail)
    with pytest.raises(CouldNotLook, match="cannot be replaced: no space left on device; it was left alone"):
        arm(pin)
    monkeypatch.undo()
    assert pin.read_bytes() == SHAPES["plain"]
    assert [path.name for path in pin.parent.iterdir()] == ["pin.env"]


def test_attributes_of_the_system_may_stay_behind(pin: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only root may set them; the folder gives the new file its own. So may those of a system without any."""

    def refuse(*_arguments: Any) -> Any:
        raise PermissionError(errno.EPERM, "")

    monkeypatch.setattr(os, "listxattr", lambda _path: ["security.selinux"])
    monkeypatch.setattr(os, "getxattr", refuse)
    assert arm(pin).changed
    monkeypatch.setattr(os, "listxattr", refuse)
    assert disarm(pin).changed


def test_a_folder_that_cannot_be_locked(pin: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some network file systems know no locks."""

    def refuse(*_arguments: Any) -> Any:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(fcntl, "flock", refuse)
    with pytest.raises(CouldNotLook, match="no locks available"):
        arm(pin)


def test_a_folder_that_cannot_be_opened(pin: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It may be entered, but not read."""
    real = os.open

    def refuse(path: Any, *arguments: Any, **named: Any) -> Any:
        if Path(path) == pin.parent:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        return real(path, *arguments, **named)

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(CouldNotLook, match="permission denied"):
        arm(pin)


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
    chance = random.Random(7)  # noqa: S311 -- moments, not secrets
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
