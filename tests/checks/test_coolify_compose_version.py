"""Tests of checks/coolify_compose_version.py: real helper-like images with real Composes, on an engine of its own."""

import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from checks.coolify_compose_version import CoolifyComposeVersion, Settings
from preflight.context import Options
from preflight.coolify.host.mode import Mode
from preflight.coolify.resource import Kind, Resource, Situation
from preflight.engine.container import Container, Ended
from preflight.engine.door import Engine
from preflight.engine.image_store import LocalImage
from preflight.errors import CouldNotLook, DoesNotApply
from preflight.lib.deadline import Deadline
from preflight.model import Finding, Stage, Status, Subject
from preflight.project import Pin
from preflight.testing import fake_context, run_check
from tests.real.cli import PreflightCli
from tests.real.coolify.helper import IMAGE, provide_image
from tests.real.engine import RealEngine, real_engine

NOWHERE = DoesNotApply("no Coolify here: looked", "Go there.")
HIDDEN = CouldNotLook("nothing tells in which mode", "Look.")


@dataclass
class Door:
    """A door to a Coolify that deploys everything in one way."""

    way: Situation | DoesNotApply | CouldNotLook
    coming: Situation | None = None

    def resource(self, _service: str, _deadline: Deadline) -> Resource:
        """The one there is."""
        if isinstance(self.way, DoesNotApply):
            raise self.way
        return Resource("u", Kind.APPLICATION, Path("/u"))

    def mode(self, _resource: Resource, _deadline: Deadline) -> Mode:
        """The one way."""
        if not isinstance(self.way, Situation):
            raise self.way
        return Mode(self.way, (), next=self.coming)


def look(
    engine: Any,
    door: Door,
    *services: str,
    settings: Settings | None = None,
    seconds: float = 30,
    stage: Stage = Stage.BEFORE,
) -> list[Finding]:
    """Run the check where pins of these services are deployed through the door."""
    pins = tuple(Pin("IMAGE", service, Path("/pin.env")) for service in services or ("app",))
    options = Options(stage=stage)
    ctx = fake_context(pins=pins, engine=engine, coolify=door, options=options, seconds=seconds)
    return run_check(CoolifyComposeVersion(settings or Settings()), ctx)


DEFAULT = Door(Situation.DEFAULT)


@pytest.fixture(scope="module")
def own() -> Iterator[RealEngine]:
    """An engine that nobody else gives a helper to."""
    with real_engine() as running:
        yield running


@pytest.fixture
def bare(own: RealEngine) -> Iterator[RealEngine]:
    """It, without a helper at the start; what the test gives it goes."""
    yield own
    shown = own.docker("images", "--format", "{{.Repository}}:{{.Tag}}").stdout.split()
    own.docker("rmi", "--force", *[name for name in shown if "coolify-helper" in name], check=False)


def script_image(engine: RealEngine, tmp_path: Path, script: str, image: str = IMAGE) -> None:
    """Give the engine a helper whose `docker` is a shell script."""
    (tmp_path / "docker").write_text(f"#!/bin/sh\n{script}\n")
    (tmp_path / "docker").chmod(0o755)
    name = f"made-{uuid.uuid4().hex[:8]}"
    engine.docker("create", "--name", name, "--network", "none", engine.image)
    engine.docker("cp", str(tmp_path / "docker"), f"{name}:/bin/docker")
    engine.docker("commit", name, image)
    engine.docker("rm", name)


@pytest.mark.engine
@pytest.mark.compose
@pytest.mark.parametrize(
    ("version", "status", "code", "words"),
    [
        ("2.23.3", Status.FAIL, "too-old", "Compose 2.23.3, older than 2.24.0"),
        ("2.29.7", Status.PASS, "", "Compose 2.29.7, at least 2.24.0"),
        ("2.40.3", Status.PASS, "", "Compose 2.40.3, at least 2.24.0"),
    ],
)
def test_real_composes_on_both_sides_of_the_limit(
    bare: RealEngine, version: str, status: Status, code: str, words: str
) -> None:
    """The one inside the image is asked, and judged; nothing is left of the container that it ran in."""
    provide_image(bare, IMAGE, version)

    [finding] = look(Engine(bare.environ), DEFAULT)

    assert (finding.status, finding.code, finding.subject) == (status, code, Subject("image", IMAGE))
    assert finding.message == f"app: `up` runs in Coolify's helper 1.0.15: {words}"
    assert finding.evidence == {"answer": f"Docker Compose version v{version}", "image": IMAGE}


@pytest.mark.engine
def test_no_helper_on_this_host(bare: RealEngine) -> None:
    """Where it counts, that is an error, never a pass; nothing is pulled."""
    [error] = look(Engine(bare.environ), DEFAULT)
    [unknown] = look(Engine(bare.environ), Door(HIDDEN))
    [raw] = look(Engine(bare.environ), Door(Situation.RAW_PRESERVED))

    assert (error.status, error.code) == (Status.ERROR, "no-helper")
    assert error.subject == Subject("image", "coollabsio/coolify-helper")
    assert error.hint.startswith("Pull it: docker pull ")
    assert (unknown.status, unknown.code) == (Status.ERROR, "no-helper")
    assert "may run in Coolify's helper, but no image" in unknown.message
    assert raw.status is Status.SKIP
    assert "`up` runs with this host's Compose (compose-version)" in raw.message


@pytest.mark.engine
@pytest.mark.parametrize(
    ("script", "problem"),
    [
        ("exit 4", "`docker compose version` ended with 4"),
        ("echo Docker Compose version dev", "it answered, but not with a version"),
        ("exit 0", "it answered, but not with a version"),
        ("exec cat /dev/zero", "the program printed more than 64 KiB"),
        ("exec /nowhere/docker", "it has no `docker` to ask"),
    ],
)
def test_a_helper_that_does_not_tell(bare: RealEngine, tmp_path: Path, script: str, problem: str) -> None:
    """An error that names the image and the command to try."""
    script_image(bare, tmp_path, script)

    [finding] = look(Engine(bare.environ), DEFAULT)

    assert (finding.status, finding.code) == (Status.ERROR, "no-version")
    assert finding.subject == Subject("image", IMAGE)
    assert finding.message == (f"app: `up` runs in Coolify's helper 1.0.15, whose Compose is not known: {problem}")
    assert finding.hint == (
        f"Ask it yourself: docker run --rm --network none --pull never {IMAGE} docker compose version"
    )


@pytest.mark.engine
def test_a_helper_that_hangs(bare: RealEngine, tmp_path: Path) -> None:
    """It is given up in time."""
    script_image(bare, tmp_path, "sleep 600")

    [finding] = look(Engine(bare.environ), DEFAULT, seconds=4)

    assert (finding.status, finding.code) == (Status.ERROR, "no-version")
    assert finding.message.endswith("whose Compose is not known: the program does not come to an end")


@pytest.mark.engine
def test_control_characters_reach_nobody(bare: RealEngine, tmp_path: Path) -> None:
    """What an image prints is shown as one plain line."""
    script_image(bare, tmp_path, r"printf 'Docker Compose version v2.30.0\033[31m\r\a evil\n\033]0;x\007'")

    [finding] = look(Engine(bare.environ), DEFAULT)

    assert finding.status is Status.ERROR
    assert all(char.isprintable() for char in finding.message + json.dumps(finding.evidence))


@pytest.mark.engine
def test_an_image_without_docker(bare: RealEngine) -> None:
    """It has the name and nothing else."""
    bare.docker("tag", bare.image_without_env, IMAGE)

    [finding] = look(Engine(bare.environ), DEFAULT)

    assert finding.message.endswith("whose Compose is not known: it has no `docker` to ask")


@pytest.mark.engine
def test_of_several_helpers_the_newest_counts(bare: RealEngine, tmp_path: Path) -> None:
    """By tag, as numbers; one that a deployment runs in counts before all."""
    old, new = IMAGE.replace("1.0.15", "1.0.9"), IMAGE.replace("1.0.15", "1.0.10")
    script_image(bare, tmp_path, "echo Docker Compose version v2.21.0", old)
    script_image(bare, tmp_path, "echo Docker Compose version v2.38.2", new)

    [right] = look(Engine(bare.environ), DEFAULT)
    assert right.message == "app: `up` runs in Coolify's helper 1.0.10: Compose 2.38.2, at least 2.24.0"

    name = f"deployment-{uuid.uuid4().hex[:8]}"
    bare.docker("run", "--detach", "--rm", "--network=host", "--name", name, old, "sleep", "600")
    try:
        [wrong] = look(Engine(bare.environ), DEFAULT)
    finally:
        bare.docker("rm", "--force", name)
    assert (wrong.status, wrong.code) == (Status.FAIL, "too-old")
    assert "helper 1.0.9: Compose 2.21.0, older than 2.24.0" in wrong.message
    assert "Update Coolify" in wrong.hint


@pytest.mark.engine
def test_the_whole_tool_says_so(bare: RealEngine, tmp_path: Path, preflight_cli: PreflightCli) -> None:
    """From the command line: an application that Coolify deployed in default mode, found by its container's labels."""
    script_image(bare, tmp_path, "echo Docker Compose version v2.21.0")
    uuid_, name = "abcdefghijklmnopqrstuvwx", f"app-abcdefghijklmnopqrstuvwx-{uuid.uuid4().int % 10**12}"
    labels = {
        "coolify.managed": "true",
        "coolify.version": "4.3.11",
        "coolify.type": "application",
        "com.docker.compose.service": "app",
        "com.docker.compose.project": uuid_,
        "com.docker.compose.project.working_dir": "/artifacts/xyz",
    }
    options = [word for key, value in labels.items() for word in ("--label", f"{key}={value}")]
    bare.docker("create", "--name", name, "--network", "none", *options, bare.image)
    (tmp_path / "pin.env").write_text(f"IMAGE=ghcr.io/acme/agent@sha256:{'a1' * 32}\n")
    (tmp_path / "compose.yaml").write_text("services: {app: {image: x, env_file: [pin.env]}}\n")
    (tmp_path / "coolify" / "applications" / uuid_).mkdir(parents=True)
    (tmp_path / "preflight.yaml").write_text("coolify: {root: coolify}\n")
    only = ("--only", "coolify-compose-version", "--only", "compose-version", "--only", "coolify-image-cleanup")
    try:
        done = preflight_cli("run", *only, "--format", "json", cwd=tmp_path, env=bare.environ)
    finally:
        bare.docker("rm", "--force", name)

    said = {each["id"]: each["findings"][0]["message"] for each in json.loads(done.stdout)["checks"]}
    assert done.returncode == 1
    assert said["coolify-compose-version"].endswith("helper 1.0.15: Compose 2.21.0, older than 2.24.0")
    assert said["compose-version"].endswith("; Coolify deploys with its helper's (coolify-compose-version)")


@dataclass
class FakeEngine:
    """An engine with images that answer what they are told; counts how often they were asked."""

    answers: dict[str, str | CouldNotLook]
    running: str = ""
    asked: list[str] = field(default_factory=list)

    def images(self, _deadline: Deadline) -> tuple[LocalImage, ...]:
        """One an answer, and some others."""
        others = ("docker.io/library/busybox:1", "ghcr.io/evil/not-coollabsio/coolify-helperx:1")
        return tuple(LocalImage(name, (name,), ()) for name in (*self.answers, *others))

    def containers(self, _labels: Any, _deadline: Deadline) -> tuple[Container, ...]:
        """One that runs."""
        when = datetime(2026, 1, 1, tzinfo=UTC)
        return (Container("1", "d", self.running, "running", "Up", when, {}, self.running),)

    def run_throwaway(self, image: str, argv: tuple[str, ...], _deadline: Deadline) -> Ended:
        """Answer."""
        assert argv == ("docker", "compose", "version")
        self.asked.append(image)
        answer = self.answers[image]
        if isinstance(answer, CouldNotLook):
            raise answer
        return Ended(0, answer.encode())


def answering(**versions: str) -> FakeEngine:
    """Return an engine with helpers of these tags."""
    return FakeEngine(
        {f"x.io/coollabsio/coolify-helper:{tag}": f"Docker Compose version {said}" for tag, said in versions.items()}
    )


def test_names_that_tell_no_order_are_all_asked() -> None:
    """`latest` beside `next`: an old one among them shows."""
    found = look(answering(latest="v2.38.2", next="v2.21.0"), DEFAULT)

    assert sorted(finding.status for finding in found) == [Status.FAIL, Status.PASS]


def test_an_image_without_tag_is_named_by_its_digest(monkeypatch: pytest.MonkeyPatch) -> None:
    """Coolify's clean-up may have left it without."""
    engine = answering(latest="v2.38.2")
    image = LocalImage("sha256:" + "c" * 64, (), (f"ghcr.io/coollabsio/coolify-helper@sha256:{'b' * 64}",))
    engine.answers = {image.id: "Docker Compose version v2.38.2"}
    monkeypatch.setattr(engine, "images", lambda _deadline: (image,))

    [finding] = look(engine, DEFAULT)

    assert finding.message == "app: `up` runs in Coolify's helper cccccccccccc: Compose 2.38.2, at least 2.24.0"


def test_an_engine_that_refuses() -> None:
    """A socket proxy that allows looking only."""
    refusal = CouldNotLook("the Docker engine refuses (HTTP 403)", "Allow listing.")

    [finding] = look(FakeEngine({"coollabsio/coolify-helper:1.0.15": refusal}), DEFAULT)

    assert (finding.status, finding.code) == (Status.ERROR, "no-version")
    assert finding.message.endswith("not known: the Docker engine refuses (HTTP 403)")
    assert finding.hint.startswith("Ask it yourself: docker run --rm")


@pytest.mark.parametrize("situation", [Situation.DEFAULT_PRESERVED, Situation.SERVICE])
def test_where_the_host_deploys_the_helper_is_not_asked(situation: Situation) -> None:
    """The other check judges; this one says so."""
    engine = answering(**{"1.0.15": "v2.21.0"})

    [finding] = look(engine, Door(situation))

    assert (finding.status, finding.code) == (Status.SKIP, "not-applicable")
    assert finding.message == f"app: `up` runs with this host's Compose ({situation}): see compose-version"
    assert engine.asked == []


@pytest.mark.parametrize("situation", [Situation.RAW, Situation.RAW_PRESERVED])
def test_in_raw_mode_the_helper_builds(situation: Situation) -> None:
    """Its Compose reads the file as it is in git, and stops the deployment when that is too new for it."""
    [right] = look(answering(**{"1.0.15": "v2.38.2"}), Door(situation))
    [wrong] = look(answering(**{"1.0.15": "v2.21.0"}), Door(situation))

    assert right.status is Status.PASS
    assert (wrong.status, wrong.code) == (Status.FAIL, "too-old")
    assert wrong.message == "app: Coolify builds in its helper 1.0.15: Compose 2.21.0, older than 2.24.0"


@pytest.mark.parametrize("stage", Stage)
def test_an_old_helper_counts_at_both_stages(stage: Stage) -> None:
    """The next rollout uses it, and so does the one after."""
    [old] = look(answering(**{"1.0.15": "v2.21.0"}), DEFAULT, stage=stage)
    [none] = look(FakeEngine({}), DEFAULT, stage=stage)

    assert (old.status, old.code) == (Status.FAIL, "too-old")
    assert (none.status, none.code) == (Status.ERROR, "no-helper")
    assert "deploy" not in f"{old.hint} {none.hint}".lower()


def test_what_comes_next_counts() -> None:
    """The mode was changed in the UI since the last deployment."""
    [finding] = look(answering(**{"1.0.15": "v2.21.0"}), Door(Situation.SERVICE, Situation.DEFAULT))

    assert (finding.status, finding.code) == (Status.FAIL, "too-old")


def test_an_unknown_mode_is_judged_as_if_it_counted() -> None:
    """And the reason is kept as evidence."""
    [finding] = look(answering(**{"1.0.15": "v2.21.0"}), Door(HIDDEN))

    assert (finding.status, finding.code) == (Status.FAIL, "too-old")
    assert finding.message.startswith("app: `up` may run in Coolify's helper 1.0.15: Compose 2.21.0")
    assert finding.evidence["mode_unknown"] == "nothing tells in which mode"


def test_a_resource_that_cannot_be_told_is_judged_likewise(monkeypatch: pytest.MonkeyPatch) -> None:
    """Several applications have such a service."""
    door = Door(HIDDEN)
    monkeypatch.setattr(door, "resource", door.mode)  # which raises

    [finding] = look(answering(**{"1.0.15": "v2.38.2"}), door)

    assert finding.status is Status.PASS
    assert finding.message.startswith("app: `up` may run in Coolify's helper 1.0.15: Compose 2.38.2")


def test_outside_coolify_it_is_skipped() -> None:
    """With what was looked for."""
    [finding] = look(answering(**{"1.0.15": "v2.21.0"}), Door(NOWHERE))

    assert (finding.status, finding.message, finding.hint) == (Status.SKIP, NOWHERE.message, NOWHERE.hint)
    assert finding.code == "not-applicable"


def test_several_services_are_one_line() -> None:
    """The helper is the same for all of them."""
    [finding] = look(answering(**{"1.0.15": "v2.38.2"}), DEFAULT, "app", "worker", "app")

    assert finding.message.startswith("2 services: `up` runs in Coolify's helper")


def test_minimum_can_be_set() -> None:
    """The limit is the operator's; a pre-release of it is older."""
    [old] = look(answering(**{"1.0.15": "v2.29.7"}), DEFAULT, settings=Settings(minimum="2.30"))
    [early] = look(answering(**{"1.0.15": "v2.30.0-rc.1"}), DEFAULT, settings=Settings(minimum="2.30"))

    assert old.message.endswith("older than 2.30.0")
    assert early.message.endswith("a pre-release of 2.30.0")
    with pytest.raises(ValueError, match="minimum: not a version"):
        Settings("new")
