"""checks/coolify_image_cleanup.py: the rules of the clean-up, for stores and versions that cannot be had here."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from preflight.engine.container import Container
from preflight.engine.door import Engine
from preflight.engine.image_store import LocalImage, StoredImage, StoreKind, stored_image
from preflight.lib.deadline import Deadline
from preflight.model import Stage, Status
from tests.checks.coolify_image_cleanup.server import DIGEST, REFERENCE, look
from tests.real.engine import RealEngine


@pytest.mark.engine
def test_without_coolify_it_does_not_apply(own: RealEngine, tmp_path: Path) -> None:
    """No managed container and no folder of Coolify's: nothing cleans up; an empty folder is enough to look on."""
    engine = Engine(own.environ)
    [skip] = look(engine, tmp_path, REFERENCE)
    assert skip.status is Status.SKIP
    assert "no Coolify here" in skip.message
    assert str(tmp_path / "coolify") in skip.message
    [without_digest] = look(engine, tmp_path, "ghcr.io/acme/agent:1.4.1")
    assert without_digest.status is Status.SKIP

    (tmp_path / "coolify").mkdir()
    [absent] = look(engine, tmp_path, REFERENCE)
    assert absent.message == "ghcr.io/acme/agent@sha256:a1a1a1a1a1a1… is not on this host"
    assert (absent.status, absent.code) == (Status.FAIL, "missing")


def test_an_engine_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    """What could not be looked at is no pass."""
    engine = Engine({"DOCKER_HOST": f"unix://{tmp_path}/none.sock"})

    [finding] = look(engine, tmp_path, REFERENCE)

    assert finding.status is Status.ERROR
    assert "no Docker engine" in finding.message
    assert finding.hint


def test_a_pin_without_digest_is_an_error(tmp_path: Path) -> None:
    """There is nothing to look for; its value is not shown."""
    [finding] = look(FakeEngine(), tmp_path, "hunter2")

    assert finding.status is Status.ERROR
    assert "hunter2" not in finding.message + finding.hint


@dataclass(frozen=True)
class FakeEngine:
    """An engine with one image, of kinds and beside versions of Coolify's that cannot be had here."""

    image_there: LocalImage | None = None
    kind: StoreKind = StoreKind.CLASSIC
    version: str = ""
    holder: Container | None = None

    def containers(self, labels: Any, _deadline: Deadline) -> tuple[Container, ...]:
        """One of Coolify's, and the holder."""
        version = {"coolify.version": self.version} if self.version else {}
        managed = made("managed", "running", {"coolify.managed": "true", **version}, "other")
        return (managed,) if labels or self.holder is None else (managed, self.holder)

    def find_image(self, _reference: str, _deadline: Deadline) -> LocalImage | None:
        """It."""
        return self.image_there

    def image(self, digest: str, _deadline: Deadline) -> StoredImage | None:
        """It, by digest."""
        return stored_image([self.image_there] if self.image_there else [], digest)

    def store(self, _deadline: Deadline) -> StoreKind:
        """How it keeps it."""
        return self.kind


def made(name: str, state: str, labels: dict[str, str], image: str) -> Container:
    """A container."""
    return Container("1" * 64, name, image, state, state, datetime(2026, 1, 1, tzinfo=UTC), labels, image)


UNTAGGED = LocalImage(DIGEST, (), (REFERENCE,))
LABELS = {"coolify.managed": "true"}
TAGGED = replace(UNTAGGED, tags=("ghcr.io/acme/agent:1",), labels=LABELS)


@pytest.mark.parametrize(
    ("version", "image", "kind", "status", "code"),
    [
        ("4.3.11", UNTAGGED, StoreKind.CONTAINERD, Status.WARN, "store-only"),
        ("4.0.0-beta.440", UNTAGGED, StoreKind.CONTAINERD, Status.WARN, "store-only"),
        ("4.3.11", TAGGED, StoreKind.CLASSIC, Status.PASS, ""),
        ("4.0.0-beta.466", TAGGED, StoreKind.CONTAINERD, Status.PASS, ""),
        ("4.0.0-beta.465", TAGGED, StoreKind.CLASSIC, Status.WARN, "older-coolify"),
        ("", TAGGED, StoreKind.CLASSIC, Status.WARN, "older-coolify"),
        ("", UNTAGGED, StoreKind.CLASSIC, Status.FAIL, "not-held"),
        ("nonsense", UNTAGGED, StoreKind.CLASSIC, Status.FAIL, "not-held"),
        ("4.0.0-beta.440", replace(TAGGED, labels={}), StoreKind.CONTAINERD, Status.FAIL, "not-held"),
    ],
)
def test_the_rules_follow_store_and_version(
    tmp_path: Path, version: str, image: LocalImage, kind: StoreKind, *, status: Status, code: str
) -> None:
    """The version on containers is the oldest that may clean up; where it is not known, the strictest rules count."""
    [finding] = look(FakeEngine(image, kind, version), tmp_path, REFERENCE)

    assert (finding.status, finding.code) == (status, code)
    assert "\n" not in finding.message
    assert (finding.status is Status.PASS) is not bool(finding.hint)


@pytest.mark.parametrize(
    ("state", "labels", "status"),
    [
        ("created", {}, Status.PASS),
        ("exited", {"com.docker.compose.service": "agent"}, Status.PASS),
        ("running", {"com.docker.compose.service": "agent", "com.docker.compose.oneoff": "False"}, Status.PASS),
        ("running", {"com.docker.compose.service": "agent", "com.docker.compose.oneoff": "True"}, Status.WARN),
        ("exited", {}, Status.WARN),
        ("running", {"coolify.managed": "true"}, Status.WARN),
        ("exited", {"coolify.managed": "true"}, Status.FAIL),
        ("created", {"coolify.managed": "true", "coolify.type": "service"}, Status.FAIL),
        ("running", {"coolify.managed": "true", "com.docker.compose.service": "agent"}, Status.PASS),
    ],
)
def test_who_holds_an_image(tmp_path: Path, state: str, labels: dict[str, str], status: Status) -> None:
    """Never started, or a service's: for good. Anybody else: for now. What the clean-up removes first: not at all."""
    holder = made("holder", state, labels, DIGEST)

    [finding] = look(FakeEngine(UNTAGGED, version="4.3.11", holder=holder), tmp_path, REFERENCE)

    assert finding.status is status


BY_STAGE = (
    ("missing", None, None),
    ("not-held", UNTAGGED, None),
    ("loses-name", replace(UNTAGGED, tags=("example.com/agent:1", "ghcr.io/acme/agent:1")), "created"),
)


@pytest.mark.parametrize(("code", "image", "state"), BY_STAGE)
def test_before_a_rollout_the_image_store_only_warns(
    tmp_path: Path, code: str, image: LocalImage | None, state: str | None
) -> None:
    """What is missing on the host may come with the rollout; after it, it fails."""
    holder = made("holder", state, {}, DIGEST) if state else None
    engine = FakeEngine(image, version="4.3.11", holder=holder)

    found = [look(engine, tmp_path, REFERENCE, stage=stage)[0] for stage in Stage]

    assert [(each.status, each.code) for each in found] == [(Status.WARN, code), (Status.FAIL, code)]


NAMED_TWICE = replace(UNTAGGED, tags=("example.com/agent:1", "ghcr.io/acme/agent:1"))


@pytest.mark.parametrize(
    ("version", "image", "kind", "status"),
    [
        ("4.3.11", NAMED_TWICE, StoreKind.CLASSIC, Status.FAIL),
        ("4.3.11", NAMED_TWICE, StoreKind.CONTAINERD, Status.PASS),
        ("4.3.11", replace(NAMED_TWICE, labels=LABELS), StoreKind.CLASSIC, Status.PASS),
        ("4.0.0-beta.465", replace(NAMED_TWICE, labels=LABELS), StoreKind.CLASSIC, Status.WARN),
        ("", replace(NAMED_TWICE, labels=LABELS), StoreKind.CLASSIC, Status.WARN),
        ("", NAMED_TWICE, StoreKind.CLASSIC, Status.FAIL),
        ("4.3.11", replace(NAMED_TWICE, tags=NAMED_TWICE.tags[:1]), StoreKind.CLASSIC, Status.PASS),
        ("", replace(NAMED_TWICE, tags=NAMED_TWICE.tags[:1]), StoreKind.CLASSIC, Status.PASS),
    ],
)
def test_whether_a_held_image_keeps_its_name(
    tmp_path: Path, version: str, image: LocalImage, kind: StoreKind, status: Status
) -> None:
    """A tag of another repository alone costs it nothing today: only tags are removed, and the digest stays."""
    holder = made("holder", "created", {}, DIGEST)

    [finding] = look(FakeEngine(image, kind, version, holder), tmp_path, REFERENCE)

    assert finding.status is status
    code = {Status.FAIL: "loses-name", Status.WARN: "older-coolify", Status.PASS: ""}[status]
    assert finding.code == code
    assert "docker rmi example.com/agent:1 " in finding.hint or not finding.hint
