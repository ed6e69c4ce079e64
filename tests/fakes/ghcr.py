"""A fake of GitHub's container registry (ghcr.io), because nothing here reaches the real one.

It imitates what `facts` and the OCI specification say of GHCR: every `/v2/` request wants a bearer token from a
realm on its own host, with service and scope; a private or missing package is refused by the token service (403)
or by the API (401, 403, 404); tags come 100 a page with `Link: rel="next"`, relative or absolute; manifests are
answered with `Docker-Content-Digest`, and converted for a client that does not accept their type; 429 carries
`Retry-After`. On top of that it can be scripted to misbehave: see tests/fakes/http_server.py.

It never judges what it is sent; it records it (``requests``), so that a test can.
"""

import base64
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import ClassVar
from urllib.parse import parse_qs, quote, urlsplit

from tests.fakes.http_server import FakeServer
from tests.fakes.http_server import Handler as BaseHandler

INDEX = "application/vnd.oci.image.index.v1+json"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"


@dataclass(frozen=True)
class Stored:
    """A manifest: its type and bytes."""

    media_type: str
    body: bytes

    @property
    def digest(self) -> str:
        return "sha256:" + hashlib.sha256(self.body).hexdigest()


def _as_it_is(stored: Stored) -> Stored:
    return stored


class Handler(BaseHandler):
    """Answers as GHCR does."""

    def as_usual(self) -> None:
        """Answer as GHCR does."""
        path = urlsplit(self.path).path
        if path == "/token":
            self._token()
        elif not self._authorized():
            challenge = self.fake.challenge or self._bearer_challenge(path)
            self.answer(401, _errors("UNAUTHORIZED"), {"WWW-Authenticate": challenge})
        elif path.endswith("/tags/list"):
            self._tags(path.removeprefix("/v2/").removesuffix("/tags/list"))
        elif "/blobs/" in path:
            self._blob(*path.removeprefix("/v2/").split("/blobs/", 1))
        else:
            repository, _, reference = path.removeprefix("/v2/").partition("/manifests/")
            if self.command == "PUT":
                self._put(repository, reference)
            else:
                self._manifest(repository, reference)

    def _put(self, repository: str, tag: str) -> None:
        sent = self.headers.get("Authorization", "").removeprefix("Bearer ")
        if self.fake.challenge is None and sent not in self.fake.push_tokens:
            self.answer(403, _errors("DENIED"))
            return
        stored = self.fake.rewrites(Stored(self.headers["Content-Type"], self.posted))
        self.fake.store(repository, stored, tag)
        self.answer(201, b"", {"Docker-Content-Digest": stored.digest})

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
        scopes = parse_qs(urlsplit(self.path).query).get("scope", []) + form.get("scope", [])
        if (sent or refreshed) and any(scope.endswith(":pull,push") for scope in scopes):
            self.fake.push_tokens.add(token)
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
        return f"{self.fake.url if self.fake.link == 'absolute' else self.fake.link}{path}"

    def _blob(self, repository: str, digest: str) -> None:
        body = self.fake.blobs.get((repository, digest))
        if body is None:
            self.answer(404, _errors("BLOB_UNKNOWN"))
        else:
            self.answer(200, body, {"Content-Type": "application/octet-stream"})

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


@dataclass
class FakeGhcr(FakeServer):
    """The fake; a context manager that serves while it is entered.

    Args:
        page_size: Tags a page, whatever `n` asks for (up to this number).
        link: How the next page is named: "relative", "absolute", or a host to name instead.
        anonymous: Whether the token service serves those without credentials.
        users: Name to password, for basic authentication at the token service.
        refresh_tokens: Identity tokens it accepts.
        realm: Named in the challenge instead of its own.
        challenge: The whole challenge, instead of a bearer one; "" leaves `/v2/` open to all.
        rewrites: Makes what is stored of a manifest that is put there.
    """

    handler: ClassVar[type[BaseHandler]] = Handler

    page_size: int = 100
    link: str = "relative"
    anonymous: bool = True
    users: dict[str, str] = field(default_factory=dict)
    refresh_tokens: set[str] = field(default_factory=set)
    realm: str | None = None
    challenge: str | None = None
    manifests: dict[tuple[str, str], Stored] = field(default_factory=dict)
    blobs: dict[tuple[str, str], bytes] = field(default_factory=dict)
    repositories: dict[str, list[str]] = field(default_factory=dict)
    tokens: set[str] = field(default_factory=set)
    push_tokens: set[str] = field(default_factory=set)
    rewrites: Callable[[Stored], Stored] = _as_it_is

    def push(self, repository: str, *tags: str, content: str = "", media_type: str = INDEX) -> str:
        """Put a manifest there under some tags and return its digest."""
        stored = Stored(media_type, json.dumps({"schemaVersion": 2, "annotations": {"content": content}}).encode())
        self.store(repository, stored, *tags)
        return stored.digest

    def store(self, repository: str, stored: Stored, *tags: str) -> None:
        """Put a manifest there under some tags."""
        self.manifests[repository, stored.digest] = stored
        listed = self.repositories.setdefault(repository, [])
        for tag in tags:
            self.manifests[repository, tag] = stored
            if tag not in listed:
                listed.append(tag)

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


def _errors(code: str) -> bytes:
    return json.dumps({"errors": [{"code": code, "message": "made up"}]}).encode()
