"""checks/image_pullable.py: what hostile manifests cost."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import preflight
from preflight.lib.platforms import this_machine
from tests.checks.image_pullable.stage import NAME, REPOSITORY, child, index, push, sound
from tests.fakes.ghcr import FakeGhcr
from tests.fakes.http_server import huge_chunked
from tests.limits import cpu_at_most

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


def normal_here() -> dict[str, str]:
    """Return this machine's platform as an index has it."""
    here = this_machine()
    return {"os": here.os, "architecture": here.architecture, "variant": here.variant}


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
