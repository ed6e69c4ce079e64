"""Keeps an engine or registry running exactly as long as the process that asked for it lives.

The keeper is a process of its own, in a session of its own, that holds the daemon and watches a pipe from its
owner. When the pipe closes (the owner is done, was interrupted, failed, or was killed outright) the keeper ends the
daemon and removes all it left. So nothing stays behind whatever happens to the owner.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from provision.engine import PrivateEngine
from provision.errors import ProvisionError
from provision.registry import PrivateRegistry

KINDS: dict[str, Callable[[], PrivateEngine | PrivateRegistry]] = {
    "engine": PrivateEngine,
    "registry": PrivateRegistry,
}
"""What can be kept."""

_STOP_SECONDS = 90


def keep(kind: str) -> int:
    """Be the keeper: start, tell the address on standard output, wait for standard input to end, stop.

    Args:
        kind: A key of ``KINDS``.
    """
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # meant for the owner; its end is what counts
    signal.signal(signal.SIGTERM, _end)
    try:
        kept = KINDS[kind]()
    except ProvisionError as error:
        _tell({"message": error.message, "remedy": error.remedy})
        return 1
    try:
        _tell({"host": kept.host})
        sys.stdin.buffer.read()
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        kept.stop()
    return 0


@contextmanager
def kept(kind: str) -> Iterator[str]:
    """Have an engine or registry for the length of a block.

    Args:
        kind: A key of ``KINDS``.

    Yields:
        Its address: ``unix://…`` of an engine, ``127.0.0.1:PORT`` of a registry.

    Raises:
        ProvisionError: It cannot be had here.
    """
    with subprocess.Popen(
        [sys.executable, "-m", "provision", "keep", kind],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[1])},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
    ) as keeper:
        try:
            yield _address(keeper, kind)
        finally:
            _release(keeper)


def _address(keeper: subprocess.Popen[bytes], kind: str) -> str:
    if keeper.stdout is None:
        raise AssertionError("standard output is a pipe")
    line = keeper.stdout.readline()
    if not line:
        raise ProvisionError(f"the keeper of the {kind} ended without a word", "see its message above")
    said = json.loads(line)
    if "host" not in said:
        raise ProvisionError(said["message"], said["remedy"])
    return str(said["host"])


def _release(keeper: subprocess.Popen[bytes]) -> None:
    if keeper.stdin is not None:
        with suppress(OSError):
            keeper.stdin.close()
    try:
        keeper.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        keeper.kill()


def _tell(what: dict[str, str]) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


def _end(_number: int, _frame: object) -> None:
    raise SystemExit(1)
