"""A fake of GitHub's REST API for the versions of one package: `ghcr.io/acme/agent/runner`."""

import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

_FULL_PAGE = 100


def version(number: int, *tags: str) -> dict[str, Any]:
    """Return a version as GitHub writes it."""
    return {
        "id": number,
        "name": f"sha256:{number:064x}",
        "updated_at": "2026-11-20T00:00:00Z",
        "metadata": {"package_type": "container", "container": {"tags": list(tags)}},
    }


@dataclass
class PackageApi:
    """The fake; a context manager that serves while it is entered.

    Args:
        active: Versions that are there.
        deleted: Versions that were deleted lately.
        kind: Whose package it is.
        login: Whose token is sent.
        status: Answered for everything, where it is not 200.
        body: Answered for everything, where it is not None.
        limit: How many requests are left.
        page: Versions of a page, however many are asked for.
        asked: Path and `Authorization` of each request so far.
        url: Where it serves.
    """

    active: tuple[dict[str, Any], ...] = ()
    deleted: tuple[dict[str, Any], ...] = ()
    kind: str = "orgs/acme"
    login: str = "jane"
    status: int = 200
    body: bytes | None = None
    limit: str = "59"
    page: int = _FULL_PAGE
    asked: list[tuple[str, str]] = field(default_factory=list)
    url: str = ""

    @property
    def environ(self) -> dict[str, str]:
        """The environment of a run with a token for it."""
        return {"GITHUB_TOKEN": "ghp_hunter2", "GITHUB_API_URL": self.url}

    def __enter__(self) -> Self:
        fake = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                fake.asked.append((self.path, self.headers.get("Authorization", "")))
                status, body = fake.answer(self.path)
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.send_header("X-RateLimit-Remaining", fake.limit)
                if fake.page < _FULL_PAGE:
                    self.send_header("Link", fake.link(self.path))
                if status in range(300, 400):
                    self.send_header("Location", "http://127.0.0.1:1/")
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def answer(self, path: str) -> tuple[int, bytes]:
        """Return status and body for a path."""
        if self.body is not None or self.status != 200:
            return self.status, self.body or b"{}"
        parts = urlsplit(path)
        if parts.path == "/user":
            return 200, json.dumps({"login": self.login}).encode()
        mine = self.login == "acme" and parts.path.startswith("/user/")
        if not mine and not parts.path.startswith(f"/{self.kind}/packages/container/agent%2Frunner/versions"):
            return 404, b"{}"
        query = parse_qs(parts.query)
        rows, page = self._rows(query["state"][0]), int(query["page"][0])
        return 200, json.dumps(rows[(page - 1) * self.page : page * self.page]).encode()

    def link(self, path: str) -> str:
        """Return the header that names the next page."""
        query = parse_qs(urlsplit(path).query)
        if "page" not in query or int(query["page"][0]) * self.page >= len(self._rows(query["state"][0])):
            return '<x>; rel="first"'
        return f'<{self.url}/next?state={query["state"][0]}&page={int(query["page"][0]) + 1}>; rel="next"'

    def _rows(self, state: str) -> tuple[dict[str, Any], ...]:
        return self.deleted if state == "deleted" else self.active
