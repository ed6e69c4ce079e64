"""A pin, its commits, and a registry that says what it is told about its image."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from preflight.errors import CouldNotLook
from preflight.git.model import Commit
from preflight.lib.reference import ImageReference
from preflight.model import Location
from preflight.pins.image import PinnedImage
from preflight.project import Pin
from preflight.registry.errors import ManifestUnknown
from preflight.registry.values import Manifest
from preflight.releases.pin_history import RecordedPin

NAME = "ghcr.io/acme/agent"
A, B, C, D = (f"sha256:{letter * 64}" for letter in "abcd")
INDEX = "application/vnd.oci.image.index.v1+json"
FILE = Path("/repo/pin.env")


def image(digest: str) -> ImageReference:
    """Return the image with a digest."""
    return ImageReference("ghcr.io", "acme/agent", None, digest)


def pinned(digest: str) -> PinnedImage:
    """Return a pin of the image."""
    return PinnedImage(Pin("AGENT", "app", FILE), image(digest), Location("pin.env", 1))


def commit(day: int, subject: str, digest: str) -> Commit:
    """Return a commit that pins a digest."""
    when = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=day)
    return Commit(f"{day:040x}", when, subject, f"AGENT={NAME}@{digest}\n")


def record(release: str, digest: str) -> RecordedPin:
    """Return a commit that pinned a digest for a release."""
    return RecordedPin(pinned(digest), release, image(digest), commit(1, f"for v{release}", digest))


def index(digest: str, *children: str) -> Manifest:
    """Return an index that lists images."""
    entries = [
        {"digest": each, "size": 9, "mediaType": "application/vnd.oci.image.manifest.v1+json", "platform": _AMD64}
        for each in children
    ]
    body = json.dumps({"schemaVersion": 2, "mediaType": INDEX, "manifests": entries}).encode()
    return Manifest(digest, INDEX, len(body), body)


_AMD64 = {"os": "linux", "architecture": "amd64"}

Answer = Manifest | str | bytes | tuple[str, ...] | CouldNotLook


class Registry:
    """Answers for tags and digests with what it was told; that all others are unknown."""

    def __init__(self, answers: Mapping[str, Answer], tags: tuple[str, ...] | CouldNotLook = ()) -> None:
        self._answers, self._tags = answers, tags
        self.asked: list[str] = []

    def _answer(self, what: str) -> Any:
        self.asked.append(what)
        answer = self._answers.get(what, ManifestUnknown("unknown", "Look."))
        if isinstance(answer, CouldNotLook):
            raise answer
        return answer

    def head_manifest(self, asked: ImageReference, _deadline: Any) -> Manifest:
        """Answer."""
        answer = self._answer(asked.tag or asked.digest or "")
        return answer if isinstance(answer, Manifest) else Manifest(answer, INDEX, None)

    def get_manifest(self, asked: ImageReference, _deadline: Any) -> Manifest:
        """Answer, with the bytes."""
        answer = self._answer(asked.tag or asked.digest or "")
        return answer if isinstance(answer, Manifest) else Manifest(answer, "x", None, b"{}")

    def get_blob(self, _image: ImageReference, digest: str, _limit: int, _deadline: Any) -> bytes:
        """Answer with a blob."""
        answer = self._answer(digest)
        assert isinstance(answer, bytes)
        return answer

    def tags(self, registry: str, repository: str, _deadline: Any) -> tuple[str, ...]:
        """List the tags."""
        self.asked.append(f"{registry}/{repository}")
        if isinstance(self._tags, CouldNotLook):
            raise self._tags
        return self._tags


class Git:
    """Git with tags and the commits of the pin file."""

    def __init__(self, tags: tuple[str, ...] = (), commits: tuple[Commit, ...] | CouldNotLook = ()) -> None:
        self._tags, self._commits = tags, commits

    def root(self, _deadline: Any) -> Path:
        """Return the work tree."""
        return FILE.parent

    def tags(self, _deadline: Any) -> tuple[str, ...]:
        """Return the tags."""
        return self._tags

    def is_shallow(self, _deadline: Any) -> bool:
        """Return that all commits are here."""
        return False

    def places(self, path: Path) -> tuple[Path, ...]:
        """Return the file itself."""
        return (path,)

    def history(self, path: Path, _limit: int, _deadline: Any) -> tuple[Commit, ...]:
        """Return the commits, newest first."""
        assert path == FILE
        if isinstance(self._commits, CouldNotLook):
            raise self._commits
        return self._commits
