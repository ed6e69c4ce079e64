"""A checkout, its remote and a fake registry, for tests of what is planned and carried out within this process."""

import subprocess
from pathlib import Path

from preflight.context import Context
from preflight.git.door import Git
from preflight.pin.deliver import Push
from preflight.pin.update.carry_out import find_pinned
from preflight.pin.update.order import Order
from preflight.pin.update.pinned import Pinned
from preflight.pin.update.plan import PinPlan, UpdatePlan, judge
from preflight.pin.update.source import Patience, find_source
from preflight.project import Pin
from preflight.registry.door import Registry
from preflight.releases.names import find_releases
from preflight.testing import fake_context
from tests.fakes.ghcr import FakeGhcr
from tests.preflight.pin.site import Site
from tests.real.git import GitRepository

REPOSITORY = "owner/agent"
PUSH = Push("Pin it", "main")
FILE = "docker/pin.env"


class Bench:
    """1.0.0 is pinned, and published like 1.1.0 and 1.2.0.

    Args:
        folder: Gets the repositories.
        ghcr: The registry.
        tag: Stands before the pinned digest, e.g. ":v1.0.0".
    """

    def __init__(self, folder: Path, ghcr: FakeGhcr, tag: str = "") -> None:
        ghcr.challenge = ""
        self.folder, self.ghcr, self.tag = folder, ghcr, tag
        self.digests = {name: ghcr.push(REPOSITORY, name, content=name) for name in ("1.0.0", "1.1.0", "1.2.0")}
        self.site = Site(folder, self.text("1.0.0"))
        self.pin = Pin("AGENT", "app", self.site.pin)

    def text(self, release: str) -> str:
        """The pin file with a release."""
        return f"AGENT={self.ghcr.host}/{REPOSITORY}{self.tag}@{self.digests[release]}\n"

    def context(self, checkout: GitRepository | None = None) -> Context:
        """A context with fresh doors."""
        environ = dict(self.site.environ)
        door, folder = Registry(environ, frozenset({self.ghcr.host})), (checkout or self.site.checkout).path
        return fake_context(folder, pins=(self.pin,), registry=door, git=Git(folder, environ), environ=environ)

    def pinned(self, to: Push = PUSH) -> Pinned:
        """What is pinned on the branch."""
        [found] = find_pinned(self.context(), [self.pin], to)
        return found

    def judge(self, release: str, *, again: bool = False, source: str = "", retag: bool = False) -> PinPlan:
        """What becomes of the pin."""
        [wanted] = find_releases([release])
        order, ctx, pinned = Order(wanted, source, retag, again=again), self.context(), self.pinned()
        tags = (source,) if source else order.own_tags
        return judge(ctx, pinned, order, find_source(ctx.doors.registry, pinned.image, tags, Patience()))

    def plan(self, release: str, *, source: str = "", retag: bool = False) -> UpdatePlan:
        """The plan for it, of which nothing was verified."""
        [wanted] = find_releases([release])
        return UpdatePlan(Order(wanted, source, retag), (self.judge(release, source=source, retag=retag),))

    def somebody_pins(self, release: str, message: str) -> None:
        """Push a commit from another clone."""
        where = self.folder / "theirs"
        if not where.exists():
            subprocess.run(["git", "clone", "-q", self.site.bare.path, where], check=True)
        other = GitRepository(where)
        other.git("pull", "-q")
        other.commit({FILE: self.text(release)}, message)
        other.git("push", "-q", "origin", "main")
