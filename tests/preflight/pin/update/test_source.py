"""preflight/pin/update/source.py, against a fake registry."""

import time
from functools import partial

import pytest

from preflight.http.errors import ServerTrouble
from preflight.lib.deadline import Deadline
from preflight.lib.reference import ImageReference
from preflight.pin.refusal import Refused
from preflight.pin.update.source import Patience, Source, find_source
from preflight.registry.door import Registry
from preflight.registry.errors import ManifestUnknown, RepositoryUnknown
from tests.fakes.ghcr import FakeGhcr
from tests.fakes.http_server import answering, as_usual

REPOSITORY = "owner/agent"


@pytest.fixture(autouse=True)
def release(ghcr: FakeGhcr) -> None:
    """The registry has one release."""
    ghcr.push(REPOSITORY, "1.0.0")


class Wait:
    """A wait in which something happens at each pause."""

    def __init__(self, ghcr: FakeGhcr, *happens: object) -> None:
        self.ghcr, self.happens = ghcr, list(happens)
        self.told, self.slept = list[str](), list[float]()
        self.door = Registry({}, frozenset({ghcr.host}))

    def sleep(self, seconds: float) -> None:
        """Let the next thing happen, at once; without one, wait."""
        self.slept.append(seconds)
        if not self.happens:
            time.sleep(seconds)
        act = self.happens.pop(0) if self.happens else None
        if callable(act):
            act()

    def find(self, *tags: str, seconds: float = 600) -> Source:
        """Look for a tag."""
        image = ImageReference(self.ghcr.host, REPOSITORY, None, None)
        return find_source(self.door, image, tags, Patience(seconds, self.told.append, self.sleep))


def test_the_first_tag_that_is_there(ghcr: FakeGhcr) -> None:
    """Nobody waits or is told anything."""
    wait = Wait(ghcr)
    found = wait.find("9.9.9", "1.0.0", seconds=0)
    assert (found.tag, found.digest) == ("1.0.0", ghcr.manifests[REPOSITORY, "1.0.0"].digest)
    assert (wait.told, wait.slept) == ([], [])


def test_a_tag_that_appears(ghcr: FakeGhcr) -> None:
    """The registry is asked afresh each time, also if somebody asked before; one line says what is waited for."""
    wait = Wait(ghcr, None, partial(ghcr.push, REPOSITORY, "build-7", content="new"))
    with pytest.raises(ManifestUnknown):
        wait.door.get_manifest(ImageReference(ghcr.host, REPOSITORY, "build-7", None), Deadline.after(20))

    found = wait.find("build-7")

    assert found.digest == ghcr.manifests[REPOSITORY, "build-7"].digest
    assert wait.slept == [2, 3]
    assert wait.told == [f"waiting for the tag build-7 of {ghcr.host}/{REPOSITORY}, 10m left"]


def test_trouble_that_passes_ends_no_wait(ghcr: FakeGhcr) -> None:
    """It ends one that has not begun well: then more than the build may be wrong."""
    trouble = partial(ghcr.script, "/manifests/build-7", *[answering(503, Retry_After="0")] * 4, as_usual)
    wait = Wait(ghcr, trouble, partial(ghcr.push, REPOSITORY, "build-7", content="new"))
    assert wait.find("build-7").tag == "build-7"

    trouble()
    with pytest.raises(ServerTrouble):
        Wait(ghcr).find("build-7")


def test_a_tag_that_does_not_appear(ghcr: FakeGhcr) -> None:
    """Refused, with the time that was waited, or with the advice to wait."""
    with pytest.raises(Refused, match=r"build-9 of .* did not appear within 1s"):
        Wait(ghcr).find("build-9", seconds=0.6)
    with pytest.raises(Refused, match=r"has no tag build-9 or vbuild-9 of ") as caught:
        Wait(ghcr).find("build-9", "vbuild-9", seconds=0)
    assert "--wait" in caught.value.hint


def test_a_repository_that_appears(ghcr: FakeGhcr) -> None:
    """The first image of all; without it, nobody can tell whether it is private or missing."""
    del ghcr.repositories[REPOSITORY]
    with pytest.raises(RepositoryUnknown):
        Wait(ghcr).find("build-7", seconds=0)
    assert Wait(ghcr, partial(ghcr.push, REPOSITORY, "build-7")).find("build-7").tag == "build-7"
