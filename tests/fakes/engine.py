"""A socket that plays an engine out of a table of answers."""

import shutil
import socketserver
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from preflight.engine.door import Engine

SECRET = "hunter2-do-not-show"


class Handler(BaseHTTPRequestHandler):
    """Answers as the table says: path to (status, headers, body)."""

    answers: Mapping[str, tuple[int, Mapping[str, str], bytes]]

    def _answer(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        self.rfile.read(length)
        path = self.path.partition("?")[0]
        key = next((key for key in self.answers if path.endswith(key)), "")
        status, headers, body = self.answers.get(key, (404, {}, b"{}"))
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = _answer

    def log_message(self, *_arguments: Any) -> None:
        """Say nothing."""

    def address_string(self) -> str:
        """A socket has no address."""
        return ""


PING: tuple[int, Mapping[str, str], bytes] = (200, {"Api-Version": "1.41"}, b"OK")


@pytest.fixture
def short_path() -> Iterator[Path]:
    """A folder whose path is short enough for a socket."""
    folder = Path(tempfile.mkdtemp(prefix="pf-"))
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def fake(short_path: Path) -> Iterator[Callable[..., Engine]]:
    """Makes an engine out of a table of answers."""
    servers: list[socketserver.BaseServer] = []

    def make(answers: Mapping[str, tuple[int, Mapping[str, str], bytes]]) -> Engine:
        handler = type("Table", (Handler,), {"answers": {"/_ping": PING, **answers}})
        path = short_path / f"{len(servers)}.sock"
        server = socketserver.ThreadingUnixStreamServer(str(path), handler)
        servers.append(server)
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        return Engine({"DOCKER_HOST": f"unix://{path}"})

    yield make
    for server in servers:
        server.shutdown()
        server.server_close()
