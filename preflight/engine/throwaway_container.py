"""Run one program of an image in a throw-away container. Imports no SDK: the door hands in its client.

The engine removes the container as soon as the program ends, also when we are long gone; that it ends, a `timeout`
inside sees to. Only one that we made and were killed before we could start it stays: the next run removes it.
"""

import math
import shlex
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, Protocol

from preflight.engine.container import Ended, standard_output
from preflight.engine.problem import is_missing_program, status_of
from preflight.errors import CouldNotLook, DeadlineExceeded
from preflight.lib.deadline import Deadline

LABEL = "preflight.apart"
"""Marks the containers; its value is when one was made, in seconds since 1970."""

_MAX_OUTPUT = 64 * 1024
_LONGEST_S = 30.0
_TO_REMOVE_S = 2.0
_LEFT_BEHIND_S = 600
_NOT_FOUND = 404


class ApartClient(Protocol):
    """What is used of the SDK's client."""

    base_url: str
    api_version: str

    def post(self, url: str, /, **options: Any) -> Any:
        """Send a POST request."""

    def containers(self, **options: Any) -> Any:
        """`GET /containers/json`."""

    def create_container(self, **options: Any) -> Any:
        """`POST /containers/create`."""

    def create_host_config(self, **options: Any) -> Any:
        """Make the part of it that says what the host gives."""

    def start(self, container: str, /) -> Any:
        """`POST /containers/ID/start`."""

    def remove_container(self, container: str, /, **options: Any) -> Any:
        """`DELETE /containers/ID`."""


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
    given = client.create_host_config(
        auto_remove=True,
        cap_drop=["ALL"],
        network_mode="none",
        pids_limit=512,
        read_only=True,
        security_opt=["no-new-privileges"],
    )
    try:
        made = client.create_container(
            image=image,
            entrypoint=entrypoint,
            command=[],
            host_config={**given, "LogConfig": {"Type": "none", "Config": {}}},
            labels={LABEL: str(int(time.time()))},
            name=f"preflight-apart-{uuid.uuid4().hex[:12]}",
        )
    except Exception as error:
        if status_of(error) == _NOT_FOUND:
            raise CouldNotLook(f"the image {image[:19]}… is gone", "It was removed meanwhile: run it again.") from error
        raise
    try:
        yield made["Id"]
    finally:
        _remove(client, made["Id"])


def _ended(client: ApartClient, container: str, patience: Deadline) -> Ended:
    """Start it and read what it prints until it ends."""
    exit_code, stdout = run_attached(client, container, ("stdout",), patience, _read)
    return Ended(exit_code, stdout)


def run_attached(
    client: ApartClient,
    container: str,
    streams: tuple[str, ...],
    patience: Deadline,
    read: Callable[[Any, Deadline], bytes],
) -> tuple[int, bytes]:
    """Start a container and read what it prints until it ends.

    Who listens must do so first: it may end at once, and be gone.

    Args:
        client: The SDK's.
        container: Made, and not started.
        streams: "stdout", "stderr" or both.
        patience: When it must have ended.
        read: Reads the engine's stream of them.

    Returns:
        The exit code, and what was read; 127 where there is no such program.
    """
    url = f"{client.base_url}/v{client.api_version}/containers/{container}"
    wait = {"params": {"condition": "next-exit"}, "stream": True}
    listen = {"params": {"stream": "1", **dict.fromkeys(streams, "1")}, "stream": True}
    with (
        client.post(f"{url}/wait", timeout=patience.remaining(), **wait) as end,
        client.post(f"{url}/attach", timeout=patience.remaining(), **listen) as output,
    ):
        end.raise_for_status()
        output.raise_for_status()
        try:
            client.start(container)
        except Exception as error:
            if is_missing_program(error):
                return 127, b""
            raise
        printed = read(output, patience)
        return int(end.json()["StatusCode"]), printed


def _read(output: Any, patience: Deadline) -> bytes:
    kept = bytearray()
    try:
        for chunk in output.iter_content(4096):
            kept += chunk
            if patience.expired or len(kept) > _MAX_OUTPUT:
                break
    except OSError:  # all that `requests` raises while it reads is one
        if not patience.expired:
            raise
    if patience.expired:
        raise DeadlineExceeded("the program does not come to an end", "Run it by hand and look why.")
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
    old = int(time.time()) - _LEFT_BEHIND_S
    for each in client.containers(all=True, filters={"label": [LABEL], "status": ["created"]}):
        made = each["Labels"].get(LABEL, "")
        if made.isdigit() and int(made) < old:
            _remove(client, each["Id"])
