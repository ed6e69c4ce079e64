"""preflight/engine/exec_in_container.py, with a client that answers as it is told."""

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
import requests
from docker.errors import APIError

from preflight.engine import exec_in_container
from preflight.engine.container import Container, Ended
from preflight.engine.exec_in_container import run_inside
from preflight.engine.problem import ExecRefused
from preflight.errors import CouldNotLook
from preflight.lib.deadline import Deadline

MIB = 1 << 20
CONTAINER = Container("c1", "app-1", "image", "running", "Up 2 hours", datetime(2026, 1, 1, tzinfo=UTC), {}, "sha256:1")


def frame(kind: int, data: bytes) -> bytes:
    """Return a frame of the engine's stream; 1 is standard output, 2 standard error."""
    return struct.pack(">B3xL", kind, len(data)) + data


def refused(status: int, explanation: str) -> APIError:
    """Return what the SDK raises where an engine refuses."""
    response = requests.Response()
    response.status_code = status
    return APIError("refused", response, explanation)


class Client:
    """An SDK's client whose engine answers so."""

    base_url, api_version, timeout = "http://engine", "1.41", 5

    def __init__(self, stream: bytes = b"", codes: tuple[object, ...] = (0,), made: object = None) -> None:
        self.stream, self.codes, self.made = stream, list(codes), made or {"Id": "1"}
        self.asked: dict[str, Any] = {}

    def exec_create(self, container: str, argv: list[str], **options: Any) -> Any:
        """Make an exec."""
        self.asked = {"container": container, "argv": argv, **options}
        if isinstance(self.made, Exception):
            raise self.made
        return self.made

    @contextmanager
    def post(self, url: str, **_: Any) -> Iterator["Client"]:
        """Start it."""
        assert url == "http://engine/v1.41/exec/1/start"
        yield self

    def raise_for_status(self) -> None:
        """The engine started it."""

    def iter_content(self, size: int) -> Iterator[bytes]:
        """Hand out the stream in pieces."""
        yield from (self.stream[place : place + size] for place in range(0, len(self.stream), size))

    def exec_inspect(self, _: str) -> Any:
        """Say how it ended; the last word is repeated."""
        return {"ExitCode": self.codes.pop(0) if len(self.codes) > 1 else self.codes[0]}


def run(client: Any, user: str = "") -> Ended:
    """Run `env` in a container."""
    return run_inside(client, Deadline.after(5), CONTAINER, ("env", "-0"), user)


def test_only_standard_output_is_kept() -> None:
    """And how it ended, which the engine may know a moment later."""
    client = Client(frame(1, b"A=1\0") + frame(2, b"warning") + frame(1, b"B=2\0"), (None, None, 3))

    ended = run(client, "1000:1000")

    assert (ended.exit_code, ended.stdout) == (3, b"A=1\0B=2\0")
    assert client.asked == {"container": "c1", "argv": ["env", "-0"], "stdin": False, "user": "1000:1000"}


@pytest.mark.parametrize(
    "client",
    [
        Client(made=refused(400, 'exec: "env": executable file not found in $PATH')),
        Client(frame(1, b'OCI runtime exec failed: exec: "env": executable file not found in $PATH'), (126,)),
        Client(b"", (127,)),
    ],
    ids=["refused", "words in place of output", "silent"],
)
def test_a_program_that_is_not_there(client: Client) -> None:
    """Engines tell it in three ways."""
    assert run(client).not_there


@pytest.mark.parametrize(
    ("client", "words"),
    [
        (Client(frame(1, b"A=1")[:-1]), "answered with what is no output of a program"),
        (Client(b"garbage!" * 3), "answered with what is no output of a program"),
        (Client(frame(1, b"the daemon is out of memory"), (126,)), "could not start it"),
        (Client(frame(1, b"x" * (4 * MIB))), "printed more than 4 MiB"),
    ],
    ids=["cut short", "no frames", "not started", "without end"],
)
def test_what_is_no_answer_of_a_program(client: Client, words: str) -> None:
    """One line, which quotes nothing of it."""
    with pytest.raises(CouldNotLook, match=words) as raised:
        run(client)
    assert "out of memory" not in raised.value.message
    assert "docker exec app-1 env" in raised.value.hint


def test_a_proxy_that_forbids_it_is_told_apart() -> None:
    """Other refusals are the caller's to explain."""
    with pytest.raises(ExecRefused):
        run(Client(made=refused(403, "forbidden")))
    with pytest.raises(APIError):
        run(Client(made=refused(500, "something else")))


def test_an_engine_that_never_tells_how_it_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    """It has a moment."""
    monkeypatch.setattr(exec_in_container, "_EXIT_CODE_S", 0.03)

    with pytest.raises(CouldNotLook, match="does not tell how a program in a container ended"):
        run(Client(codes=(None,)))
