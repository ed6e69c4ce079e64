"""Tests of checks/image_pullable.py: a real registry and engine, and a fake GHCR for what pushes refuse."""

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from provision.sample import Sample

import preflight
from checks.image_pullable import ImagePullable, Settings
from preflight.engine.door import Engine
from preflight.engine.image_store import StoredImage, engine_platform, local_image, stored_image
from preflight.errors import CouldNotLook
from preflight.lib.deadline import Deadline
from preflight.lib.platforms import Platform, normal_platform, substitutes, this_machine
from preflight.model import Finding, Location, Status
from preflight.project import Pin
from preflight.registry.door import Registry
from preflight.registry.manifests import ManifestProblem, read_index
from preflight.registry.values import Manifest
from preflight.testing import fake_context, run_check
from tests.fakes.ghcr import INDEX, MANIFEST, FakeGhcr, Stored
from tests.fakes.http_server import Script, answering, huge_chunked
from tests.limits import cpu_at_most
from tests.real.cli import PreflightCli
from tests.real.engine import RealEngine
from tests.real.registry import RealRegistry

NAME = "AGENT_IMAGE"
REPOSITORY = "owner/pullable"
AMD64 = Platform("linux", "amd64")
GONE = CouldNotLook("the engine is away", "Start it.")


@dataclass
class FakeEngine:
    """An engine that says what it is told."""

    host: Platform | CouldNotLook = AMD64
    stored: StoredImage | CouldNotLook | None = None

    def platform(self, _deadline: Deadline) -> Platform:
        """Return or raise it."""
        if isinstance(self.host, CouldNotLook):
            raise self.host
        return self.host

    def image(self, _digest: str, _deadline: Deadline) -> StoredImage | None:
        """Return or raise it."""
        if isinstance(self.stored, CouldNotLook):
            raise self.stored
        return self.stored


@dataclass
class Stage:
    """A host with a pin."""

    folder: Path
    host: str
    repository: str = REPOSITORY
    engine: Any = field(default_factory=FakeEngine)

    def look(self, digest: str, *, deep: bool = False) -> list[Finding]:
        """Run the check on that digest, pinned twice; every finding can be shown."""
        pin = self.folder / "pin.env"
        pin.write_text(f"{NAME}={self.host}/{self.repository}@{digest}\n")
        environ = {"DOCKER_CONFIG": str(self.folder / "none")}
        ctx = fake_context(
            self.folder,
            pins=(Pin(NAME, "app", pin), Pin(NAME, "worker", pin)),
            registry=Registry(environ, frozenset({self.host})),
            engine=self.engine,
            seconds=20,
        )
        found = run_check(ImagePullable(Settings(deep=deep)), ctx)
        for finding in found:
            assert finding.location == Location("pin.env", 1)
            assert finding.hint or finding.status is Status.PASS
            assert "\n" not in finding.message + finding.hint
        return found

    def verdict(self, digest: str, *, deep: bool = False) -> Finding:
        """Return the only finding."""
        [finding] = self.look(digest, deep=deep)
        return finding


@pytest.fixture
def stage(registry: RealRegistry, tmp_path: Path) -> Stage:
    """A repository of the test's own in a real registry."""
    return Stage(tmp_path, registry.host, "pullable/" + tmp_path.name.lower().replace("_", "-").strip("-"))


@pytest.fixture
def ghcr() -> Iterator[FakeGhcr]:
    """A fake GHCR."""
    with FakeGhcr() as fake:
        yield fake


@pytest.fixture
def odd(ghcr: FakeGhcr, tmp_path: Path) -> Stage:
    """A host whose registry is the fake."""
    return Stage(tmp_path, ghcr.host)


def push(ghcr: FakeGhcr, document: object, media_type: str = INDEX) -> str:
    """Store a document, or bytes as they are, and return the digest."""
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    stored = Stored(media_type, body)
    ghcr.repositories.setdefault(REPOSITORY, [])
    ghcr.manifests[REPOSITORY, stored.digest] = stored
    return stored.digest


def child(digest: str, platform: object = None, **more: object) -> dict[str, object]:
    """Return an entry of an index."""
    where = {"os": "linux", "architecture": "amd64"} if platform is None else platform
    return {"mediaType": MANIFEST, "digest": digest, "size": 9, "platform": where, **more}


def index(*children: object) -> dict[str, object]:
    """Return an index."""
    return {"schemaVersion": 2, "mediaType": INDEX, "manifests": list(children)}


@pytest.mark.registry
def test_an_index_passes_until_one_child_is_deleted(stage: Stage, registry: RealRegistry) -> None:
    """The tag still stands over what is left; the missing image is named with its platform."""
    amd = registry.push_image(stage.repository, content="a")
    arm = registry.push_image(stage.repository, content="b", platform="linux/arm64")
    digest = registry.push_index(stage.repository, "1.0.0", children={"linux/amd64": amd, "linux/arm64": arm})

    good = stage.verdict(digest)
    registry.delete(stage.repository, arm)
    bad = stage.verdict(digest)

    assert good.status is Status.PASS
    assert good.message.startswith("would pull: 2 platforms there, linux/amd64; not on this host yet: ")
    assert bad.status is Status.FAIL
    assert f"1 of 2 platforms gone: linux/arm64 {arm[:19]}…" in bad.message
    assert "clean-up" in bad.hint
    children = bad.evidence["children"]
    assert isinstance(children, list)
    assert [isinstance(each, dict) and each["answers"] for each in children] == [True, False]


@pytest.mark.registry
def test_the_hosts_own_platform_is_missed_when_it_is_gone(stage: Stage, registry: RealRegistry) -> None:
    """It is said that this very host cannot pull."""
    amd = registry.push_image(stage.repository, content="a")
    digest = registry.push_index(stage.repository, children={"linux/amd64": amd})
    assert stage.verdict(digest).status is Status.PASS
    registry.delete(stage.repository, amd)

    assert "this host's among them" in stage.verdict(digest).message


@pytest.mark.registry
def test_an_index_for_other_hosts_only_fails(stage: Stage, registry: RealRegistry) -> None:
    """What it is for is named; a 32-bit substitute only warns."""
    arm = registry.push_image(stage.repository, platform="linux/arm64")
    digest = registry.push_index(stage.repository, children={"linux/arm64": arm})
    found = stage.verdict(digest)
    assert found.status is Status.FAIL
    assert found.message.endswith("is not for this host (linux/amd64), only for linux/arm64")
    stage.engine.host = Platform("linux", "arm64")
    assert stage.verdict(digest).status is Status.PASS

    old = registry.push_index(stage.repository, children={"linux/386": arm})
    stage.engine.host = AMD64
    good, substitute = stage.look(old)
    assert (good.status, substitute.status) == (Status.PASS, Status.WARN)
    assert "would take linux/386 in its place" in substitute.message


@pytest.mark.registry
def test_a_single_image_is_for_this_platform_or_fails(stage: Stage, registry: RealRegistry) -> None:
    """Its configuration tells, with `deep` or without; layers are asked for with it only."""
    mine = registry.push_image(stage.repository, content="a")
    other = registry.push_image(stage.repository, content="b", platform="linux/arm64")

    assert "a single image answers for linux/amd64; not on this host yet: " in stage.verdict(mine).message
    deep = stage.verdict(mine, deep=True)
    assert "a single image answers for linux/amd64, with 1 layer; not on this host yet: " in deep.message
    for is_deep in (False, True):
        foreign = stage.verdict(other, deep=is_deep)
        assert foreign.status is Status.FAIL
        assert foreign.message.endswith("was built for linux/arm64, this host is linux/amd64")


@pytest.mark.registry
def test_a_digest_that_is_gone_fails(stage: Stage, registry: RealRegistry) -> None:
    """First it answers; then it was deleted."""
    digest = registry.push_image(stage.repository)
    assert stage.verdict(digest).status is Status.PASS
    registry.delete(stage.repository, digest)
    stage.engine.stored = StoredImage(("app:1",), ())

    found = stage.verdict(digest)
    assert found.status is Status.FAIL
    assert found.message.endswith("; on this host already as app:1")


@pytest.mark.registry
def test_an_engine_that_is_away_is_no_error(stage: Stage, registry: RealRegistry) -> None:
    """The machine's own platform stands in."""
    stage.engine = FakeEngine(GONE, GONE)
    found = stage.verdict(registry.push_image(stage.repository))

    assert found.status is Status.PASS
    assert "; whether this host has it already was not looked at: " in found.message
    assert found.evidence["host_platform_from"] == "the machine"


@pytest.mark.registry
@pytest.mark.engine
def test_a_real_engine_says_what_it_has(stage: Stage, registry: RealRegistry, engine: RealEngine) -> None:
    """Before the push it has no image of that digest, afterwards it has, under the name it was given."""
    name = f"{registry.host}/{stage.repository}:1"
    ours = registry.push_image(stage.repository)
    stage.engine = Engine(engine.environ)
    assert "not on this host yet" in stage.verdict(ours).message

    engine.docker("tag", engine.image, name)
    try:
        engine.docker("push", name)
        pushed = Registry({}, frozenset({registry.host})).head_manifest(_tagged(stage, "1"), Deadline.after(20))
        stage.engine = Engine(engine.environ)
        found = stage.verdict(pushed.digest, deep=True)
    finally:
        engine.docker("rmi", name, check=False)
    assert found.status is Status.PASS
    names = found.evidence["on_this_host_as"]
    assert isinstance(names, list)
    assert name in names
    assert found.evidence["host_platform_from"] == "the engine"


def _tagged(stage: Stage, tag: str) -> Any:
    from preflight.lib.reference import ImageReference

    return ImageReference(stage.host, stage.repository, tag)


def test_attestations_only_warn_when_they_are_gone(odd: Stage, ghcr: FakeGhcr) -> None:
    """They are no platform of their own."""
    image = push(ghcr, {"a": 1}, MANIFEST)
    note = push(ghcr, {"b": 1}, MANIFEST)
    unknown = {"os": "unknown", "architecture": "unknown"}
    digest = push(ghcr, index(child(image), child(note, unknown)))
    assert "1 platform there" in odd.verdict(digest).message
    assert {request.method for request in ghcr.asked(image) if request.authorization} == {"HEAD"}
    del ghcr.manifests[REPOSITORY, note]

    good, warned = odd.look(digest)
    assert (good.status, warned.status) == (Status.PASS, Status.WARN)
    assert "1 of 1 attestation gone" in warned.message


def test_attestations_only_warn_when_they_cannot_be_asked_for(odd: Stage, ghcr: FakeGhcr) -> None:
    """The platforms were seen, and nobody runs an attestation."""
    image = push(ghcr, {"a": 1}, MANIFEST)
    note = push(ghcr, {"b": 1}, MANIFEST)
    digest = push(ghcr, index(child(image), child(note, {"os": "unknown", "architecture": "unknown"})))
    assert odd.verdict(digest).status is Status.PASS
    ghcr.always(f"/manifests/{note}", answering(418, b"{}"))

    good, warned = odd.look(digest)
    assert (good.status, warned.status, warned.code) == (Status.PASS, Status.WARN, "attestation-unseen")
    assert "1 of 1 attestation not seen" in warned.message


def test_a_missing_layer_or_config_fails_when_deep(odd: Stage, ghcr: FakeGhcr) -> None:
    """All are asked side by side; what is lost is named."""
    config, layer = f"sha256:{'c' * 64}", f"sha256:{'d' * 64}"
    image = {"schemaVersion": 2, "config": {"digest": config}, "layers": [{"digest": layer}]}
    digest = push(ghcr, image, MANIFEST)
    ghcr.always("/blobs/", answering(404))

    found = odd.verdict(digest, deep=True)
    assert found.status is Status.FAIL
    assert f"config {config[:19]}…, layer {layer[:19]}…" in found.message
    found = odd.verdict(digest)
    assert found.status is Status.FAIL
    assert f"parts of it are gone: config {config[:19]}…" in found.message


def test_a_single_image_costs_one_small_request_more(odd: Stage, ghcr: FakeGhcr) -> None:
    """For its configuration; of its layers nothing is asked."""
    digest, config, layer = sound(ghcr)

    assert odd.verdict(digest).status is Status.PASS
    assert ghcr.asked(f"/blobs/{config}")
    assert not ghcr.asked(f"/blobs/{layer}")


def test_a_login_that_is_out_of_date_fails(odd: Stage, ghcr: FakeGhcr) -> None:
    """The image is public, but Docker sends the login and is refused; the remedy is one command."""
    digest = sound(ghcr)[0]
    ghcr.challenge = None
    login = {"auths": {ghcr.host: {"username": "me", "password": "hunter2"}}}
    (odd.folder / "none").mkdir()
    (odd.folder / "none/config.json").write_text(json.dumps(login))

    found = odd.verdict(digest)

    assert found.status is Status.FAIL
    assert f"refuses the login in Docker's config.json, auths entry for {ghcr.host}, so a pull fails" in found.message
    assert found.hint.endswith(f"docker logout {ghcr.host}")
    assert "hunter2" not in found.message + found.hint + str(found.evidence)


def blob(ghcr: FakeGhcr, body: bytes) -> str:
    """Let the fake serve a blob, and return its digest."""
    digest = f"sha256:{hashlib.sha256(body).hexdigest()}"
    ghcr.always(f"/blobs/{digest}", answering(200, body))
    return digest


def sound(ghcr: FakeGhcr, config: bytes = b'{"os": "linux", "architecture": "amd64"}') -> tuple[str, str, str]:
    """Store a whole image; return the digests of its manifest, configuration and layer."""
    ghcr.challenge = ""
    parts = blob(ghcr, config), blob(ghcr, b"a layer")
    document = {"schemaVersion": 2, "config": {"digest": parts[0]}, "layers": [{"digest": parts[1]}]}
    return push(ghcr, document, MANIFEST), *parts


@pytest.mark.parametrize(
    ("part", "script", "verdict"),
    [
        (0, answering(403), (Status.ERROR, "missing or not readable with these credentials")),
        (1, answering(403), (Status.ERROR, "not all of its parts could be asked for: ")),
        (2, answering(403), (Status.ERROR, "not all of its parts could be asked for: ")),
        (2, answering(404), (Status.FAIL, "parts of it are gone: layer sha256:")),
        (1, answering(200, b"other bytes"), (Status.FAIL, "with other bytes")),
    ],
)
def test_each_part_of_an_image_counts_when_deep(
    odd: Stage, ghcr: FakeGhcr, part: int, script: Script, verdict: tuple[Status, str]
) -> None:
    """The whole image passes; then one part is refused, gone or changed."""
    digests = sound(ghcr)
    assert odd.verdict(digests[0], deep=True).status is Status.PASS
    ghcr.scripts.insert(0, (f"*{digests[part]}", script))

    found = odd.verdict(digests[0], deep=True)

    assert found.status is verdict[0]
    assert verdict[1] in found.message


@pytest.mark.parametrize(
    ("config", "words"),
    [
        (b"\xff", "has a configuration that is not valid JSON"),
        (b"[" * 100_000, "has a configuration that is not valid JSON"),
        (b"[]", "has a configuration that is no JSON object"),
        (b"{}", "does not say what its configuration runs on"),
        (b'{"os": 1, "architecture": []}', "does not say what its configuration runs on"),
    ],
)
def test_a_configuration_that_makes_no_sense_fails(odd: Stage, ghcr: FakeGhcr, config: bytes, words: str) -> None:
    """No engine could use it; with a sound one the image passes."""
    assert odd.verdict(sound(ghcr)[0], deep=True).status is Status.PASS

    found = odd.verdict(sound(ghcr, config)[0], deep=True)

    assert found.status is Status.FAIL
    assert words in found.message


def test_a_lost_layer_is_named_even_if_the_configuration_cannot_be_read(odd: Stage, ghcr: FakeGhcr) -> None:
    """One trouble does not hide the other."""
    digest, _, layer = sound(ghcr, b"{}")
    ghcr.scripts.insert(0, (f"*{layer}", answering(404)))

    found = odd.look(digest, deep=True)

    assert [each.status for each in found] == [Status.FAIL, Status.FAIL]
    assert f"parts of it are gone: layer {layer[:19]}…" in found[1].message


def test_deep_goes_no_deeper_than_this_host_would_pull(odd: Stage, ghcr: FakeGhcr) -> None:
    """An index for others only fails for that alone, and none of its parts is asked for."""
    image, *_ = sound(ghcr)
    assert odd.verdict(push(ghcr, index(child(image))), deep=True).status is Status.PASS
    before = len(ghcr.asked("/blobs/"))

    found = odd.verdict(push(ghcr, index(child(image, {"os": "linux", "architecture": "s390x"}))), deep=True)

    assert (found.status, "is not for this host (linux/amd64)" in found.message) == (Status.FAIL, True)
    assert len(ghcr.asked("/blobs/")) == before


def test_an_image_that_answers_but_is_not_handed_out_is_an_error(odd: Stage, ghcr: FakeGhcr) -> None:
    """A HEAD says that it is there; when its parts are to be read, the registry refuses."""
    image, *_ = sound(ghcr)
    assert odd.verdict(image, deep=True).status is Status.PASS
    ghcr.always(image, lambda handler: handler.command == "GET" and answering(403)(handler))

    found = odd.verdict(image, deep=True)

    assert found.status is Status.ERROR
    assert "not all of its parts could be asked for" in found.message


def test_a_configuration_without_end_is_an_error(odd: Stage, ghcr: FakeGhcr) -> None:
    """More than 4 MiB are not read, and what it was built for is then not known."""
    found = odd.verdict(sound(ghcr, b" " * (5 << 20))[0], deep=True)

    assert (found.status, "more than 4 MiB" in found.message) == (Status.ERROR, True)


@pytest.mark.parametrize(
    ("document", "status", "words"),
    [
        (b"{", Status.FAIL, "not valid JSON"),
        ({"layers": []}, Status.FAIL, "an entry in config without a valid digest"),
        ({"config": {"digest": f"sha256:{'a' * 64}"}}, Status.FAIL, "has no list of layers"),
        ({"config": {"digest": f"sha256:{'a' * 64}"}, "layers": [{}]}, Status.FAIL, "in layers without a valid digest"),
        ({"manifests": []}, Status.FAIL, "index and image at once"),
        (
            {
                "config": {"digest": f"sha256:{'a' * 64}"},
                "layers": [{"digest": f"sha256:{number:064x}"} for number in range(501)],
            },
            Status.ERROR,
            "has 501 layers, more than the 500 that are looked at",
        ),
    ],
)
def test_an_image_that_makes_no_sense(odd: Stage, ghcr: FakeGhcr, document: object, status: Status, words: str) -> None:
    """One clear line each, when its parts are asked for."""
    found = odd.verdict(push(ghcr, document, MANIFEST), deep=True)

    assert found.status is status
    assert words in found.message


def test_other_bytes_for_the_index_or_a_child_fail(odd: Stage, ghcr: FakeGhcr) -> None:
    """First all answers are right; then one bears another digest."""
    ghcr.challenge = ""
    image = push(ghcr, {"a": 1}, MANIFEST)
    digest = push(ghcr, index(child(image)))
    assert odd.verdict(digest).status is Status.PASS
    wrong = {"Content_Type": MANIFEST, "Docker_Content_Digest": f"sha256:{'9' * 64}"}
    ghcr.always(image, answering(200, b"{}", **wrong))

    found = odd.verdict(digest)
    assert found.status is Status.FAIL
    assert f"answers with other bytes for linux/amd64 {image[:19]}…" in found.message

    ghcr.always(digest, answering(200, b"{}", **{**wrong, "Content_Type": INDEX}))
    found = odd.verdict(digest)
    assert found.status is Status.FAIL
    assert found.message.endswith("with other bytes")
    assert found.hint.startswith("Do not deploy")


def test_a_tag_or_another_type_in_the_place_of_an_image(odd: Stage, ghcr: FakeGhcr) -> None:
    """What the pin names must be a digest, and what answers an image."""
    digest = sound(ghcr)[0]
    assert odd.verdict(digest).status is Status.PASS
    ghcr.challenge = ""
    other = {"Content_Type": "application/vnd.oci.empty.v1+json", "Docker_Content_Digest": digest}
    ghcr.always(digest, answering(200, b"{}", **other))
    found = odd.verdict(digest)
    assert found.status is Status.ERROR
    assert "application/vnd.oci.empty.v1+json, which is no manifest that can be pulled" in found.message

    odd.folder.joinpath("pin.env").write_text(f"{NAME}={odd.host}/{REPOSITORY}:1.0.0\n")
    pin = Pin(NAME, "app", odd.folder / "pin.env")
    ctx = fake_context(odd.folder, pins=(pin,), engine=odd.engine, seconds=5)
    [found] = run_check(ImagePullable(Settings()), ctx)
    assert found.status is Status.ERROR
    assert found.message == f"{NAME} has no digest to ask for"


@pytest.mark.parametrize(
    ("document", "words"),
    [
        (b"\xff\xfe", "not valid JSON"),
        (b"[" * 100_000, "not valid JSON"),
        (b"[]", "no JSON object"),
        ({"schemaVersion": 2}, "has no list of manifests"),
        (index(), "lists no image"),
        (index(7), "without a valid digest"),
        (index({"digest": "sha256:../.."}), "without a valid digest"),
        (index(child("sha256:" + "a" * 64, [])), "does not say what"),
        ({**index(), "layers": []}, "index and image at once"),
        ({**index(), "mediaType": MANIFEST}, "of another type"),
    ],
)
def test_an_index_that_makes_no_sense_fails(odd: Stage, ghcr: FakeGhcr, document: object, words: str) -> None:
    """One clear line each."""
    found = odd.verdict(push(ghcr, document))

    assert found.status is Status.FAIL
    assert words in found.message


def test_what_is_not_looked_at_never_passes(odd: Stage, ghcr: FakeGhcr) -> None:
    """Too many children, too many bytes, an image that the registry will not answer for."""
    many = index(*(child(f"sha256:{number:064x}") for number in range(501)))
    assert odd.verdict(push(ghcr, many)).status is Status.ERROR
    huge = odd.verdict(push(ghcr, {**index(), "annotations": {"x": "y" * (10 << 20)}}))
    assert (huge.status, "more than 4 MiB" in huge.message) == (Status.ERROR, True)
    image = push(ghcr, {"a": 1}, MANIFEST)
    digest = push(ghcr, index(child(image)))
    assert odd.verdict(digest).status is Status.PASS
    ghcr.always(image, answering(403))
    refused = odd.verdict(digest)
    assert (refused.status, "1 of 1 platform not seen" in refused.message) == (Status.ERROR, True)


def test_odd_entries_are_told(odd: Stage, ghcr: FakeGhcr) -> None:
    """An index in the index, an unknown type, a platform unsaid."""
    image = push(ghcr, {"a": 1}, MANIFEST)
    inner = push(ghcr, index(child(image)))
    nested = odd.look(push(ghcr, index(child(image), child(inner, mediaType=INDEX))))
    assert [each.status for each in nested] == [Status.PASS, Status.WARN]
    only = odd.look(push(ghcr, index(child(inner, mediaType=INDEX))))
    assert [each.status for each in only] == [Status.WARN, Status.ERROR]
    unknown = odd.look(push(ghcr, index(child(image), child(inner, mediaType="application/x-thing"))))
    assert [each.status for each in unknown] == [Status.PASS, Status.WARN]
    assert "no engine runs: application/x-thing" in unknown[1].message
    unsaid = odd.look(push(ghcr, index({"digest": image})))
    assert [each.status for each in unsaid] == [Status.PASS, Status.WARN]


def test_an_index_cannot_list_itself() -> None:
    """No honest digest does; a registry's might."""
    digest = f"sha256:{'a' * 64}"
    with pytest.raises(ManifestProblem, match="lists itself"):
        read_index(Manifest(digest, INDEX, None, json.dumps(index(child(digest))).encode()))


def test_platforms_have_many_names() -> None:
    """All are brought into one form, and each has its substitutes."""
    assert normal_platform("Linux", "x86_64") == AMD64
    assert str(normal_platform("linux", "armv7l")) == "linux/arm/v7"
    assert normal_platform("linux", "aarch64") == normal_platform("linux", "arm64", "v8")
    assert substitutes(AMD64) == (Platform("linux", "386"),)
    assert substitutes(Platform("linux", "arm", "v7")) == (
        Platform("linux", "arm", "v6"),
        Platform("linux", "arm", "v5"),
    )
    assert substitutes(Platform("linux", "s390x")) == ()


@pytest.mark.registry
def test_the_whole_tool_names_a_child_that_was_deleted(
    registry: RealRegistry, sample: Sample, preflight_cli: PreflightCli
) -> None:
    """From a checkout to exit codes: the index still answers, one child is gone; `--deep` asks for layers as well."""
    repository = sample.reference.partition("/")[2].partition("@")[0]
    content = sample.path.parent.name
    amd = registry.push_image(repository, content=content)
    arm = registry.push_image(repository, content=content, platform="linux/arm64")
    digest = registry.push_index(repository, children={"linux/amd64": amd, "linux/arm64": arm})
    sample.pin_file.write_text(sample.pin_file.read_text().replace(sample.reference.partition("@")[2], digest))

    def run(*more: str) -> tuple[int, dict[str, Any]]:
        words = ["run", "--only", "image-pullable", "--registry-insecure", registry.host, "--format", "json", *more]
        done = preflight_cli(*words, cwd=sample.path, env={"DOCKER_HOST": "unix:///nowhere.sock"})
        assert "Traceback" not in done.stderr
        [check] = json.loads(done.stdout)["checks"]
        return done.returncode, check

    code, check = run()
    assert (code, check["status"]) == (0, "pass")
    assert "would pull: 2 platforms there, linux/" in check["findings"][0]["message"]
    assert "with config and 1 layer" in run("--deep")[1]["findings"][0]["message"]

    registry.delete(repository, arm)
    code, check = run()
    assert (code, check["status"]) == (1, "fail")
    assert f"1 of 2 platforms gone: linux/arm64 {arm[:19]}…" in check["findings"][0]["message"]
    assert "clean-up that deletes untagged versions" in check["findings"][0]["hint"]


WATCHED = """\
import os, runpy
end = os._exit
def tell(code):
    lines = open("/proc/self/status").read().splitlines()
    open("peak", "w").write(next(line.split()[1] for line in lines if line.startswith("VmHWM:")))
    end(code)
os._exit = tell
runpy.run_module("preflight", run_name="__main__")
"""
"""Runs the tool and leaves its highest memory in a file; what `wait4` tells counts the process that forked, too."""


def run_watched(ghcr: FakeGhcr, folder: Path, digest: str) -> tuple[int, dict[str, Any], float]:
    """Run the whole tool on a pin; return its exit code, the check's result, and its highest memory in MiB."""
    (folder / "pin.env").write_text(f"{NAME}={ghcr.host}/{REPOSITORY}@{digest}\n")
    (folder / "compose.yaml").write_text("services: {app: {image: x, env_file: [{path: pin.env, required: false}]}}\n")
    words = ["run", "--only", "image-pullable", "--deep", "--registry-insecure", ghcr.host, "--format", "json"]
    source = str(Path(preflight.__file__).resolve().parents[1])
    environ = {"PATH": os.defpath, "HOME": str(folder), "PYTHONPATH": source, "DOCKER_HOST": "unix:///nowhere.sock"}
    argv = [sys.executable, "-c", WATCHED, *words]
    done = subprocess.run(argv, cwd=folder, env=environ, capture_output=True, text=True, timeout=60, check=False)
    assert "Traceback" not in done.stderr
    [check] = json.loads(done.stdout)["checks"]
    return done.returncode, check, int((folder / "peak").read_text()) / 1024


@pytest.mark.parametrize(
    ("hostile", "status", "words"),
    [
        (json.dumps({**index(), "annotations": {"x": "y" * (10 << 20)}}).encode(), "error", "more than 4 MiB"),
        (b'{"annotations": {"x": "' + b"y" * (4_000_000) + b'"}}', "fail", "has no list of manifests"),
        (b'{"manifests": ' + b"[" * 4_000_000, "fail", "not valid JSON"),
        (b'{"a":' * 800_000, "fail", "not valid JSON"),
        (b'{"manifests": [' + b"0," * 2_000_000 + b"0]}", "error", "lists 2000001 manifests"),
        (b'{"manifests": ["\xff\xfe\x80"]}', "fail", "not valid JSON"),
        (json.dumps(index({"digest": "sha256:../../etc", "mediaType": "\x1b[31m"})).encode(), "fail", "a valid digest"),
    ],
    ids=["10 MB", "4 MB", "lists in lists", "objects in objects", "numbers", "bytes", "path"],
)
def test_hostile_manifests_cost_little(ghcr: FakeGhcr, tmp_path: Path, hostile: bytes, status: str, words: str) -> None:
    """The whole tool says one line, in bounded time and memory; with a sound index in their place it passes."""
    here = normal_here()
    image, _, _ = sound(ghcr, json.dumps(here).encode())
    code, check, _ = run_watched(ghcr, tmp_path, push(ghcr, index(child(image, here))))
    assert (code, check["status"]) == (0, "pass"), check

    with cpu_at_most(15, children=True):
        code, check, peak_mib = run_watched(ghcr, tmp_path, push(ghcr, hostile))

    assert (code, check["status"]) == ({"fail": 1, "error": 3}[status], status)
    [finding] = check["findings"]
    assert words in finding["message"]
    assert "\n" not in finding["message"]
    assert "\x1b" not in finding["message"]
    assert peak_mib < 200


def test_an_endless_manifest_costs_little(ghcr: FakeGhcr, tmp_path: Path) -> None:
    """A registry that sends without end, and does not say how much, is cut off."""
    digest = push(ghcr, index(child(sound(ghcr)[0])))
    ghcr.always("/manifests/", huge_chunked)

    code, check, peak_mib = run_watched(ghcr, tmp_path, digest)

    assert (code, check["status"]) == (3, "error")
    assert peak_mib < 120, peak_mib


def normal_here() -> dict[str, str]:
    """Return this machine's platform as an index has it."""
    here = this_machine()
    return {"os": here.os, "architecture": here.architecture, "variant": here.variant}


class Client:
    """An SDK's client on a Raspberry Pi with a 32-bit engine."""

    def images(self) -> Any:
        """One image of no name."""
        return [{"Id": "x", "RepoDigests": ["<none>@sha256:1"], "RepoTags": ["<none>:<none>"]}, {"RepoDigests": None}]

    def info(self) -> Any:
        """A kernel of 64 bits."""
        return {"Architecture": "aarch64"}

    def version(self) -> Any:
        """An engine of 32."""
        return {"Os": "linux", "Arch": "arm"}


def test_an_engine_on_arm() -> None:
    """The kernel tells the variant; an image without name is there all the same."""
    assert engine_platform(Client()) == Platform("linux", "arm", "v8")
    images = [local_image(each) for each in Client().images()]
    assert stored_image(images, "sha256:1") == StoredImage((), ())
    assert stored_image(images, "sha256:2") is None
