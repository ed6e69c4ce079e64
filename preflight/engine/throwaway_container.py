"""Run one program of an image in a throw-away container. Imports no SDK: the door hands in its client.

The engine removes the container as soon as the program ends, also when we are long gone; that it ends, a `timeout`
inside sees to. Only one that we made and were killed before we could start it stays: the next run removes it.
"""

import math
import shlex
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from preflight.engine.attached import ApartClient, apart, chunks, left_behind, run_attached
from preflight.engine.container import Ended, standard_output
from preflight.engine.problem import NOT_FOUND, in_place_of
from preflight.errors import CouldNotLook, DeadlineExceeded
from preflight.lib.deadline import Deadline

LABEL = "preflight.apart"
"""Marks the containers; its value is when one was made, in seconds since 1970."""

_MAX_OUTPUT = 64 * 1024
_LONGEST_S = 30.0
_TO_REMOVE_S = 2.0
_LEFT_BEHIND_S = 600


def run_throwaway(client: ApartClient, deadline: Deadline, image: str, argv: tuple[str, ...]) -> Ended:
    """Run a program; see ``Engine.run_throwaway``."""
    patience = Deadline(deadline.at - _TO_REMOVE_S).sooner(_LONGEST_S)
    left = patience.remaining("a container of its own")
    _remove_left_behind(client)
    with _container(client, image, _script(argv, left)) as container:
        return _ended(client, container, patience)


def _script(argv: tuple[str, ...], seconds: float) -> list[str]:
    """A shell that waits for the program, since a first process could not be killed from within; then ends itself."""
    limit = math.ceil(seconds) + math.ceil(_TO_REMOVE_S)
    return ["sh", "-c", f"timeout -s KILL {limit} {shlex.join(argv)}; exit $?"]


@contextmanager
def _container(client: ApartClient, image: str, entrypoint: list[str]) -> Iterator[str]:
    gone = CouldNotLook(f"the image {image[:19]}… is gone", "It was removed meanwhile: run it again.")
    with in_place_of({NOT_FOUND: gone}):
        made = client.create_container(
            image=image,
            entrypoint=entrypoint,
            command=[],
            host_config=apart(client, cap_drop=["ALL"], pids_limit=512),
            labels={LABEL: str(int(time.time()))},
            name=f"preflight-apart-{uuid.uuid4().hex[:12]}",
        )
    try:
        yield made["Id"]
    finally:
        _remove(client, made["Id"])


def _ended(client: ApartClient, container: str, patience: Deadline) -> Ended:
    """Start it and read what it prints until it ends."""
    exit_code, stdout = run_attached(client, container, ("stdout",), patience, _read)
    return Ended(exit_code, stdout)


def _read(output: Any, patience: Deadline) -> bytes:
    too_late = DeadlineExceeded("the program does not come to an end", "Run it by hand and look why.")
    kept = bytearray()
    for chunk in chunks(output, patience, too_late):
        kept += chunk
        if len(kept) > _MAX_OUTPUT:
            break
    if len(kept) > _MAX_OUTPUT:
        raise CouldNotLook(f"the program printed more than {_MAX_OUTPUT >> 10} KiB", "Run it by hand and look.")
    stdout = standard_output(bytes(kept))
    if stdout is None:
        raise CouldNotLook("the Docker engine answers with what is no output of a program", "Run preflight again.")
    return stdout


def _remove(client: ApartClient, container: str) -> None:
    """Remove it, running or not; most often the engine has done so already."""
    with suppress(Exception):
        client.remove_container(container, force=True, v=True)


def _remove_left_behind(client: ApartClient) -> None:
    """Remove those that were made but never started, since whoever made them was killed in that moment."""
    for container in left_behind(client, LABEL, time.time() - _LEFT_BEHIND_S, "created"):
        _remove(client, container)
