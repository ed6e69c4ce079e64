"""Tests of checks/coolify_image_cleanup.py: on an engine of its own, which is really cleaned up as Coolify does."""

import re
import shlex
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest
from provision import busybox

from checks.coolify_image_cleanup import CoolifyImageCleanup, Settings
from preflight.context import Options
from preflight.coolify.door import Coolify
from preflight.coolify.settings import CoolifySettings
from preflight.engine.container import Container
from preflight.engine.door import Engine
from preflight.engine.image_store import LocalImage, StoredImage, StoreKind, store_kind, stored_image
from preflight.lib.deadline import Deadline
from preflight.model import Finding, Stage, Status
from preflight.project import Pin
from preflight.testing import fake_context, run_check
from tests.real.cli import PreflightCli
from tests.real.engine import RealEngine, real_engine
from tests.real.nightly import MANAGED, clean_up, has, push_tiny_image
from tests.real.registry import RealRegistry

LABELLED = "LABEL coolify.managed=true"
DIGEST = "sha256:" + "a1" * 32
REFERENCE = f"ghcr.io/acme/agent@{DIGEST}"


@pytest.fixture(scope="module")
def own() -> Iterator[RealEngine]:
    """An engine that nobody else uses: cleaning it up disturbs no other test."""
    with real_engine() as running:
        yield running


@dataclass(frozen=True)
class Server:
    """A server of Coolify's with an application of today's version."""

    engine: RealEngine
    registry: RealRegistry
    folder: Path

    def push(self, *changes: str) -> str:
        """Push an image and return its reference."""
        return push_tiny_image(self.engine, self.registry, f"cleanup/{uuid.uuid4().hex}", *changes)

    def pull(self, *changes: str) -> str:
        """Push an image, pull it by digest only, and return its reference."""
        reference = self.push(*changes)
        self.engine.docker("pull", "--quiet", reference)
        return reference

    def hold(self, reference: str, *options: str) -> str:
        """Make a container of an image, and return its name."""
        name = f"holder-{uuid.uuid4().hex[:8]}"
        self.engine.docker("create", "--name", name, "--network", "none", *options, reference, "keep")
        return name

    def name_twice(self, reference: str, by: str) -> None:
        """Name an image after another repository too: by a "tag" of both, or by the "digest" of both only."""
        own, _, digest = reference.partition("@")
        other = f"{self.registry.host}/another/{uuid.uuid4().hex}"
        self.engine.docker("tag", reference, f"{other}:1")
        if by == "tag":
            self.engine.docker("tag", reference, f"{own}:1")
            return
        self.engine.docker("push", "--quiet", f"{other}:1")
        self.engine.docker("rmi", f"{other}:1")
        self.engine.docker("pull", "--quiet", f"{other}@{digest}")
        self.engine.docker("pull", "--quiet", reference)

    def look(self, *references: str, settings: Settings | None = None) -> list[Finding]:
        """Run the check where these are pinned."""
        return look(Engine(self.engine.environ), self.folder, *references, settings=settings)


@pytest.fixture
def server(own: RealEngine, registry: RealRegistry, tmp_path: Path) -> Iterator[Server]:
    """Coolify 4.3.11 has deployed something here that runs."""
    labels = [MANAGED, "coolify.version=4.3.11", "coolify.type=application"]
    options = [word for label in labels for word in ("--label", label)]
    own.docker("run", "--detach", "--name", "managed", "--network", "host", *options, own.image_without_env)
    here = Server(own, registry, tmp_path)
    yield here
    containers = own.docker("ps", "--all", "--quiet").stdout.split()
    own.docker("rm", "--force", *containers)


def look(
    engine: Any, folder: Path, *references: str, settings: Settings | None = None, stage: Stage = Stage.AFTER
) -> list[Finding]:
    """Run the check with an engine where these are pinned; Coolify's root is a folder that may be there."""
    pins = []
    for number, reference in enumerate(references):
        file = folder / f"pin-{number}.env"
        file.write_text(f"IMAGE={reference}\n")
        pins.append(Pin("IMAGE", "app", file))
    coolify = Coolify(CoolifySettings(root=folder / "coolify"), {}, engine)
    ctx = fake_context(folder, pins=tuple(pins), engine=engine, coolify=coolify, options=Options(stage=stage))
    return run_check(CoolifyImageCleanup(settings or Settings()), ctx)


def command_in(finding: Finding) -> list[str]:
    """Return the arguments of the `docker` command that a hint names."""
    found = re.search(r"docker (create|pull) [^(:]*(?::\d+)?[^(:]*@sha256:[0-9a-f]{64}(?: keep)?", finding.hint)
    assert found, finding.hint
    return shlex.split(found[0])[1:]


@pytest.mark.engine
@pytest.mark.registry
class TestRealCleanUp:
    """What the check foretells is what the clean-up does."""

    def test_a_digest_without_tag_and_container_is_deleted(self, server: Server) -> None:
        """Held as the hint says, it survives; without the holder it goes, and the next hint brings it back."""
        reference = server.pull()

        [wrong] = server.look(reference)

        assert (wrong.status, wrong.code) == (Status.FAIL, "not-held")
        assert wrong.message.endswith("… will be deleted by Coolify's nightly clean-up (no tag, no container)")
        assert wrong.subject is not None
        assert wrong.subject.kind == "image"
        assert wrong.evidence == {"store": "classic image store", "tags": [], "containers": {}}
        assert str(wrong.location) == "pin-0.env:1"

        server.engine.docker(*command_in(wrong))
        [right] = server.look(reference)
        assert right.status is Status.PASS
        assert re.search(r"is on this host, held by container keep-[0-9a-f]{12} \(never started\)$", right.message)
        clean_up(server.engine)
        assert server.look(reference) == [right]

        server.engine.docker("rm", command_in(wrong)[2])
        clean_up(server.engine)
        assert not has(server.engine, reference)
        [absent] = server.look(reference)
        assert (absent.status, absent.code) == (Status.FAIL, "missing")
        server.engine.docker(*command_in(absent))
        assert server.look(reference) == [right]

    def test_the_label_does_not_help_without_a_tag(self, server: Server) -> None:
        """`docker image prune -f` of Coolify's has no filter."""
        reference = server.pull(LABELLED)

        [wrong] = server.look(reference)

        assert (wrong.status, wrong.code) == (Status.FAIL, "not-held")
        clean_up(server.engine)
        assert not has(server.engine, reference)

    def test_a_tag_without_the_label_is_removed(self, server: Server) -> None:
        """And with it the image; once the image has the label, both stay."""
        plain, labelled = server.pull(), server.pull(LABELLED)
        for reference in (plain, labelled):
            server.engine.docker("tag", reference, f"{reference.partition('@')[0]}:v1")

        [wrong, right] = server.look(plain, labelled)

        assert (wrong.status, wrong.code) == (Status.FAIL, "not-held")
        assert "(unlabelled tag, no container)" in wrong.message
        assert right.status is Status.PASS
        assert right.message.endswith("with a tag and the label coolify.managed=true")
        clean_up(server.engine)
        assert not has(server.engine, plain)
        assert has(server.engine, labelled)

    @pytest.mark.parametrize("by", ["tag", "digest"])
    def test_names_of_two_repositories_may_cost_one_its_name(self, server: Server, by: str) -> None:
        """The container keeps the image, yet not under the name it is asked for by; the hint mends that."""
        reference = server.pull()
        server.hold(reference)
        server.name_twice(reference, by)

        [wrong] = server.look(reference)

        assert (wrong.status, wrong.code) == (Status.FAIL, "loses-name")
        free = re.match(r"docker (rmi \S+) \(", wrong.hint)
        assert free
        server.engine.docker(*shlex.split(free[1]))
        [right] = server.look(reference)
        assert right.status is Status.PASS
        clean_up(server.engine)
        assert has(server.engine, reference)

    def test_a_name_goes_with_its_last_tag_although_a_container_holds_the_image(self, server: Server) -> None:
        """As foretold; with the settings that say that the clean-up is off it is a warning."""
        reference = server.pull()
        server.hold(reference)
        server.name_twice(reference, "tag")

        [off] = server.look(reference, settings=Settings(nightly=False))
        assert (off.status, off.code) == (Status.WARN, "clean-up-off")
        assert off.message.endswith("Coolify's clean-up could remove this name if it were on")

        server.engine.docker("rmi", f"{reference.partition('@')[0]}:1")
        assert not has(server.engine, reference)

    def test_a_holder_that_the_clean_up_removes_first_holds_nothing(self, server: Server) -> None:
        """Stopped containers that Coolify manages go before the images do, those of applications among them."""
        bare, typed = server.pull(), server.pull()
        server.hold(bare, "--label", MANAGED)
        server.hold(typed, "--label", MANAGED, "--label", "coolify.type=application")

        found = server.look(bare, typed)

        assert [each.status for each in found] == [Status.FAIL, Status.FAIL]
        clean_up(server.engine)
        assert not has(server.engine, bare)
        assert not has(server.engine, typed)

    def test_a_running_sandbox_holds_its_image_for_now(self, server: Server) -> None:
        """A sandbox may end before midnight: that is a warning."""
        name = f"{server.registry.host}/cleanup/{uuid.uuid4().hex}:1"
        busybox.import_image(name, server.engine.environ)
        server.engine.docker("push", "--quiet", name)
        shown = server.engine.docker("image", "inspect", "--format", '{{join .RepoDigests " "}}', name).stdout.split()
        reference = next(each for each in shown if each.startswith(name[:-2]))
        sandbox = f"sandbox-{uuid.uuid4().hex[:8]}"
        server.engine.docker("run", "--detach", "--rm", "--network=host", "--name", sandbox, reference)

        [fragile] = server.look(reference)

        assert (fragile.status, fragile.code) == (Status.WARN, "held-briefly")
        assert fragile.evidence["containers"] == {sandbox: "running"}
        server.engine.docker(*command_in(fragile))
        [right] = server.look(reference)
        assert right.status is Status.PASS

    def test_an_image_under_another_name_has_to_be_pulled_again(self, server: Server) -> None:
        """The same digest pulled from a mirror is not what the user of the pin asks for."""
        reference = server.push()
        mirrored = reference.replace("127.0.0.1", "localhost")
        server.engine.docker("pull", "--quiet", mirrored)

        [wrong] = server.look(reference)

        assert (wrong.status, wrong.code) == (Status.FAIL, "other-name")
        assert wrong.evidence == {"names": [mirrored]}
        server.engine.docker(*command_in(wrong))
        [now] = server.look(reference)
        assert now.code == "not-held"

    def test_an_image_that_two_pins_name_is_judged_once(self, server: Server) -> None:
        """One image, one line."""
        reference = server.pull()

        assert len(server.look(reference, reference)) == 1

    def test_the_clean_up_may_be_switched_off(self, server: Server) -> None:
        """Then what it would delete is a warning."""
        [fragile] = server.look(server.pull(), settings=Settings(nightly=False))

        assert (fragile.status, fragile.code) == (Status.WARN, "clean-up-off")

    def test_the_whole_tool_says_so(self, server: Server, preflight_cli: PreflightCli) -> None:
        """From the command line, with the real doors."""
        (server.folder / "pin.env").write_text(f"IMAGE={server.pull()}\n")
        (server.folder / "compose.yaml").write_text("services: {app: {image: x, env_file: [pin.env]}}\n")
        (server.folder / "preflight.yaml").write_text("coolify: {root: coolify}\n")

        words = ("run", "--only", "coolify-image-cleanup", "--stage")
        before, after = (
            preflight_cli(*words, stage, cwd=server.folder, env=server.engine.environ) for stage in ("before", "after")
        )

        # The one check that was left over warns, and nothing passed: that is no clearance.
        assert (before.returncode, after.returncode) == (3, 1)
        for done in (before, after):
            assert "coolify-image-cleanup/not-held" in done.stdout


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


class Client:
    """An SDK's client; says how the engine keeps its images."""

    def __init__(self, status: Any) -> None:
        self.status = status

    def info(self) -> Any:
        """`GET /info`."""
        return {"DriverStatus": self.status}


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (None, StoreKind.CLASSIC),
        ([["Backing Filesystem", "extfs"], ["Supports d_type", "true"]], StoreKind.CLASSIC),
        ([["driver-type", "io.containerd.snapshotter.v1"]], StoreKind.CONTAINERD),
    ],
)
def test_the_store_is_told_from_the_drivers_status(status: Any, kind: StoreKind) -> None:
    """The same driver, overlay2 or overlayfs, may stand for either; only the status tells."""
    assert store_kind(cast("Any", Client(status))) is kind
