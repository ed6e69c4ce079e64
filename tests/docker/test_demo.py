"""The README's first command."""

import os
import re
import subprocess
import sys

import pytest
from provision.cache import ROOT

from docs.made import picture
from tests.real.engine import RealEngine


@pytest.mark.engine
@pytest.mark.registry
def test_the_demo_shows_a_rollout_then_a_failure_and_leaves_nothing(engine: RealEngine) -> None:
    """On an engine that runs already: 0 before and after the rollout, then 1; neither container nor image is left."""
    before = _inventory(engine)
    done = subprocess.run(
        [sys.executable, str(ROOT / "docker" / "demo.py")],
        env={**os.environ, **engine.environ, "PYTHONPATH": str(ROOT / "docker")},
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.findall(r"\(exit code (\d)\)", done.stdout) == ["0", "0", "1"]
    assert "is used, in a project of our own" in done.stdout
    assert re.search(r"^FAIL +env-shadowing/environment", done.stdout, re.MULTILINE)
    assert _inventory(engine) <= before, "another test may have left the image of the sample"
    for name in picture.THEMES:
        drawn = picture.text_of((picture.FOLDER / f"failing-{name}.svg").read_text(encoding="utf-8"))
        assert _alike(drawn) == _alike(picture.last_report(done.stdout)), "run `make picture`"


def _alike(report: str) -> list[str]:
    """Return the words of a report but for what differs by run: ports, commits, times, cut lines."""
    varying = re.compile(r"127\.0\.0\.1:\d+|commit \w+|\([\d.]+ s\)")
    lines = [re.sub(r"^(ok +\S+).*", r"\1", line) for line in report.splitlines()]
    return varying.sub("", "\n".join(lines).replace("FAIL", "FAIL ")).split()


def _inventory(engine: RealEngine) -> set[str]:
    """Return the names of the demo's containers and images on the engine."""
    containers = engine.docker("ps", "--all", "--format", "{{.Names}}").stdout.split()
    images = engine.docker("images", "--format", "{{.Repository}}").stdout.split()
    return {name for name in containers + images if name.startswith(("preflight-demo", "preflight-sample"))}
