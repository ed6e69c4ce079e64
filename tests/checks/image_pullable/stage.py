"""A host with a pin, and images to push for it."""

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from checks.image_pullable import ImagePullable, Settings
from preflight.engine.image_store import StoredImage
from preflight.errors import CouldNotLook
from preflight.lib.deadline import Deadline
from preflight.lib.platforms import Platform
from preflight.model import Finding, Location, Status
from preflight.project import Pin
from preflight.registry.door import Registry
from preflight.testing import fake_context, run_check
from tests.fakes.ghcr import INDEX, MANIFEST, FakeGhcr, Stored
from tests.fakes.http_server import answering

NAME = "AGENT_IMAGE"
REPOSITORY = "owner/pullable"
AMD64 = Platform("linux", "amd64")
GONE = CouldNotLook("the engine is away", "Start it.")


@dataclass
class FakeEngine:
    """An engine that says what it is told."""

    host: Platform | CouldNotLook = AMD64
    stored: StoredImage | CouldNotLook | None = None

    def platform(self, _deadline: Deadline) -> Platform:
        """Return or raise it."""
        if isinstance(self.host, CouldNotLook):
            raise self.host
        return self.host

    def image(self, _digest: str, _deadline: Deadline) -> StoredImage | None:
        """Return or raise it."""
        if isinstance(self.stored, CouldNotLook):
            raise self.stored
        return self.stored


@dataclass
class Stage:
    """A host with a pin."""

    folder: Path
    host: str
    repository: str = REPOSITORY
    engine: Any = field(default_factory=FakeEngine)

    def look(self, digest: str, *, deep: bool = False) -> list[Finding]:
        """Run the check on that digest, pinned twice; every finding can be shown."""
        pin = self.folder / "pin.env"
        pin.write_text(f"{NAME}={self.host}/{self.repository}@{digest}\n")
        environ = {"DOCKER_CONFIG": str(self.folder / "none")}
        ctx = fake_context(
            self.folder,
            pins=(Pin(NAME, "app", pin), Pin(NAME, "worker", pin)),
            registry=Registry(environ, frozenset({self.host})),
            engine=self.engine,
            seconds=20,
        )
        found = run_check(ImagePullable(Settings(deep=deep)), ctx)
        for finding in found:
            assert finding.location == Location("pin.env", 1)
            assert finding.hint or finding.status is Status.PASS
            assert "\n" not in finding.message + finding.hint
        return found

    def verdict(self, digest: str, *, deep: bool = False) -> Finding:
        """Return the only finding."""
        [finding] = self.look(digest, deep=deep)
        return finding


def push(ghcr: FakeGhcr, document: object, media_type: str = INDEX) -> str:
    """Store a document, or bytes as they are, and return the digest."""
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    stored = Stored(media_type, body)
    ghcr.repositories.setdefault(REPOSITORY, [])
    ghcr.manifests[REPOSITORY, stored.digest] = stored
    return stored.digest


def child(digest: str, platform: object = None, **more: object) -> dict[str, object]:
    """Return an entry of an index."""
    where = {"os": "linux", "architecture": "amd64"} if platform is None else platform
    return {"mediaType": MANIFEST, "digest": digest, "size": 9, "platform": where, **more}


def index(*children: object) -> dict[str, object]:
    """Return an index."""
    return {"schemaVersion": 2, "mediaType": INDEX, "manifests": list(children)}


def blob(ghcr: FakeGhcr, body: bytes) -> str:
    """Let the fake serve a blob, and return its digest."""
    digest = f"sha256:{hashlib.sha256(body).hexdigest()}"
    ghcr.always(f"/blobs/{digest}", answering(200, body))
    return digest


def sound(ghcr: FakeGhcr, config: bytes = b'{"os": "linux", "architecture": "amd64"}') -> tuple[str, str, str]:
    """Store a whole image; return the digests of its manifest, configuration and layer."""
    ghcr.challenge = ""
    parts = blob(ghcr, config), blob(ghcr, b"a layer")
    document = {"schemaVersion": 2, "config": {"digest": parts[0]}, "layers": [{"digest": parts[1]}]}
    return push(ghcr, document, MANIFEST), *parts
