"""Runs a program inside a container that is there; measured with Docker 20.10, an exec costs 45 ms."""

import time
from typing import TYPE_CHECKING

from preflight.engine.container import NOT_RUNNABLE, Container, Ended, standard_output
from preflight.engine.problem import demand_exec, is_missing_program, tells_of_missing_program
from preflight.engine.sdk import bounded, demand_ok
from preflight.engine.shape import demanded, mapping, whole
from preflight.errors import CouldNotLook
from preflight.lib.deadline import Deadline

if TYPE_CHECKING:
    from preflight.engine.sdk import APIClient

_MAX_OUTPUT = 4 * 1024 * 1024  # Linux bounds an environment at 2 MiB with usual limits
_EXIT_CODE_S = 2.0


def run_inside(
    client: "APIClient", deadline: Deadline, container: Container, argv: tuple[str, ...], user: str = ""
) -> Ended:
    """Run a program in a container and keep what it prints to its standard output.

    Args:
        client: To ask the engine with.
        deadline: For all of it.
        container: Where.
        argv: The program.
        user: "UID:GID" to run it as; the container's own, if empty.

    Raises:
        ExecRefused: The engine, or a proxy before it, does not allow that.
        CouldNotLook: The program prints without end, or the engine could not run it, or does not tell how it ended.
    """
    try:
        made = client.exec_create(container.id, list(argv), stdin=False, user=user)
        stream = _stream(client, demanded(mapping(made, "an exec").get("Id"), "Id"))
    except Exception as error:  # of the SDK, which is not imported here
        if is_missing_program(error):
            return Ended(127, b"")
        demand_exec(container.name, error)
        raise
    if len(stream) > _MAX_OUTPUT:
        raise CouldNotLook(
            f"`{' '.join(argv)}` in container {container.name} printed more than 4 MiB",
            f"Look at what `docker exec {container.name} {argv[0]}` prints.",
        )
    stdout, exit_code = standard_output(stream), _exit_code(client, made["Id"], deadline)
    refused = exit_code in NOT_RUNNABLE and stdout != b""  # the engine puts its own words where the output would be
    if refused and tells_of_missing_program(stream.decode("utf-8", "replace")):
        return Ended(127, b"")
    if stdout is None or refused:
        what = "could not start it" if refused else "answered with what is no output of a program"
        raise CouldNotLook(
            f"nothing could be run in container {container.name}: the engine {what}",
            f"Look at what `docker exec {container.name} {argv[0]}` prints.",
        )
    return Ended(exit_code, stdout)


def _stream(client: "APIClient", exec_id: str) -> bytes:
    """Start an exec and return the stream of its outputs, or a little more than what is accepted of it.

    Without the upgrade that the SDK's own ``exec_start`` asks for, the engine answers as any HTTP server does until it
    closes the connection: time limits hold, and the socket is closed with the answer (the SDK, 7.2, leaves it open).
    """
    url = f"{client.base_url}/v{client.api_version}/exec/{exec_id}/start"
    with client.post(url, json={"Detach": False, "Tty": False}, stream=True, timeout=client.timeout) as answer:
        demand_ok(answer)
        return bounded(answer, _MAX_OUTPUT)


def _exit_code(client: "APIClient", exec_id: str, deadline: Deadline) -> int:
    """Return how it ended; the engine may know that a moment after the output has."""
    patience = deadline.sooner(_EXIT_CODE_S)
    while True:
        code = mapping(client.exec_inspect(exec_id), "an exec").get("ExitCode")
        if code is not None:
            return whole(code, "ExitCode")
        if patience.expired:
            raise CouldNotLook("the engine does not tell how a program in a container ended", "Run preflight again.")
        time.sleep(0.01)
