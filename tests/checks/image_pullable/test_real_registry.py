"""checks/image_pullable.py against a real registry."""

import json
from typing import Any

import pytest
from provision.sample import Sample

from preflight.engine.door import Engine
from preflight.engine.image_store import StoredImage
from preflight.lib.deadline import Deadline
from preflight.lib.platforms import Platform
from preflight.model import Status
from preflight.registry.door import Registry
from tests.checks.image_pullable.stage import AMD64, GONE, FakeEngine, Stage
from tests.real.cli import PreflightCli
from tests.real.engine import RealEngine
from tests.real.registry import RealRegistry


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
