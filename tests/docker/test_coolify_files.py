"""docker/coolify/: what is pasted into an application's compose file."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from provision.cache import ROOT

from preflight.hook.application_fields import UNKNOWN_UUID, ApplicationFields
from preflight.hook.ui_texts import SIDECAR
from tests.real.compose import compose_binary

FOLDER = ROOT / "docker" / "coolify"
FILES = ("compose.preflight.yaml", "compose.preflight-proxy.yaml")


def rendered(name: str, tmp_path: Path) -> dict[str, Any]:
    """Return what the real Compose makes of a file."""
    done = subprocess.run(
        [str(compose_binary()), "--file", str(FOLDER / name), "config", "--format", "json"],
        cwd=tmp_path, env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stderr == "", "nothing is interpolated, nothing is deprecated"
    services: dict[str, Any] = json.loads(done.stdout)["services"]
    return services


@pytest.mark.compose
@pytest.mark.parametrize("name", FILES)
def test_every_service_is_held_tight(name: str, tmp_path: Path) -> None:
    """The real Compose takes the file; no service can write, gain rights, or take more than a little of the host."""
    for service in rendered(name, tmp_path).values():
        assert service["read_only"] is True
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert int(service["mem_limit"]) <= 512 * 1024 * 1024
        assert float(service["cpus"]) <= 1
        assert service["pids_limit"] <= 256
        assert service["tmpfs"]
        assert "privileged" not in service
        assert "env_file" not in service
        assert not service.get("ports")


@pytest.mark.compose
@pytest.mark.parametrize("name", FILES)
def test_the_sidecar_reads_and_does_nothing(name: str, tmp_path: Path) -> None:
    """Idle under tini; root, but with no right of root's except to read; only the state folder can be written."""
    sidecar = rendered(name, tmp_path)[SIDECAR]
    assert [*sidecar["entrypoint"], *sidecar["command"]] == ["/usr/bin/tini", "--", "sleep", "infinity"]
    assert (sidecar["user"], sidecar["cap_drop"], sidecar["cap_add"]) == ("0:0", ["ALL"], ["DAC_READ_SEARCH"])
    writable = [mount["target"] for mount in sidecar["volumes"] if not mount.get("read_only")]
    assert writable == ["/var/lib/preflight"]
    assert sidecar["pull_policy"] == "never"
    assert sidecar["image"] == ApplicationFields().image


@pytest.mark.compose
@pytest.mark.parametrize("name", FILES)
def test_coolify_finds_the_sidecar_and_can_label_it(name: str, tmp_path: Path) -> None:
    """The container's name begins with SERVICE-UUID, also in raw mode, where labels must be lists."""
    assert rendered(name, tmp_path)[SIDECAR]["container_name"] == f"{SIDECAR}-{UNKNOWN_UUID}"
    text = (FOLDER / name).read_text(encoding="utf-8")
    assert text.count("    labels:\n      - ") == len(rendered(name, tmp_path))


@pytest.mark.compose
def test_only_the_proxy_holds_the_socket(tmp_path: Path) -> None:
    """And lets nothing through that creates, starts or runs."""
    services = rendered("compose.preflight-proxy.yaml", tmp_path)
    holders = [
        name
        for name, each in services.items()
        if any(mount["source"] == "/var/run/docker.sock" for mount in each["volumes"])
    ]
    assert holders == ["preflight-proxy"]
    assert services["preflight"]["environment"] == {"DOCKER_HOST": "tcp://preflight-proxy:2375"}
    open_ = {name for name, value in services["preflight-proxy"]["environment"].items() if value == "1"}
    assert open_ == {"CONTAINERS", "IMAGES", "INFO", "PING", "VERSION"}
    assert services["preflight-proxy"]["environment"]["POST"] == "0"
