"""The one door to other programs: no shell, a deadline on each, output bounded, nothing left running."""

import os
import signal
import subprocess
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from preflight.deadline import Deadline
from preflight.errors import CouldNotLook, DeadlineExceeded
from preflight.text import printable

MAX_OUTPUT = 64 * 1024 * 1024
"""Bytes kept of one stream; a program that prints more is stopped. ``compose config`` of 1,000 services: 1 MB."""

_children: set[subprocess.Popen[bytes]] = set()
_children_lock = threading.Lock()


@dataclass(frozen=True)
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
        _kill(child)
        with _children_lock:
            _children.discard(child)


def kill_all() -> None:
    """Kill every program that is still running; for the end of an interrupted or timed-out run."""
    with _children_lock:
        children = list(_children)
    for child in children:
        _kill(child)


def _start(argv: Sequence[str], env: Mapping[str, str] | None, cwd: Path | None) -> subprocess.Popen[bytes]:
    name = printable(argv[0])
    try:
        child = subprocess.Popen(
            list(argv),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=None if env is None else dict(env),
            cwd=cwd,
            start_new_session=True,  # its own process group, so that its children die with it
        )
    except FileNotFoundError as error:
        if cwd is not None and not cwd.is_dir():
            raise CouldNotLook(f"the folder {cwd} is not there", "Correct the path.") from error
        raise CouldNotLook(f"{name} is not installed (not on PATH)", f"Install {name}.") from error
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "an argument it cannot take"
        raise CouldNotLook(f"{name} could not be started: {reason}", f"Check the installation of {name}.") from error
    with _children_lock:
        _children.add(child)
    return child


class _Reader(threading.Thread):
    """Reads one stream to its end, keeping no more than ``limit`` bytes."""

    def __init__(self, stream: IO[bytes], limit: int, on_overflow: "threading.Event") -> None:
        super().__init__(daemon=True)
        self._stream, self._limit, self._overflow = stream, limit, on_overflow
        self.data = bytearray()

    def run(self) -> None:
        try:
            while chunk := os.read(self._stream.fileno(), 65536):
                if len(self.data) + len(chunk) > self._limit:
                    self._overflow.set()
                    return
                self.data += chunk
        except (OSError, ValueError):
            return  # the stream was closed under us because the program was killed


def _attend(child: subprocess.Popen[bytes], name: str, deadline: Deadline, stdin: bytes, max_output: int) -> Completed:
    if child.stdin is None or child.stdout is None or child.stderr is None:
        raise AssertionError("all three streams are pipes")
    overflow = threading.Event()
    out = _Reader(child.stdout, max_output, overflow)
    err = _Reader(child.stderr, max_output, overflow)
    feeder = threading.Thread(target=_feed, args=(child.stdin, stdin), daemon=True)
    for thread in (out, err, feeder):
        thread.start()
    try:
        for thread in (out, err):
            _join(thread, deadline, overflow)
        if not overflow.is_set():
            child.wait(timeout=max(0.01, deadline.remaining(name)))
    except (subprocess.TimeoutExpired, DeadlineExceeded) as error:
        raise DeadlineExceeded(
            f"{name} did not answer in time",
            f"Look why {name} hangs, or give the run more time with --timeout.",
        ) from error
    if overflow.is_set():
        raise CouldNotLook(f"{name} printed more than {max_output >> 20} MiB", f"Look at what {name} prints.")
    return Completed(child.returncode, bytes(out.data), bytes(err.data))


def _join(thread: threading.Thread, deadline: Deadline, overflow: threading.Event) -> None:
    while thread.is_alive() and not overflow.is_set():
        thread.join(min(0.25, deadline.remaining()))


def _feed(stream: IO[bytes], data: bytes) -> None:
    try:
        with stream:
            stream.write(data)
    except (OSError, ValueError):
        return  # it ended without reading; its exit code tells more


def _kill(child: subprocess.Popen[bytes]) -> None:
    """End the program and everything it started, and close our ends of its pipes."""
    try:
        os.killpg(child.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        child.kill()
    child.wait()
    for stream in (child.stdin, child.stdout, child.stderr):
        if stream is not None:
            try:
                stream.close()
            except OSError:
                continue
