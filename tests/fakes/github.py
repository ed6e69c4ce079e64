"""A fake of GitHub's attestation API, because nothing here reaches the real one."""

import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self


@dataclass
class FakeGitHub:
    """The fake; a context manager that serves while it is entered.

    Args:
        attestations: By digest, what is answered for it; any other is a 404.
        status: Answered for everything, where it is not 200.
        body: Answered for everything, where it is not empty.
    """

    attestations: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    status: int = 200
    body: bytes = b""
    requests: list[tuple[str, str]] = field(default_factory=list)

    def __enter__(self) -> Self:
        fake = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                fake.requests.append((self.path, self.headers.get("Authorization", "")))
                status, body = fake.answer(self.path)
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def answer(self, path: str) -> tuple[int, bytes]:
        """Return status and body, as GitHub does for one repository."""
        if self.status != 200:
            return self.status, b'{"message": "no"}'
        found = self.attestations.get(path.partition("?")[0].rpartition("/")[2])
        if self.body or found is not None:
            return 200, self.body or json.dumps({"attestations": found}).encode()
        return 404, b'{"message": "Not Found"}'
