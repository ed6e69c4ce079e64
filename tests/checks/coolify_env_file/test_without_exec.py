"""checks/coolify_env_file.py behind a proxy that refuses exec, as docker/coolify/compose.preflight-proxy.yaml does."""

import json
import os
import uuid
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from checks.coolify_env_file import CoolifyEnvFile
from preflight.check import NoSettings
from preflight.compose.ask.door import Compose
from preflight.context import Context, Options
from preflight.coolify.door import Coolify
from preflight.coolify.settings import CoolifySettings
from preflight.engine.door import Engine
from preflight.git.door import Git
from preflight.model import Finding, Stage, Status, Subject
from preflight.project import ComposeProject, Pin
from preflight.testing import fake_context, run_check
from tests.real.engine import RealEngine
from tests.real.socket_proxy import socket_proxy

pytestmark = pytest.mark.engine

SERVICE, VARIABLE = "app", "APP_IMAGE"
SWITCHES = {"CONTAINERS": "1", "IMAGES": "1", "INFO": "1", "PING": "1", "VERSION": "1", "POST": "0"}
PINNED, FOREIGN = (f"ghcr.io/example/app@sha256:{digit * 64}" for digit in "12")


@pytest.fixture
def proxied(engine: RealEngine, tmp_path: Path) -> Iterator[Context]:
    """A service that carries the pin, seen through the proxy."""
    pin, file = tmp_path / "app-image-pin.env", tmp_path / "compose.yaml"
    pin.write_text(f"{VARIABLE}={PINNED}\n")
    service = {"image": engine.image, "network_mode": "host", "stop_grace_period": "0s", "env_file": [pin.name]}
    file.write_text(json.dumps({"name": f"exec-{uuid.uuid4().hex[:8]}", "services": {SERVICE: service}}))
    engine.compose("-f", str(file), "up", "-d", cwd=tmp_path)
    project = ComposeProject(tmp_path, (file,))
    with socket_proxy(engine.socket, SWITCHES) as proxy:
        door = Engine({"DOCKER_HOST": proxy.host})
        yield fake_context(
            tmp_path,
            pins=[Pin(VARIABLE, SERVICE, pin)],
            project=project,
            compose=Compose(project, {}),
            engine=door,
            git=Git(tmp_path, os.environ),
            coolify=Coolify(CoolifySettings(root=tmp_path / "coolify"), {}, door, (pin, file)),
        )
        assert any(each.endswith("/exec") for each in proxy.refused)
    engine.compose("-f", str(file), "down", cwd=tmp_path)


def judged(context: Context, stage: Stage) -> Finding:
    """What the check says at a stage."""
    [finding] = run_check(CoolifyEnvFile(NoSettings()), replace(context, options=Options(stage=stage)))
    return finding


def test_before_a_rollout_what_the_container_was_made_with_counts(proxied: Context) -> None:
    """And the pass says that nobody looked inside."""
    found = judged(proxied, Stage.BEFORE)

    assert found.status is Status.PASS
    assert found.message.endswith("app-image-pin.env, by what it was made with: the engine refuses exec")
    seen = found.evidence["containers"]
    assert isinstance(seen, dict)
    assert [*seen.values()] == ["inspect; the engine refuses exec"]


def test_after_a_rollout_only_exec_is_a_proof(proxied: Context) -> None:
    """So it is an error, with the way out."""
    found = judged(proxied, Stage.AFTER)

    assert (found.status, found.code) == (Status.ERROR, "could-not-look")
    assert found.subject is not None
    assert found.subject.kind == "container"
    assert "refuses exec in container" in found.message
    assert "EXEC" in found.hint


@pytest.mark.parametrize("stage", Stage)
def test_a_container_that_was_made_with_another_value_fails(proxied: Context, stage: Stage) -> None:
    """Inspecting it is enough to see that."""
    proxied.pins[0].file.write_text(f"{VARIABLE}={FOREIGN}\n")

    found = judged(proxied, stage)

    assert found.status is not Status.PASS
    assert found.code not in {"", "could-not-look"}
    assert found.subject == Subject("container", str(found.evidence["container"]))
    assert found.evidence["seen"] == "inspect; the engine refuses exec"
