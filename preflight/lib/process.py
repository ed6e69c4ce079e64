"""The one door to other programs: no shell, a deadline on each, output bounded, nothing left running."""

import os
import selectors
import signal
import subprocess
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from preflight.errors import CouldNotLook, DeadlineExceeded
from preflight.lib import interrupts, programs
from preflight.lib.deadline import Deadline
from preflight.lib.records import frozen
from preflight.lib.text import printable

MAX_OUTPUT = 64 * 1024 * 1024
"""Bytes kept of one stream; a program that prints more is stopped. ``compose config`` of 1,000 services: 1 MB."""

NOT_NEEDED = b"not needed"
"""What a program reads that guards us, when there is nothing left to tidy up."""

_children: set[subprocess.Popen[bytes]] = set()
_children_lock = threading.Lock()
_REAP_S = 5.0
"""A killed program that is still there by then waits for a disk or a network drive."""


@frozen
class Completed:
    """How a program ended: its exit code (negative: killed by that signal) and what it printed."""

    exit_code: int
    stdout: bytes
    stderr: bytes

    @property
    def text(self) -> str:
        """Standard output as text; bytes that are no UTF-8 are replaced."""
        return self.stdout.decode("utf-8", "replace")

    @property
    def error_text(self) -> str:
        """Standard error as text; bytes that are no UTF-8 are replaced. May quote secrets: never show it raw."""
        return self.stderr.decode("utf-8", "replace")


def run(
    argv: Sequence[str],
    *,
    deadline: Deadline,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    stdin: bytes = b"",
    max_output: int = MAX_OUTPUT,
) -> Completed:
    """Start a program, feed it, wait for it.

    Args:
        argv: Program and arguments; never seen by a shell.
        deadline: When the program and all it started are killed.
        env: The whole environment; ``None`` hands on our own.
        cwd: Folder to start in.
        stdin: Bytes fed to it; it never sees our own standard input.
        max_output: Bytes accepted on each of its two streams.

    Raises:
        CouldNotLook: It is not there, cannot be started, or prints more than ``max_output``.
        DeadlineExceeded: It took too long.
    """
    name = Path(argv[0]).name
    deadline.remaining(name)
    child = _start(argv, env, cwd)
    try:
        return _attend(child, name, deadline, stdin, max_output)
    finally:
        with interrupts.hold:
            _kill(child)
            with _children_lock:
                _children.discard(child)


@contextmanager
def guarded_by(argv: Sequence[str], env: Mapping[str, str]) -> Iterator[None]:
    """Have a program beside us for the length of a block that tidies up where we cannot: after SIGKILL.

    Its standard input ends when the block does. It reads ``NOT_NEEDED`` before where we could tidy up ourselves; where
    it reads nothing, we are dead. It outlives us, and no signal to our process group reaches it.

    Args:
        argv: Program and arguments.
        env: The environment of the process.

    Raises:
        CouldNotLook: It cannot be started.
    """
    try:
        with interrupts.hold:
            guard = subprocess.Popen(
                list(argv),
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=dict(env),
                cwd="/",
                start_new_session=True,
            )
    except OSError as error:
        raise CouldNotLook(f"{Path(argv[0]).name} could not be started: {error.strerror}", "Free memory.") from error
    try:
        yield
    finally:
        with interrupts.hold, suppress(OSError, subprocess.TimeoutExpired):
            guard.communicate(NOT_NEEDED, timeout=_REAP_S)


def kill_all() -> None:
    """Kill every program that is still running; for the end of an interrupted or timed-out run."""
    with interrupts.hold, _children_lock:
        children = list(_children)
    for child in children:
        _end(child)  # its pipes are closed by the thread that reads them


def _kill_for_good() -> None:
    """Kill every program that is still running, and let no thread start another: the process ends."""
    _children_lock.acquire(timeout=1)  # never released
    for child in list(_children):
        _send_kill(child)


interrupts.at_end(_kill_for_good)


def _start(argv: Sequence[str], env: Mapping[str, str] | None, cwd: Path | None) -> subprocess.Popen[bytes]:
    name, given = printable(argv[0]), os.environ if env is None else env
    program = argv[0] if "/" in argv[0] else programs.find_program(argv[0], given)
    if program is None:
        relative = "; its relative entries are ignored" if programs.ignored_entries(given) else ""
        raise CouldNotLook(f"{name} is not installed (not on PATH{relative})", f"Install {name}.")
    try:
        with interrupts.hold, _children_lock:  # started and registered, or neither
            child = subprocess.Popen(
                list(argv),
                executable=program,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=programs.with_search_path(given),
                cwd=cwd,
                start_new_session=True,  # its own process group, so that its children die with it
            )
            _children.add(child)
            return child
    except FileNotFoundError as error:
        if cwd is not None and not cwd.is_dir():
            raise CouldNotLook(f"the folder {cwd} is not there", "Correct the path.") from error
        raise CouldNotLook(f"{name} is not installed (not on PATH)", f"Install {name}.") from error
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "an argument it cannot take"
        raise CouldNotLook(f"{name} could not be started: {reason}", f"Check the installation of {name}.") from error


def _attend(child: subprocess.Popen[bytes], name: str, deadline: Deadline, stdin: bytes, max_output: int) -> Completed:
    """Feed the program and collect what it prints until both its streams end, then its exit code.

    In one thread: a run starts a dozen programs, and three threads for each would cost more than most of them.
    """
    try:
        streams = _Streams(child, stdin, max_output)
        streams.pump(deadline, name)
        child.wait(timeout=deadline.remaining(name))
    except (subprocess.TimeoutExpired, DeadlineExceeded) as error:
        raise DeadlineExceeded(
            f"{name} did not answer in time",
            f"Look why {name} hangs, or give `preflight run` more time with --timeout.",
        ) from error
    except _TooMuchError as error:
        raise CouldNotLook(
            f"{name} printed more than {max_output >> 20} MiB", f"Look at what {name} prints."
        ) from error
    return Completed(child.returncode, bytes(streams.out), bytes(streams.err))


class _TooMuchError(Exception):
    """A program prints more than is accepted."""


class _Streams:
    """The three pipes of a program, served side by side."""

    def __init__(self, child: subprocess.Popen[bytes], stdin: bytes, max_output: int) -> None:
        if child.stdin is None or child.stdout is None or child.stderr is None:
            raise AssertionError("all three streams are pipes")
        self.out, self.err = bytearray(), bytearray()
        self._stdin, self._left, self._limit = child.stdin, memoryview(stdin), max_output
        self._selector = selectors.DefaultSelector()
        self._selector.register(child.stdout, selectors.EVENT_READ, self.out)
        self._selector.register(child.stderr, selectors.EVENT_READ, self.err)
        if stdin:
            os.set_blocking(self._stdin.fileno(), False)
            self._selector.register(self._stdin, selectors.EVENT_WRITE)
        else:
            self._stdin.close()

    def pump(self, deadline: Deadline, name: str) -> None:
        """Serve them until the program has closed both its outputs."""
        with self._selector:
            while self._selector.get_map() and not self._only_stdin_left():
                for key, _events in self._selector.select(deadline.remaining(name)):
                    if key.data is None:
                        self._feed()
                    else:
                        self._read(key.fileobj, key.data)

    def _only_stdin_left(self) -> bool:
        return all(key.data is None for key in self._selector.get_map().values())

    def _read(self, stream: Any, data: bytearray) -> None:
        chunk = os.read(stream.fileno(), 65536)
        data += chunk
        if len(data) > self._limit:
            raise _TooMuchError
        if not chunk:
            self._selector.unregister(stream)

    def _feed(self) -> None:
        try:
            self._left = self._left[os.write(self._stdin.fileno(), self._left[:65536]) :]
        except BlockingIOError:
            return
        except OSError:
            self._left = self._left[:0]  # it ended without reading; its exit code tells more
        if not self._left:
            self._selector.unregister(self._stdin)
            with suppress(OSError):
                self._stdin.close()


def _send_kill(child: subprocess.Popen[bytes]) -> None:
    """Kill the program and everything it started."""
    try:
        os.killpg(child.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        child.kill()


def _end(child: subprocess.Popen[bytes]) -> None:
    """End the program and everything it started, and wait until it is gone."""
    _send_kill(child)
    with suppress(subprocess.TimeoutExpired):
        child.wait(_REAP_S)


def _kill(child: subprocess.Popen[bytes]) -> None:
    """End the program and everything it started, and close our ends of its pipes."""
    _end(child)
    for stream in (child.stdin, child.stdout, child.stderr):
        if stream is not None:
            try:
                stream.close()
            except OSError:
                continue
