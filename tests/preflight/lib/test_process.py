"""preflight/lib/process.py, with real programs."""

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from preflight.errors import CouldNotLook, DeadlineExceeded
from preflight.lib import process
from preflight.lib.deadline import Deadline
from tests.limits import not_waiting_for


def soon(seconds: float = 10) -> Deadline:
    """Return a deadline a few seconds away."""
    return Deadline.after(seconds)


def test_exit_code_and_both_streams_are_kept() -> None:
    """The program's own exit code comes back, and what it printed."""
    done = process.run(["sh", "-c", "cat; echo err >&2; exit 7"], deadline=soon(), stdin=b"fed\xff")

    assert (done.exit_code, done.stdout, done.error_text) == (7, b"fed\xff", "err\n")
    assert done.text == "fed\ufffd"


def test_no_shell_sees_the_arguments() -> None:
    """An argument is an argument, whatever stands in it."""
    done = process.run(["printf", "%s", "$(id); `id`"], deadline=soon())

    assert done.text == "$(id); `id`"


def test_environment_and_folder_are_those_given(tmp_path: Path) -> None:
    """A program sees the environment it is given, and starts where it is told."""
    done = process.run(["/bin/sh", "-c", "echo $ONLY $HOME; pwd"], deadline=soon(), env={"ONLY": "this"}, cwd=tmp_path)

    assert done.text == f"this\n{tmp_path}\n"


def test_a_hanging_program_and_its_children_are_killed(tmp_path: Path) -> None:
    """At the deadline the whole process group ends."""
    note = tmp_path / "pid"

    with not_waiting_for(600), pytest.raises(DeadlineExceeded, match="sh did not answer in time"):
        process.run(["sh", "-c", f"sleep 600 & echo $! > {note}; wait"], deadline=soon(2))

    assert _is_gone(int(note.read_text()))


def _is_gone(pid: int) -> bool:
    """Wait until a killed process has ended; the kernel takes a moment, and a zombie has ended."""
    for _ in range(500):
        try:
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return True
        except (FileNotFoundError, ProcessLookupError):
            return True
        time.sleep(0.01)
    return False


def test_a_passed_deadline_starts_nothing(tmp_path: Path) -> None:
    """Nothing is started when no time is left."""
    with pytest.raises(DeadlineExceeded, match="no time left for touch"):
        process.run(["touch", str(tmp_path / "made")], deadline=soon(-1))

    assert not (tmp_path / "made").exists()


def test_a_program_that_never_stops_printing_is_stopped() -> None:
    """Memory stays bounded."""
    with pytest.raises(CouldNotLook, match="yes printed more than 1 MiB"):
        process.run(["yes"], deadline=soon(), max_output=1 << 20)


def test_a_missing_program_is_named() -> None:
    """The operator learns what to install."""
    with pytest.raises(CouldNotLook, match="no-such-program is not installed") as caught:
        process.run(["no-such-program"], deadline=soon())

    assert caught.value.hint == "Install no-such-program."


def test_a_file_that_is_no_program_is_named(tmp_path: Path) -> None:
    """A file without the right to run is not the same as an absent one."""
    (tmp_path / "tool").write_text("")

    with pytest.raises(CouldNotLook, match=r"tool could not be started: Permission denied"):
        process.run([str(tmp_path / "tool")], deadline=soon())


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    """A missing folder is not reported as a missing program."""
    with pytest.raises(CouldNotLook, match=r"the folder .*gone is not there"):
        process.run(["true"], deadline=soon(), cwd=tmp_path / "gone")


def test_an_argument_with_nul_is_refused() -> None:
    """No traceback for what no program can be given."""
    with pytest.raises(CouldNotLook, match="an argument it cannot take"):
        process.run(["true", "a\0b"], deadline=soon())


def test_a_program_that_reads_nothing_does_not_block_us() -> None:
    """More input than a pipe holds, for a program that ends at once."""
    assert process.run(["true"], deadline=soon(), stdin=b"x" * 1_000_000).exit_code == 0


def test_kill_all_leaves_the_pipes_to_the_thread_that_reads_them() -> None:
    """A thread whose program is killed under it ends as with any killed program, not with a traceback."""
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(process.run, ["sh", "-c", "while :; do echo; done"], deadline=soon())
        while not process._children:
            time.sleep(0.01)
        time.sleep(0.1)
        process.kill_all()

        assert running.result(timeout=10).exit_code == -9


def test_kill_all_ends_what_another_thread_started(tmp_path: Path) -> None:
    """At the end of an interrupted run nothing is left behind."""
    script = f"""
import threading, time
from preflight.lib import process
from preflight.lib.deadline import Deadline
threading.Thread(target=process.run, args=(["sh", "-c", "echo $$ > {tmp_path}/pid; sleep 600"],),
                 kwargs={{"deadline": Deadline.after(500)}}, daemon=True).start()
while not __import__("os").path.exists("{tmp_path}/pid"): time.sleep(0.01)
time.sleep(0.1)
process.kill_all()
"""
    subprocess.run([sys.executable, "-c", script], check=True, timeout=20, stdout=subprocess.DEVNULL)

    pid = int((tmp_path / "pid").read_text())
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


GUARD = "import sys; open(sys.argv[1], 'wb').write(sys.stdin.buffer.read())"


def test_a_guard_reads_that_it_is_not_needed(tmp_path: Path) -> None:
    """Also where the block ends with an error; it is not killed, and ends by itself."""
    said = tmp_path / "said"
    with pytest.raises(KeyError), process.guarded_by([sys.executable, "-c", GUARD, str(said)], os.environ):
        raise KeyError
    assert said.read_bytes() == process.NOT_NEEDED


def test_a_guard_that_cannot_be_started() -> None:
    """Then nothing begins that nobody would tidy up."""
    with pytest.raises(CouldNotLook, match="none could not be started"), process.guarded_by(["/none"], {}):
        raise AssertionError("nothing begins")
