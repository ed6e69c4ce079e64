"""A fake of GitHub's container registry (ghcr.io), because nothing here reaches the real one.

It imitates what `facts` and the OCI specification say of GHCR: every `/v2/` request wants a bearer token from a
realm on its own host, with service and scope; a private or missing package is refused by the token service (403)
or by the API (401, 403, 404); tags come 100 a page with `Link: rel="next"`, relative or absolute; manifests are
answered with `Docker-Content-Digest`, and converted for a client that does not accept their type; 429 carries
`Retry-After`. On top of that it can be scripted to misbehave: see ``Script`` and the functions at the end.

It never judges what it is sent; it records it (``requests``), so that a test can.
"""

import base64
import hashlib
import json
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, quote, urlsplit

INDEX = "application/vnd.oci.image.index.v1+json"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"


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


@dataclass(frozen=True)
class Stored:
    """A manifest: its type and bytes."""

    media_type: str
    body: bytes

    @property
    def digest(self) -> str:
        return "sha256:" + hashlib.sha256(self.body).hexdigest()


Script = Callable[["Handler"], bool]
"""Answers a request in its own way and returns True, or returns False to let the fake answer as GHCR does."""


@dataclass
class FakeGhcr:
    """The fake; a context manager that serves while it is entered.

    Args:
        page_size: Tags a page, whatever `n` asks for (up to this number).
        link: How the next page is named: "relative", "absolute", or a host to name instead.
        anonymous: Whether the token service serves those without credentials.
        users: Name to password, for basic authentication at the token service.
        refresh_tokens: Identity tokens it accepts.
        realm: Named in the challenge instead of its own.
        challenge: The whole challenge, instead of a bearer one; "" leaves `/v2/` open to all.
        tls: Makes it speak TLS.
        address: Where to listen, e.g. "::1".
    """

    page_size: int = 100
    link: str = "relative"
    anonymous: bool = True
    users: dict[str, str] = field(default_factory=dict)
    refresh_tokens: set[str] = field(default_factory=set)
    realm: str | None = None
    challenge: str | None = None
    tls: ssl.SSLContext | None = None
    address: str = "127.0.0.1"
    manifests: dict[tuple[str, str], Stored] = field(default_factory=dict)
    repositories: dict[str, list[str]] = field(default_factory=dict)
    requests: list[Recorded] = field(default_factory=list)
    scripts: list[tuple[str, Script]] = field(default_factory=list)
    tokens: set[str] = field(default_factory=set)

    def __enter__(self) -> Self:
        self._server = _Server(self)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopping = True
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)

    @property
    def host(self) -> str:
        """Host and port as in an image reference."""
        name = f"[{self.address}]" if ":" in self.address else self.address
        return f"{name}:{self._server.server_address[1]}"

    @property
    def url(self) -> str:
        return f"{'https' if self.tls else 'http'}://{self.host}"

    def push(self, repository: str, *tags: str, content: str = "", media_type: str = INDEX) -> str:
        """Put a manifest there under some tags and return its digest."""
        stored = Stored(media_type, json.dumps({"schemaVersion": 2, "annotations": {"content": content}}).encode())
        self.manifests[repository, stored.digest] = stored
        listed = self.repositories.setdefault(repository, [])
        for tag in tags:
            self.manifests[repository, tag] = stored
            if tag not in listed:
                listed.append(tag)
        return stored.digest

    def push_image(self, repository: str, content: str = "") -> str:
        """Put an image's manifest there, without its parts, and return its digest."""
        return self.push(repository, content=content, media_type=MANIFEST)

    def push_index(self, repository: str, *children: str) -> str:
        """Put an index of images of this machine's platform there and return its digest."""
        where = {"os": "linux", "architecture": "amd64"}
        listed = [{"mediaType": MANIFEST, "digest": digest, "size": 1, "platform": where} for digest in children]
        body = json.dumps({"schemaVersion": 2, "mediaType": INDEX, "manifests": listed}).encode()
        stored = Stored(INDEX, body)
        self.manifests[repository, stored.digest] = stored
        return stored.digest

    def script(self, part: str, *scripts: Script) -> None:
        """Let the next requests whose path contains ``part`` be answered by ``scripts``, one each, in order."""
        self.scripts += [(part, script) for script in scripts]

    def always(self, part: str, script: Script) -> None:
        """Let every request whose path contains ``part`` be answered by ``script``."""
        self.scripts.append((f"*{part}", script))

    def asked(self, part: str) -> list[Recorded]:
        """Return the requests so far whose path contains ``part``."""
        return [request for request in self.requests if part in request.path]


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def __init__(self, fake: FakeGhcr) -> None:
        self.fake = fake
        self.address_family = socket.AF_INET6 if ":" in fake.address else socket.AF_INET
        super().__init__((fake.address, 0), Handler)

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


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    @property
    def fake(self) -> FakeGhcr:
        return self.server.fake

    def log_message(self, *_: Any) -> None:
        """Say nothing."""

    def do_HEAD(self) -> None:
        self._serve()

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def _serve(self) -> None:
        self.posted = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.fake.requests.append(Recorded(self.command, self.path, headers, self.posted, self.client_address[1]))
        for place, (part, script) in enumerate(self.fake.scripts):
            if part.removeprefix("*") in self.path:
                if not part.startswith("*"):
                    del self.fake.scripts[place]
                if script(self):
                    return
                break
        self.as_ghcr()

    def as_ghcr(self) -> None:
        """Answer as GHCR does."""
        path = urlsplit(self.path).path
        if path == "/token":
            self._token()
        elif not self._authorized():
            challenge = self.fake.challenge or self._bearer_challenge(path)
            self.answer(401, _errors("UNAUTHORIZED"), {"WWW-Authenticate": challenge})
        elif path.endswith("/tags/list"):
            self._tags(path.removeprefix("/v2/").removesuffix("/tags/list"))
        else:
            repository, _, reference = path.removeprefix("/v2/").partition("/manifests/")
            self._manifest(repository, reference)

    def answer(self, status: int, body: bytes = b"", headers: Mapping[str, str] | None = None) -> None:
        """Send one whole answer in one write."""
        fields = {"Content-Type": "application/json", "Content-Length": str(len(body)), **(headers or {})}
        lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
        head = f"HTTP/1.1 {status} Answer\r\n{lines}\r\n".encode("latin-1")
        self.wfile.write(head + (b"" if self.command == "HEAD" else body))

    def _bearer_challenge(self, path: str) -> str:
        repository = path.removeprefix("/v2/").partition("/manifests/")[0].removesuffix("/tags/list")
        realm = self.fake.realm or f"{self.fake.url}/token"
        return f'Bearer realm="{realm}",service="{self.fake.host}",scope="repository:{repository}:pull"'

    def _authorized(self) -> bool:
        sent = self.headers.get("Authorization", "")
        if self.fake.challenge is not None:
            return not self.fake.challenge or self._user(sent)
        return sent.removeprefix("Bearer ") in self.fake.tokens

    def _user(self, sent: str) -> bool:
        name, _, password = base64.b64decode(sent.removeprefix("Basic ") or b"").decode().partition(":")
        return sent.startswith("Basic ") and self.fake.users.get(name) == password

    def _token(self) -> None:
        form = parse_qs(self.posted.decode())
        sent = self.headers.get("Authorization", "")
        refreshed = form.get("refresh_token", [""])[0] in self.fake.refresh_tokens
        if not (refreshed or (self._user(sent) if sent else self.fake.anonymous)):
            self.answer(401 if sent else 403, _errors("UNAUTHORIZED" if sent else "DENIED"))
            return
        token = f"issued-token-{len(self.fake.requests)}"
        self.fake.tokens.add(token)
        self.answer(200, json.dumps({"access_token" if form else "token": token, "expires_in": 300}).encode())

    def _tags(self, repository: str) -> None:
        tags = self.fake.repositories.get(repository)
        if tags is None:
            self.answer(404, _errors("NAME_UNKNOWN"))
            return
        query = parse_qs(urlsplit(self.path).query)
        size = min(int(query.get("n", [str(self.fake.page_size)])[0]), self.fake.page_size)
        last = query.get("last", [""])[0]
        start = tags.index(last) + 1 if last else 0
        page = tags[start : start + size]
        headers = {}
        if start + size < len(tags):
            headers["Link"] = f'<{self._next(repository, page[-1], size)}>; rel="next"'
        self.answer(200, json.dumps({"name": repository, "tags": page or None}).encode(), headers)

    def _next(self, repository: str, last: str, size: int) -> str:
        path = f"/v2/{repository}/tags/list?last={quote(last)}&n={size}"
        if self.fake.link == "relative":
            return path
        return (self.fake.url if self.fake.link == "absolute" else self.fake.link) + path

    def _manifest(self, repository: str, reference: str) -> None:
        stored = self.fake.manifests.get((repository, reference))
        if stored is None:
            known = repository in self.fake.repositories
            self.answer(404, _errors("MANIFEST_UNKNOWN" if known else "NAME_UNKNOWN"))
            return
        if stored.media_type not in self.headers.get("Accept", ""):
            # What registries do for a client that does not know indexes: it gets one child instead.
            stored = Stored(MANIFEST, stored.body + b"\n")
        kind = {"Content-Type": stored.media_type, "Docker-Content-Digest": stored.digest}
        self.answer(200, stored.body, kind)


def _errors(code: str) -> bytes:
    return json.dumps({"errors": [{"code": code, "message": "made up"}]}).encode()


def answering(status: int, body: bytes = b"", **headers: str) -> Script:
    """Answer with this; header names are written with underscores."""

    def script(handler: Handler) -> bool:
        handler.answer(status, body, {name.replace("_", "-"): value for name, value in headers.items()})
        return True

    return script


def as_usual(handler: Handler) -> bool:
    """Answer as GHCR does; for the requests before the one that goes wrong."""
    handler.as_ghcr()
    return True


def later(seconds: float) -> str:
    """Return the date for `Retry-After` that many seconds from now."""
    return formatdate(time.time() + seconds, usegmt=True)


def reset(handler: Handler) -> bool:
    """Break the connection off with RST."""
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.connection.close()
    handler.close_connection = True
    return True


def hang_up(handler: Handler) -> bool:
    """Close the connection without a word."""
    handler.close_connection = True
    return True


def silent(handler: Handler) -> bool:
    """Never answer; until the client hangs up or half a minute has passed."""
    handler.connection.settimeout(30)
    handler.rfile.read(1)
    handler.close_connection = True
    return True


def dripping(handler: Handler) -> bool:
    """Send a body of which one byte comes every 50 ms, for half a minute at most."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 600\r\n\r\n")
    return _drip(handler)


def dripping_headers(handler: Handler) -> bool:
    """Send headers of which one byte comes every 50 ms, for half a minute at most."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    return _drip(handler)


def _drip(handler: Handler) -> bool:
    handler.close_connection = True
    for _ in range(600):
        time.sleep(0.05)
        handler.wfile.write(b"x")
    return True


def huge(handler: Handler) -> bool:
    """Announce and send 1 GiB."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1073741824\r\n\r\n")
    return _flood(handler, 1 << 30)


def huge_chunked(handler: Handler) -> bool:
    """Send up to 1 GiB without saying how much it will be."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n")
    return _flood(handler, 1 << 30)


def _flood(handler: Handler, size: int) -> bool:
    handler.close_connection = True
    block = b'"' + b"x" * 65535
    for _ in range(size // len(block)):
        handler.wfile.write(block)
    return True


def cut_short(handler: Handler) -> bool:
    """Promise more bytes than come."""
    handler.wfile.write(b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"tags"')
    handler.close_connection = True
    return True


def not_http(handler: Handler) -> bool:
    """Answer as an SSH server would."""
    handler.wfile.write(b"SSH-2.0-OpenSSH_9.2\r\n")
    handler.close_connection = True
    return True
