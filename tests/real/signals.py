"""What tests of signals need: programs that ignore none, and signs that they are ready for one."""

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import subprocess

NUMBERS = (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM)
_LIMIT_S = 120


@contextmanager
def default_actions() -> Iterator[None]:
    """Start programs that ignore no signal, also when the suite does (``nohup``, a background job of a script).

    A program inherits that a signal is ignored, but no handler.
    """
    ignored = [number for number in NUMBERS if signal.getsignal(number) is signal.SIG_IGN]
    for number in ignored:
        signal.signal(number, lambda *_: None)
    try:
        yield
    finally:
        for number in ignored:
            signal.signal(number, signal.SIG_IGN)


def catches(process: "subprocess.Popen[str]", number: signal.Signals) -> bool:
    """Whether the handler of a program is installed: proc_pid_status(5), ``SigCgt``."""
    try:
        status = Path(f"/proc/{process.pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    mask = next((line.split()[1] for line in status.splitlines() if line.startswith("SigCgt:")), "0")
    return bool(int(mask, 16) >> (number - 1) & 1)


def wait_until(condition: Callable[[], bool], process: "subprocess.Popen[str]") -> None:
    """Wait for the sign that a program is ready; fail if it ends without one."""
    limit = time.monotonic() + _LIMIT_S
    while not condition():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < limit
        time.sleep(0.01)


def running(marker: str) -> list[str]:
    """Return the processes with a text in command line or environment, once the killed ones are gone."""
    found: list[str] = []
    for _ in range(200):
        found = [line for folder in Path("/proc").glob("[0-9]*") if (line := _command_line(folder, marker))]
        if not found:
            break
        time.sleep(0.01)
    return found


def _command_line(folder: Path, marker: str) -> str:
    try:
        line, environ = (folder / "cmdline").read_bytes(), (folder / "environ").read_bytes()
    except OSError:  # it ended meanwhile, or is somebody else's
        return ""
    return line.replace(b"\0", b" ").decode(errors="replace") if marker.encode() in line + environ else ""
