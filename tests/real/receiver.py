"""A real HTTP server that takes what is posted to it, and can be slow, wrong, or gone."""

import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True)
class Taken:
    """One request."""

    path: str
    headers: Message
    body: bytes


@dataclass
class Receiver:
    """What a server got, and how it behaves from now on.

    Args:
        address: ``http://127.0.0.1:PORT``.
        taken: The requests, in order, whatever was answered.
        behaviour: A status to answer with, ``hang`` (answers after ``hang_s``), or ``close`` (answers nothing).
        script: Behaviours for the next requests, before ``behaviour`` counts again.
        location: Target of a redirect.
        hang_s: Seconds.
    """

    address: str = ""
    taken: list[Taken] = field(default_factory=list)
    behaviour: int | str = 200
    script: list[int | str] = field(default_factory=list)
    location: str = ""
    hang_s: float = 5.0

    @property
    def paths(self) -> list[str]:
        """What was asked for, in order."""
        return [each.path for each in self.taken]


@contextmanager
def receiver(tls: ssl.SSLContext | None = None) -> Iterator[Receiver]:
    """Have a receiver for the length of a block; it speaks TLS if it is given what it needs for that."""
    state = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            state.taken.append(Taken(self.path, self.headers, body))
            does = state.script.pop(0) if state.script else state.behaviour
            if does == "close":
                self.close_connection = True
                return
            if does == "hang":
                time.sleep(state.hang_s)
                does = 200
            self.send_response(int(does))
            if state.location:
                self.send_header("Location", state.location)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    state.address = f"{'http' if tls is None else 'https'}://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
