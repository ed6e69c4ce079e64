"""The real things are real: each fixture brings what it promises."""

import http.client
import json
import subprocess
import urllib.request
from contextlib import closing
from pathlib import Path

import pytest
from provision.sample import PIN_FILE, VARIABLE, Sample

from tests.real.compose import COMPOSE_VERSIONS, compose_binary
from tests.real.engine import RealEngine
from tests.real.git import GitRepository
from tests.real.registry import RealRegistry

MANIFEST = "application/vnd.oci.image.manifest.v1+json"


@pytest.mark.compose
@pytest.mark.parametrize("version", COMPOSE_VERSIONS)
def test_a_compose_binary_is_the_version_asked_for(version: str) -> None:
    """Each binary says the version it was fetched for."""
    binary = compose_binary(version)
    said = subprocess.run([binary, "version", "--short"], capture_output=True, text=True, check=True, timeout=60)
    assert said.stdout.strip().removeprefix("v") == version
    assert binary.name == "docker-compose"
    assert [path.name for path in binary.parent.iterdir()] == ["docker-compose"]


@pytest.mark.engine
def test_the_engine_runs_a_stack_that_can_be_looked_into(engine: RealEngine, tmp_path: Path) -> None:
    """A service deployed with Compose carries its env file, and exec shows it."""
    (tmp_path / "pin.env").write_text("PIN=yes\n")
    (tmp_path / "compose.yaml").write_text(
        f"services: {{app: {{image: {engine.image}, network_mode: host, env_file: [{{path: pin.env}}]}}}}\n"
    )
    engine.compose("-p", "provision-test", "up", "-d", cwd=tmp_path)
    try:
        assert "PIN=yes" in engine.docker("exec", "provision-test-app-1", "env").stdout.splitlines()
    finally:
        engine.compose("-p", "provision-test", "down", "--timeout", "0", cwd=tmp_path)


@pytest.mark.engine
def test_one_image_has_no_env_program(engine: RealEngine) -> None:
    """The bare image runs, but nobody can call ``env`` in it."""
    name = "provision-test-bare"
    engine.docker("run", "--detach", "--network=host", "--name", name, engine.image_without_env)
    try:
        assert engine.docker("exec", name, "env", check=False).returncode != 0
    finally:
        engine.docker("rm", "--force", name)


@pytest.mark.registry
def test_the_registry_answers_for_what_was_pushed(registry: RealRegistry) -> None:
    """Tags name the digest; equal content is the same image; a deleted digest takes its tags along."""
    digest = registry.push_image("provision/test", "1.4.0", "1.4.1")
    assert registry.push_image("provision/test", "1.4.0") == digest
    other = registry.push_image("provision/test", "1.5.0", content="other")
    assert other != digest
    registry.tag("provision/test", other, "1.5.1")
    registry.delete("provision/test", digest)
    with urllib.request.urlopen(f"http://{registry.host}/v2/provision/test/tags/list", timeout=10) as answer:
        assert sorted(json.load(answer)["tags"]) == ["1.5.0", "1.5.1"]


@pytest.mark.registry
def test_the_registry_takes_an_index(registry: RealRegistry) -> None:
    """An image for several platforms can be pushed."""
    children = {
        platform: registry.push_image("provision/index", content=platform, platform=platform)
        for platform in ("linux/amd64", "linux/arm64")
    }
    assert registry.push_index("provision/index", "2.0.0", children=children).startswith("sha256:")


def test_a_git_repository_is_ready_for_commits(git_repository: GitRepository) -> None:
    """Files can be committed and tagged on any machine, whatever its settings."""
    commit = git_repository.commit({"docker/pin.env": "A=1\n"}, "Pin A")
    git_repository.tag("v1.0.0")
    assert git_repository.git("rev-parse", "v1.0.0") == commit
    assert git_repository.git("status", "--porcelain") == ""


@pytest.mark.registry
def test_the_sample_is_a_sound_checkout(sample: Sample) -> None:
    """Its work tree is clean, its pin names the image of the newest release, and the registry has that image."""
    repository = GitRepository(sample.path)
    assert repository.git("status", "--porcelain") == ""
    assert repository.git("describe", "--tags", "--abbrev=0") == "v1.4.1"
    assert f"{VARIABLE}={sample.reference}" in (sample.path / PIN_FILE).read_text().splitlines()
    name, digest = sample.reference.removeprefix(f"{sample.registry}/").split("@")
    asked = http.client.HTTPConnection(sample.registry, timeout=10)
    with closing(asked):
        asked.request("HEAD", f"/v2/{name}/manifests/1.4.1", headers={"Accept": MANIFEST})
        assert asked.getresponse().getheader("Docker-Content-Digest") == digest


def test_the_sample_can_be_broken(sample: Sample) -> None:
    """The line that shadows the pin stands in the service's environment, where Compose reads it."""
    line = sample.shadow("ghcr.io/acme/agent:latest")
    asked = [str(compose_binary()), "-f", str(sample.compose_file), "config", "--format", "json"]
    said = subprocess.run(asked, capture_output=True, check=True, timeout=60)
    name, value = line.split(": ")
    assert json.loads(said.stdout)["services"]["application-server"]["environment"][name] == value
