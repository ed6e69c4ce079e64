"""preflight/pin/rollback/plan.py, on the history of a real project's pin, with real git and a fake registry."""

import pytest

from preflight.context import Context, Options
from preflight.errors import CouldNotLook
from preflight.git.door import Git
from preflight.pin.candidate import Verified
from preflight.pin.refusal import Refused
from preflight.pin.rollback.plan import Plan, make_plan, read_changes
from preflight.pin.rollback.target import Step
from preflight.project import Pin
from preflight.registry.door import Registry
from preflight.run.config import Configuration
from preflight.testing import fake_context
from tests.fakes.ghcr import FakeGhcr
from tests.fakes.http_server import answering
from tests.real.git import GIT_ENVIRON, GitRepository

REPOSITORY = "ls1intum/hephaestus/agent-pi"
VARIABLE = "HEPHAESTUS_AGENT_IMAGE_REFERENCE"
PLACE = "docker/agent-image-pin.env"
RELEASES = ("0.66.0", "0.67.0", "0.68.0")
ENVIRON = {"PATH": "/usr/bin:/bin", **GIT_ENVIRON}
JUDGES = ("image-pullable", "image-signature", "image-provenance")
"""The checks that judge an image; tests/preflight/pin/test_candidate.py tries them."""


class Bench:
    """The project's repository, and its images in a registry that is open to all.

    Args:
        repository: Empty.
        ghcr: Empty.
        door: To it.
    """

    def __init__(self, repository: GitRepository, ghcr: FakeGhcr, door: Registry) -> None:
        ghcr.challenge = ""
        self.repository, self.ghcr, self._door = repository, ghcr, door
        self.name = f"{ghcr.host}/{REPOSITORY}"
        self.digests = {release: ghcr.push(REPOSITORY, release, content=release) for release in RELEASES}
        self.pin = Pin(VARIABLE, "app", repository.path / PLACE)
        for release, digest in self.digests.items():
            repository.commit({"package.json": f'{{"version": "{release}"}}\n'}, f"feat: what is in {release}")
            subject = f"chore(release): pin agent-pi to {digest} for v{release} [skip ci]"
            repository.commit({PLACE: f"# The agent image, by digest.\n{VARIABLE}={self.value(release)}\n"}, subject)

    def value(self, release: str) -> str:
        """What is pinned for a release."""
        return f"{self.name}@{self.digests[release]}"

    def prune(self, *releases: str) -> None:
        """Delete images, as a clean-up does."""
        for release in releases:
            del self.ghcr.manifests[REPOSITORY, self.digests[release]]

    def context(self, *, offline: bool = False) -> Context:
        """What is looked at."""
        git, options = Git(self.repository.path, ENVIRON), Options(offline=offline)
        return fake_context(self.repository.path, git=git, registry=self._door, environ=ENVIRON, options=options)

    def plan(self, to: str = "", *, offline: bool = False) -> Plan | Step:
        """Make the plan; the checks that judge the image are left out."""
        configuration = Configuration(None, self.repository.path, options={"skip": JUDGES})
        return make_plan(self.context(offline=offline), configuration, self.pin, to)


@pytest.fixture
def bench(git_repository: GitRepository, ghcr: FakeGhcr, door: Registry) -> Bench:
    """Three releases; the last of them is pinned."""
    return Bench(git_repository, ghcr, door)


def test_one_release_back(bench: Bench) -> None:
    """Target, message and the new file; nothing is written."""
    plan = bench.plan()
    assert isinstance(plan, Plan)
    assert (plan.step.present.release, plan.step.target.release) == ("0.68.0", "0.67.0")
    assert (plan.message.is_revert, plan.message.replaced) == (True, "[skip ci]")
    assert plan.verified == Verified((), ("no check judged the image, since the configuration skips all that could",))
    before = bench.pin.file.read_bytes()
    assert plan.change.apply(before).decode() == f"# The agent image, by digest.\n{VARIABLE}={bench.value('0.67.0')}\n"
    assert bench.pin.file.read_bytes() == before


def test_what_is_pinned_already(bench: Bench) -> None:
    """The step alone; no registry is asked."""
    assert isinstance(bench.plan("v0.68.0"), Step)
    assert bench.ghcr.requests == []


def test_a_line_that_somebody_changed_since(bench: Bench) -> None:
    """The plan knows what it may replace, and what it is to become; nothing else."""
    plan = bench.plan()
    assert isinstance(plan, Plan)
    after = f"{VARIABLE}={bench.value('0.67.0')}\n".encode()
    assert plan.change.apply(after) == after
    with pytest.raises(Refused, match=r"the pin is no longer 0\.68\.0 .*: somebody pinned another image") as caught:
        plan.change.apply(f"{VARIABLE}={bench.value('0.66.0')}\n".encode())
    assert "git pull" in caught.value.hint


def test_a_pruned_release_in_between(bench: Bench) -> None:
    """Refused; the nearest earlier one that is there is named, and can be gone to."""
    bench.prune("0.67.0")
    with pytest.raises(Refused, match=r"the registry no longer has 0\.67\.0 sha256:") as caught:
        bench.plan()
    assert caught.value.hint.endswith("preflight pin rollback --to 0.66.0")
    plan = bench.plan("0.66.0")
    assert isinstance(plan, Plan)
    assert not plan.message.is_revert
    assert plan.message.text.startswith("Roll back to the image pinned for 0.66.0 [skip actions]\n\n")


def test_nothing_earlier_is_there(bench: Bench) -> None:
    """It has to be built again."""
    bench.prune("0.67.0", "0.66.0")
    with pytest.raises(Refused) as caught:
        bench.plan()
    assert caught.value.hint == "None of the earlier ones is there either: build and push 0.67.0 again."


def test_the_whole_repository_is_gone(bench: Bench) -> None:
    """Nobody knows whether it is gone or hidden from us: that is no refusal of the target."""
    bench.ghcr.manifests.clear()
    bench.ghcr.repositories.clear()
    with pytest.raises(CouldNotLook) as caught:
        bench.plan()
    assert caught.value.hint


def test_a_registry_that_does_not_answer(bench: Bench) -> None:
    """It could not look."""
    bench.ghcr.always("/v2/", answering(500))
    with pytest.raises(CouldNotLook):
        bench.plan()


def test_offline(bench: Bench) -> None:
    """No registry is asked, and so nothing is verified."""
    bench.prune("0.67.0")
    plan = bench.plan(offline=True)
    assert isinstance(plan, Plan)
    assert plan.verified is None
    assert bench.ghcr.requests == []


def test_the_changes_of_a_pin(bench: Bench) -> None:
    """Newest first; through a link in the repository as well."""
    link = bench.repository.path / "link.env"
    link.symlink_to(bench.pin.file)
    bench.repository.commit(message="Add a link")
    changes = read_changes(bench.context(), Pin(VARIABLE, "app", link))
    assert [change.release for change in changes] == list(reversed(RELEASES))
