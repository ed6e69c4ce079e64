"""Engines for the tests of the door."""

import socketserver
import threading
import uuid
from collections.abc import Callable, Iterator

import pytest

from tests.fakes.engine import SECRET, Handler, fake, short_path
from tests.preflight.engine.door.asking import LABEL
from tests.real.engine import RealEngine

__all__ = ["fake", "short_path"]


@pytest.fixture
def label() -> str:
    """Marks the containers of one test."""
    return uuid.uuid4().hex


@pytest.fixture
def start(engine: RealEngine, label: str) -> Iterator[Callable[..., str]]:
    """Starts containers; they go when the test ends."""
    names: list[str] = []

    def begin(*arguments: str, command: tuple[str, ...] = (), image: str = "") -> str:
        name = f"eng-{label[:8]}-{len(names)}"
        names.append(name)
        words = ("--network=host", "--name", name, "--label", f"{LABEL}={label}", "-e", f"TOKEN={SECRET}")
        engine.docker("run", "-d", *words, *arguments, image or engine.image, *command)
        return name

    yield begin
    engine.docker("rm", "--force", *names, check=False)


@pytest.fixture
def tcp_server() -> Iterator[int]:
    """Somebody at a port who knows nothing of Docker."""
    handler = type("Stranger", (Handler,), {"answers": {"/_ping": (400, {}, b"hello")}})
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server.server_address[1]
        server.shutdown()
