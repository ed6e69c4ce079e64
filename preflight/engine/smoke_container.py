"""Run one command of an image as it is meant to be run, apart from everything. Imports no SDK: the door hands it in.

Unlike in throwaway_container.py the image's own entrypoint runs, so nothing inside bounds the time: we do, and where we
are killed, guard.py removes the container; where that is killed too, the next smoke test does.
"""

import struct
import time
from collections.abc import Mapping
from typing import Any

from preflight.engine.attached import ApartClient, apart, chunks, left_behind, run_attached
from preflight.engine.container import STDERR, STDOUT
from preflight.engine.problem import NOT_FOUND, status_of
from preflight.errors import CouldNotLook, DeadlineExceeded
from preflight.lib.deadline import Deadline
from preflight.lib.records import frozen

LABEL = "preflight.smoke"
"""Marks the containers; its value is when one must be over, in seconds since 1970."""

MEMORY = 1024 * 1024 * 1024
PROCESSES = 512
KEPT_OUTPUT = 8 * 1024
"""Bytes of what it prints last, on each stream."""
_GRACE_S = 30
_LARGEST_FRAME = 1024 * 1024
_FRAME = struct.Struct(">BxxxL")


class TookTooLong(DeadlineExceeded):
    """The command did not end in time."""


@frozen
class SmokeTest:
    """What to run.

    Args:
        name: The name of the container; nobody else's.
        reference: The image by digest, as the engine pulls it.
        argv: Arguments for the image's entrypoint, or, without one, the command.
        seconds: When it must have ended.
    """

    name: str
    reference: str
    argv: tuple[str, ...]
    seconds: float


@frozen
class SmokeResult:
    """How it ended.

    Args:
        exit_code: 127 also where there is no such program.
        output: The last of standard output, then of standard error; from the image, so it may hold anything.
    """

    exit_code: int
    output: bytes


def pull(client: Any, _deadline: Deadline, reference: str) -> None:
    """Have the engine pull an image, unless it is here.

    Raises:
        CouldNotLook: It cannot.
    """
    try:
        client.inspect_image(reference)
    except Exception as error:  # of the SDK, which is not imported here
        if status_of(error) != NOT_FOUND:
            raise
    else:
        return
    failed = CouldNotLook(f"the engine could not pull {reference[:200]}", f"Look why: docker pull {reference[:300]}")
    try:
        has_failed = any("error" in step for step in client.pull(reference, stream=True, decode=True))
    except Exception as error:  # of the SDK, which is not imported here
        if status_of(error) is None:
            raise
        raise failed from error
    if has_failed:
        raise failed


def run_smoke(client: ApartClient, _deadline: Deadline, test: SmokeTest) -> SmokeResult:
    """Run a command of an image that is here; see ``Engine.smoke``."""
    for container in left_behind(
        client, LABEL, time.time()
    ):  # of tests that are over, but whoever began them was killed
        client.remove_container(container, force=True, v=True)
    given = apart(
        client,
        mem_limit=MEMORY,
        memswap_limit=MEMORY,
        pids_limit=PROCESSES,
        tmpfs={"/tmp": "size=64m"},  # noqa: S108 -- in the container, where programs expect it
    )
    made = client.create_container(
        image=test.reference,
        command=list(test.argv),
        host_config=given,
        labels={LABEL: str(int(time.time() + test.seconds) + _GRACE_S)},
        name=test.name,
    )
    patience = Deadline.after(test.seconds)
    return SmokeResult(*run_attached(client, made["Id"], ("stdout", "stderr"), patience, _tail))


def _tail(output: Any, patience: Deadline) -> bytes:
    """Read both streams to their end, and return the last of each; the engine does not keep the order between them."""
    kept, waiting = {STDOUT: bytearray(), STDERR: bytearray()}, bytearray()
    for chunk in chunks(
        output, patience, TookTooLong("the command does not come to an end", "Run it by hand and look why.")
    ):
        waiting += chunk
        _take_frames(waiting, kept)
    return bytes(kept[STDOUT] + kept[STDERR])


def _take_frames(waiting: bytearray, kept: Mapping[int, bytearray]) -> None:
    """Move the content of each whole frame; see ``standard_output`` for what a frame is."""
    while len(waiting) >= _FRAME.size:
        kind, length = _FRAME.unpack_from(waiting)
        if kind not in kept or length > _LARGEST_FRAME:
            raise CouldNotLook("the Docker engine answers with what is no output of a program", "Run it again.")
        if len(waiting) < _FRAME.size + length:
            return
        kept[kind] += waiting[_FRAME.size : _FRAME.size + length]
        del kept[kind][:-KEPT_OUTPUT]
        del waiting[: _FRAME.size + length]
