"""What all fakes of HTTP servers share: a server that records what it is asked and can be told to misbehave.

See ``Script`` and the functions at the end. The fake of one API adds a handler whose ``as_usual`` answers as that does.
"""

import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar, Self


@dataclass(frozen=True)
class Recorded:
    """One request as it came in; header names in lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    connection: int

    @property
    def authorization(self) -> str:
        return self.headers.get("authorization", "")


Script = Callable[[Any], object]
"""Answers a request in a way of its own, given the handler; returns False to let the fake answer as usual after all."""


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: "_Server"

    @property
    def fake(self) -> Any:
        return self.server.fake

    def as_usual(self) -> None:
        """Answer as the API does."""
        self.answer(404)

    def answer(self, status: int, body: bytes = b"", headers: Mapping[str, str] | None = None) -> None:
        """Send one whole answer in one write."""
        fields = {"Content-Type": "application/json", "Content-Length": str(len(body)), **(headers or {})}
        lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
        head = f"HTTP/1.1 {status} Answer\r\n{lines}\r\n".encode("latin-1")
        self.wfile.write(head + (b"" if self.command == "HEAD" else body))

    def log_message(self, *_: Any) -> None:
        """Say nothing."""

    def _serve(self) -> None:
        self.posted = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        headers = {name.lower(): value for name, value in self.headers.items()}
        recorded = Recorded(self.command, self.path, headers, self.posted, self.client_address[1])
        self.fake.requests.append(recorded)
        script = self.fake.take_script(self.path)
        if script is None or script(self) is False:
            self.as_usual()

    do_HEAD = do_GET = do_POST = do_PATCH = do_PUT = _serve


@dataclass
class FakeServer:
    """A server on this machine; a context manager that serves while it is entered.

    Args:
        tls: Makes it speak TLS.
        address: Where to listen, e.g. "::1".
        requests: What it was asked.
        scripts: How the next requests are answered.
    """

    handler: ClassVar[type[Handler]] = Handler

    tls: ssl.SSLContext | None = None
    address: str = "127.0.0.1"
    requests: list[Recorded] = field(default_factory=list)
    scripts: list[tuple[str, Script]] = field(default_factory=list)

    def __enter__(self) -> Self:
        self._server = _Server(self)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)

    @property
    def host(self) -> str:
        """Host and port."""
        name = f"[{self.address}]" if ":" in self.address else self.address
        return f"{name}:{self._server.server_address[1]}"

    @property
    def url(self) -> str:
        return f"{'https' if self.tls else 'http'}://{self.host}"

    def script(self, part: str, *scripts: Script) -> None:
        """Let the next requests whose path contains ``part`` be answered by ``scripts``, one each, in order."""
        self.scripts += [(part, script) for script in scripts]

    def always(self, part: str, script: Script) -> None:
        """Let every request whose path contains ``part`` be answered by ``script``."""
        self.scripts.append((f"*{part}", script))

    def take_script(self, path: str) -> Script | None:
        """Return how a request is to be answered, if in a way of its own."""
        for place, (part, script) in enumerate(self.scripts):
            if part.removeprefix("*") in path:
                if not part.startswith("*"):
                    del self.scripts[place]
                return script
        return None

    def asked(self, part: str) -> list[Recorded]:
        """Return the requests so far whose path contains ``part``."""
        return [request for request in self.requests if part in request.path]


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def __init__(self, fake: FakeServer) -> None:
        self.fake = fake
        self.address_family = socket.AF_INET6 if ":" in fake.address else socket.AF_INET
        super().__init__((fake.address, 0), fake.handler)

    def server_bind(self) -> None:
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()  # without the look-up of our own name

    def get_request(self) -> tuple[socket.socket, Any]:
        connection, address = super().get_request()
        if self.fake.tls is not None:
            connection = self.fake.tls.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
        return connection, address

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: clients that hang up are what is tested."""


def answering(status: int, body: bytes = b"", **headers: str) -> Script:
    """Answer with this; header names are written with underscores."""
    return lambda handler: handler.answer(status, body, {key.replace("_", "-"): text for key, text in headers.items()})


def as_usual(_handler: Handler) -> bool:
    """Answer as the API does; for the requests before the one that goes wrong."""
    return False


def later(seconds: float) -> str:
    """Return the date for `Retry-After` that many seconds from now."""
    return formatdate(time.time() + seconds, usegmt=True)


def reset(handler: Handler) -> None:
    """Break the connection off with RST."""
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.connection.close()
    handler.close_connection = True


def hang_up(handler: Handler) -> None:
    """Close the connection without a word."""
    handler.close_connection = True


def silent(handler: Handler) -> None:
    """Never answer; until the client hangs up or half a minute has passed."""
    handler.connection.settimeout(30)
    handler.rfile.read(1)
    handler.close_connection = True


def dripping(handler: Handler) -> None:
    """Send a body of which one byte comes every 50 ms, for half a minute at most."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 600\r\n\r\n")
    _drip(handler)


def dripping_headers(handler: Handler) -> None:
    """Send headers of which one byte comes every 50 ms, for half a minute at most."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    _drip(handler)


def _drip(handler: Handler) -> None:
    handler.close_connection = True
    for _ in range(600):
        time.sleep(0.05)
        handler.wfile.write(b"x")


def huge(handler: Handler) -> None:
    """Announce and send 1 GiB."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1073741824\r\n\r\n")
    _flood(handler, 1 << 30)


def huge_chunked(handler: Handler) -> None:
    """Send up to 1 GiB without saying how much it will be."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n")
    _flood(handler, 1 << 30)


def _flood(handler: Handler, size: int) -> None:
    handler.close_connection = True
    block = b'"' + b"x" * 65535
    for _ in range(size // len(block)):
        handler.wfile.write(block)


def cut_short(handler: Handler) -> None:
    """Promise more bytes than come."""
    handler.wfile.write(b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"tags"')
    handler.close_connection = True


def not_http(handler: Handler) -> None:
    """Answer as an SSH server would."""
    handler.wfile.write(b"SSH-2.0-OpenSSH_9.2\r\n")
    handler.close_connection = True
