"""preflight/pin/update/carry_out.py with registries that misbehave; nothing is pinned then.

The registry is a fake (tests/fakes/ghcr.py), since no real one rewrites manifests or loses tags on demand; it answers
as ghcr.io does. Git, checkout and remote are real.
"""

from collections.abc import Callable
from pathlib import Path

import pytest

from preflight.errors import PreflightError
from preflight.git.door import Git
from preflight.pin.deliver import Push
from preflight.pin.update.carry_out import carry_out, demand_possible, find_pinned
from preflight.pin.update.order import Order
from preflight.pin.update.plan import UpdatePlan, judge
from preflight.pin.update.source import Patience, find_source
from preflight.project import Pin
from preflight.registry.door import Registry
from preflight.releases.names import find_releases
from preflight.testing import fake_context
from tests.fakes.ghcr import FakeGhcr, Handler, Stored
from tests.fakes.http_server import Script, answering, as_usual
from tests.preflight.pin.site import Site, reference

REPOSITORY = "owner/agent"
PUSH = Push("Pin 1.1.0", "main")
[RELEASE] = find_releases(["v1.1.0"])


class Bench:
    """A pin of 1.0.0, a remote, and a registry that is open to all and has the image build-7.

    Args:
        folder: For the repositories.
        ghcr: The registry.
        door: To it.
    """

    def __init__(self, folder: Path, ghcr: FakeGhcr, door: Registry) -> None:
        ghcr.challenge = ""
        self.name, self.ghcr = f"{ghcr.host}/{REPOSITORY}", ghcr
        self.digest = ghcr.push(REPOSITORY, "build-7", content="seven")
        self.site = Site(folder, f"AGENT={reference('1', self.name)}\n")
        git = Git(self.site.checkout.path, self.site.environ)
        self.ctx = fake_context(folder, git=git, registry=door, environ=self.site.environ)
        self.told: list[str] = []

    def update(self, between: Callable[[], object] = lambda: None) -> str:
        """Plan, let something happen, and carry it out; return the commit."""
        order = Order(RELEASE, "build-7", retag=True)
        [pinned] = find_pinned(self.ctx, [Pin("AGENT", "app", self.site.pin)], PUSH)
        source = find_source(self.ctx.doors.registry, pinned.image, ["build-7"], Patience())
        plan = UpdatePlan(order, (judge(self.ctx, pinned, order, source),))
        plan, _ = demand_possible(self.ctx, plan, PUSH)
        between()
        return carry_out(self.ctx, plan, PUSH, self.told.append).delivered.commit

    @property
    def pinned(self) -> str:
        """What the branch pins."""
        return self.site.remote_text().partition("=")[2].strip()


@pytest.fixture
def bench(tmp_path: Path, ghcr: FakeGhcr, door: Registry) -> Bench:
    """Both, and a context."""
    return Bench(tmp_path, ghcr, door)


def test_a_sound_registry(bench: Bench) -> None:
    """Published, compared, pinned, in this order; the second time nothing is left to do."""
    commit = bench.update()
    assert commit == bench.site.bare.git("rev-parse", "main")
    assert bench.pinned == f"{bench.name}@{bench.digest}"
    assert [line.partition(":")[0] for line in bench.told] == ["published", "compared"]
    assert bench.update() == ""


def rewrites(bench: Bench) -> None:
    """It stores other bytes than it is sent."""
    bench.ghcr.rewrites = lambda stored: Stored(stored.media_type, stored.body + b"\n")


def loses_the_source(bench: Bench) -> None:
    """A clean-up deletes what was found, digest, layers and all; a registry takes no manifest without its layers."""
    bench.ghcr.manifests.clear()
    _on_put(bench, answering(400, b'{"errors": [{"code": "MANIFEST_BLOB_UNKNOWN", "message": "made up"}]}'))


def loses_the_tag(bench: Bench) -> None:
    """The tag is gone as soon as it was put there."""

    def put_and_lost(handler: Handler) -> None:
        handler.answer(201)

    bench.ghcr.script("/manifests/1.1.0", as_usual, put_and_lost)


def gives_no_right(bench: Bench) -> None:
    """The login may pull only."""
    _on_put(bench, answering(403, b'{"errors": [{"code": "DENIED", "message": "made up"}]}'))


def is_read_only(bench: Bench) -> None:
    """A mirror."""
    _on_put(bench, answering(405))


def keeps_tags(bench: Bench) -> None:
    """Tags are immutable, and this one is taken by now."""
    _on_put(bench, answering(409, b'{"errors": [{"code": "TAG_INVALID", "message": "made up"}]}'))


def _on_put(bench: Bench, script: Script) -> None:
    bench.ghcr.script("/manifests/1.1.0", as_usual, script)


TROUBLE: dict[Callable[[Bench], None], str] = {
    rewrites: "the registry rewrites what it is sent",
    loses_the_source: "MANIFEST_BLOB_UNKNOWN",
    loses_the_tag: "is not there, though it was just published",
    gives_no_right: "may not push",
    is_read_only: "it is read-only",
    keeps_tags: "refuses to put the image under the tag 1.1.0",
}


@pytest.mark.parametrize("trouble", TROUBLE, ids=lambda each: each.__name__)
def test_a_registry_that_misbehaves(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, trouble: Callable[[Bench], None]
) -> None:
    """After the plan was complete: said with what to do; no line is written, no commit made."""
    monkeypatch.setattr("preflight.pin.update.retag._PAUSE_S", 0.0)
    before = bench.site.state()
    with pytest.raises(PreflightError, match=TROUBLE[trouble]) as caught:
        bench.update(lambda: trouble(bench))
    assert caught.value.hint
    assert bench.pinned == reference("1", bench.name)
    assert bench.site.state() == before
