"""A proxy before an engine's socket that lets through what docker/coolify/compose.preflight-proxy.yaml says.

It follows the rules of tecnativa/docker-socket-proxy (haproxy.cfg): only GET and HEAD unless POST is 1, and only paths
below those whose switch is 1. That program itself cannot be fetched here.
"""

import http.client
import re
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


@dataclass
class SocketProxy:
    """A running proxy.

    Args:
        host: For ``DOCKER_HOST``.
        passed: What went through: method and path, the version and what stands after ``?`` left out.
        refused: What did not.
    """

    host: str
    passed: set[str] = field(default_factory=set)
    refused: set[str] = field(default_factory=set)


class _Unix(http.client.HTTPConnection):
    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=30)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(str(self._path))


@contextmanager
def socket_proxy(engine_socket: Path, switches: Mapping[str, str]) -> Iterator[SocketProxy]:
    """Have a proxy for the length of a block.

    Args:
        engine_socket: Of the engine behind it.
        switches: As in the compose file: name of a section to "0" or "1".
    """
    sections = [name.lower().replace("ping", "_ping") for name, value in switches.items() if value == "1"]
    allowed = re.compile(rf"(?:/v[\d.]+)?/(?:{'|'.join(sections)})(?:[/?].*)?")

    class Handler(BaseHTTPRequestHandler):
        def _serve(self) -> None:
            shown = f"{self.command} {re.sub(r'^/v[0-9.]+', '', self.path).partition('?')[0]}"
            if self.command not in {"GET", "HEAD"} or not allowed.fullmatch(self.path):
                proxy.refused.add(shown)
                self.send_error(403)
                return
            proxy.passed.add(shown)
            connection = _Unix(engine_socket)
            connection.request(self.command, self.path)
            answer = connection.getresponse()
            body = answer.read()
            self.send_response(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in {"transfer-encoding", "content-length", "connection"}:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body if self.command == "GET" else b"")
            connection.close()

        do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = _serve

        def log_message(self, *_arguments: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    proxy = SocketProxy(f"tcp://127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
