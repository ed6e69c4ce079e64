"""Run a container apart from everything, listen to it from its start, and remove what was left of earlier ones.

Imports no SDK: the door hands in its client.
"""

from collections.abc import Callable, Iterator
from typing import Any, Protocol

from preflight.engine.problem import is_missing_program
from preflight.errors import DeadlineExceeded
from preflight.lib.deadline import Deadline


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


def apart(client: ApartClient, **more: Any) -> dict[str, Any]:
    """Return what the host gives such a container: no network, nothing to write to, no log, and it goes by itself."""
    given: dict[str, Any] = client.create_host_config(
        auto_remove=True, network_mode="none", read_only=True, security_opt=["no-new-privileges"], **more
    )
    return {**given, "LogConfig": {"Type": "none", "Config": {}}}


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
        except Exception as error:  # of the SDK, which is not imported here
            if is_missing_program(error):
                return 127, b""
            raise
        printed = read(output, patience)
        return int(end.json()["StatusCode"]), printed


def chunks(output: Any, patience: Deadline, too_late: DeadlineExceeded) -> Iterator[bytes]:
    """Yield what is printed until it ends, or nobody wants more.

    Args:
        output: The engine's answer.
        patience: When it must have ended.
        too_late: What to raise then.
    """
    try:
        for chunk in output.iter_content(4096):
            yield chunk
            if patience.expired:
                break
    except OSError:  # all that `requests` raises while it reads is one
        if not patience.expired:
            raise
    if patience.expired:
        raise too_late


def left_behind(client: ApartClient, label: str, before: float, *states: str) -> Iterator[str]:
    """Yield the ids of containers whose maker was killed.

    Args:
        client: The SDK's.
        label: Marks them; its value is a time, in seconds since 1970.
        before: Those with an earlier time.
        states: Only these, e.g. "created"; all, if none is named.
    """
    chosen = {"status": list(states)} if states else {}
    for each in client.containers(all=True, filters={"label": [label], **chosen}):
        value = each["Labels"].get(label, "")
        if value.isdecimal() and int(value) < before:
            yield each["Id"]
