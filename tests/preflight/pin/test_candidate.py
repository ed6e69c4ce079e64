"""preflight/pin/candidate.py: the checks' own judgement of an image that is not pinned yet; a real registry."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from preflight.context import Context
from preflight.engine.door import Engine
from preflight.errors import CouldNotLook
from preflight.git.door import Git
from preflight.model import Waiver
from preflight.pin.candidate import OWN, TAG, demand_pinnable
from preflight.pin.refusal import Refused
from preflight.project import Pin
from preflight.registry.door import Registry
from preflight.run.config import Configuration, read_config
from preflight.run.discovery import discover
from preflight.testing import fake_context
from tests.real.registry import RealRegistry
from tests.real.signing import PATTERN, Order, attach_signatures, sign, simple_signing

pytestmark = pytest.mark.registry
REPOSITORY = "candidate/agent"


class Bench:
    """An image that somebody wants to pin."""

    def __init__(self, registry: RealRegistry, folder: Path) -> None:
        self.registry, self.folder = registry, folder
        self.digest = registry.push_image(REPOSITORY, content=str(folder))
        self.pin = Pin("IMAGE", "app", folder / "pin.env")
        self.pin.file.write_text("IMAGE=ghcr.io/other/one@sha256:" + "0" * 64 + "\n")

    def context(self) -> Context:
        """A context whose own pin names something else."""
        environ = {"DOCKER_CONFIG": str(self.folder / "none"), "PATH": os.environ["PATH"]}
        door = Registry(environ, insecure=frozenset({self.registry.host}))
        engine = Engine({"DOCKER_HOST": f"unix://{self.folder}/none.sock"})  # without one, the machine tells
        git = Git(self.folder, environ)
        return fake_context(self.folder, pins=(self.pin,), registry=door, engine=engine, git=git, environ=environ)

    def configuration(self, text: str) -> Configuration:
        """What stands in preflight.yaml."""
        file = self.folder / "preflight.yaml"
        file.write_text(text)
        return read_config(file, trusted=True)

    def demand(self, configuration: Configuration | None = None, digest: str = "") -> tuple[tuple[str, ...], ...]:
        """Demand that the image may be pinned."""
        value = f"{self.registry.host}/{REPOSITORY}@{digest or self.digest}"
        found = configuration or Configuration(None, self.folder)
        verified = demand_pinnable(self.context(), found, self.pin, value)
        return verified.passed, verified.notes


@pytest.fixture
def bench(registry: RealRegistry, tmp_path: Path) -> Bench:
    """An unsigned image."""
    return Bench(registry, tmp_path)


def test_an_image_that_pulls(bench: Bench) -> None:
    """It passes; that nobody demands a signature is said; the pin file is as it was."""
    before = bench.pin.file.read_text()
    passed, notes = bench.demand()
    assert any("would pull" in each for each in passed)
    assert any("no identity is configured" in each for each in notes)
    assert bench.pin.file.read_text() == before


def test_a_digest_that_is_gone(bench: Bench) -> None:
    """Refused, with what the check says to do."""
    with pytest.raises(Refused, match="sha256:7777") as caught:
        bench.demand(digest="sha256:" + "7" * 64)
    assert caught.value.hint


def test_the_demanded_signature(bench: Bench) -> None:
    """None is refused where one is required; a good one passes; a skipped check is not asked."""
    demand = f"identity: '{PATTERN}', required: true, trust_root: root.json"
    world = sign([Order(simple_signing(bench.digest), envelope=False)])
    root = world.write_root(bench.folder)
    text = f"checks: {{image-signature: {{{demand.replace('root.json', root.name)}}}}}\n"
    with pytest.raises(Refused, match="there is no signature"):
        bench.demand(bench.configuration(text))

    passed, _ = bench.demand(bench.configuration(f"skip: [image-signature]\n{text}"))
    assert not any("signed" in each for each in passed)

    attach_signatures(bench.registry, REPOSITORY, bench.digest, world.signed[0])
    passed, _ = bench.demand(bench.configuration(text))
    assert any("is signed by" in each for each in passed)


def test_a_waiver_lets_it_through(bench: Bench) -> None:
    """Marked as such among the notes."""
    configuration = bench.configuration(f"checks: {{image-signature: {{identity: '{PATTERN}', required: true}}}}\n")
    until = (datetime.now(UTC) + timedelta(days=30)).date()
    waiver = Waiver(check="image-signature", code="missing-required", until=until, reason="not signed yet")
    waived = Configuration(None, bench.folder, checks=configuration.checks, waivers=(waiver,))
    _, notes = bench.demand(waived)
    assert any("there is no signature" in each for each in notes)


def test_a_registry_that_does_not_answer(bench: Bench) -> None:
    """It could not look: no refusal, and no pass."""
    with pytest.raises(CouldNotLook, match=r"127\.0\.0\.1:1"):
        demand_pinnable(
            bench.context(), Configuration(None, bench.folder), bench.pin, f"127.0.0.1:1/a/b@{bench.digest}"
        )


def test_checks_that_do_not_load(bench: Bench) -> None:
    """One of them may be the one that refuses."""
    (bench.folder / "ours").mkdir()
    (bench.folder / "ours/image_ours.py").write_text("raise RuntimeError\n")
    with pytest.raises(CouldNotLook, match="do not load"):
        bench.demand(Configuration(None, bench.folder, options={"checks_dir": (str(bench.folder / "ours"),)}))


def test_the_names_of_our_own_that_judge_images() -> None:
    """Only they are imported, so a check with the tag and another name would judge nothing."""
    judges = {check.about.id for check in discover().checks if TAG in check.about.tags}
    found = discover(wanted_of_own=lambda check_id: check_id.startswith(OWN))

    assert {check.about.id for check in found.checks} == judges
