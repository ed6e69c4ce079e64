"""preflight/pin/update/retag.py, against a fake registry."""

from dataclasses import replace

import pytest

from preflight.errors import CouldNotLook
from preflight.lib.deadline import Deadline
from preflight.lib.reference import ImageReference
from preflight.pin.refusal import Refused
from preflight.pin.update.order import Order
from preflight.pin.update.retag import Target, compare, look_at_target, publish
from preflight.pin.update.source import Patience, Source, find_source
from preflight.registry.door import Registry
from preflight.releases.names import find_releases
from tests.fakes.ghcr import INDEX, FakeGhcr, Stored

REPOSITORY = "owner/agent"
[RELEASE] = find_releases(["v1.1.0"])


class Bench:
    """A registry that is open to all, with an image build-7."""

    def __init__(self, ghcr: FakeGhcr, door: Registry) -> None:
        ghcr.challenge = ""
        ghcr.push(REPOSITORY, "build-7", content="seven")
        self.ghcr, self.door = ghcr, door
        self.image = ImageReference(ghcr.host, REPOSITORY, None, None)
        self.source = find_source(door, self.image, ["build-7"], Patience())

    def look(self, *, source: str = "build-7", retag: bool = True, move_tag: bool = False) -> Target:
        """Look at the release's own tag."""
        return look_at_target(self.door, self.image, Order(RELEASE, source, retag, move_tag), self.source)

    def publish(self, target: Target) -> bool:
        """Publish it there."""
        return publish(self.door, target, self.source, Deadline.after(20))

    def compare(self, target: Target, source: Source | None = None) -> int:
        """Compare both, and return how often that was waited for."""
        waited: list[float] = []
        compare(self.door, target, source or self.source, Deadline.after(20), waited.append)
        return len(waited)


@pytest.fixture
def bench(ghcr: FakeGhcr, door: Registry) -> Bench:
    """The registry."""
    return Bench(ghcr, door)


def test_a_tag_that_is_not_there_is_published(bench: Bench) -> None:
    """Once: the second time it is found."""
    target = bench.look()
    assert (target.tag, target.digest, target.publish) == ("1.1.0", "", True)
    assert bench.publish(target)
    assert bench.compare(target) == 0
    assert not bench.publish(target)
    assert not bench.look().publish
    assert not bench.look(retag=False).publish


def test_without_another_source_nothing_is_published(bench: Bench) -> None:
    """The release's own tag is the source."""
    assert not bench.look(source="", retag=True).publish


def test_a_tag_with_a_v_is_the_release_too(bench: Bench) -> None:
    """No second one is made beside it."""
    bench.ghcr.push(REPOSITORY, "v1.1.0", content="seven")
    target = bench.look()
    assert (target.tag, target.publish) == ("v1.1.0", False)


@pytest.mark.parametrize("retag", [False, True])
def test_another_image_is_refused(bench: Bench, retag: bool) -> None:
    """Unless the tag may move."""
    bench.ghcr.push(REPOSITORY, "1.1.0", content="other")
    with pytest.raises(Refused, match=r"the tag 1\.1\.0 is sha256:.*, but build-7 is sha256:") as caught:
        bench.look(retag=retag)
    assert "--move-tag" in caught.value.hint
    target = bench.look(move_tag=True)
    assert target.publish
    assert bench.publish(target)
    assert bench.compare(target) == 0


def test_somebody_else_publishes_meanwhile(bench: Bench) -> None:
    """The tag is looked at again right before it is written."""
    target = bench.look()
    bench.ghcr.push(REPOSITORY, "1.1.0", content="theirs")
    with pytest.raises(Refused, match=r"the tag 1\.1\.0 became sha256:.* meanwhile"):
        bench.publish(target)


def test_a_registry_that_rewrites(bench: Bench) -> None:
    """Whatever it stores instead, and calls by its right digest, is caught."""
    bench.ghcr.rewrites = lambda stored: Stored(stored.media_type, stored.body + b"\n")
    target = bench.look()
    bench.publish(target)
    with pytest.raises(Refused, match="the registry rewrites what it is sent"):
        bench.compare(target)


def test_a_registry_that_loses_the_tag(bench: Bench) -> None:
    """It could not be looked at, after a few looks."""
    target = bench.look()
    bench.publish(target)
    del bench.ghcr.manifests[REPOSITORY, "1.1.0"]
    with pytest.raises(CouldNotLook, match="is not there, though it was just published"):
        bench.compare(target)


def test_a_registry_that_answers_late(bench: Bench) -> None:
    """The old answer for a moment: asked again."""
    old = Stored(INDEX, b'{"schemaVersion": 2}')
    bench.ghcr.store(REPOSITORY, old, "1.1.0")
    target = bench.look(move_tag=True)
    new = bench.ghcr.manifests[REPOSITORY, "build-7"]
    waited: list[float] = []

    def arrives(seconds: float) -> None:
        waited.append(seconds)
        bench.ghcr.store(REPOSITORY, new, "1.1.0")

    compare(bench.door, target, bench.source, Deadline.after(20), arrives)
    assert len(waited) == 1


def test_a_source_that_is_gone(bench: Bench) -> None:
    """The bytes that are pinned must still be there by their digest."""
    target = bench.look()
    bench.publish(target)
    gone = replace(bench.source, manifest=replace(bench.source.manifest, digest="sha256:" + "0" * 64))
    with pytest.raises(CouldNotLook):
        bench.compare(target, gone)
