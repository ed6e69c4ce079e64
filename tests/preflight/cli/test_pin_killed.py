"""preflight/cli/pin_update.py and pin_rollback.py, killed at any moment: the old pin or the new one, and it goes on."""

import random
import time
from collections.abc import Mapping
from pathlib import Path

import pytest
from provision.sample import PIN_FILE, REPOSITORY, Sample

from tests.preflight.cli.pin_site import PinSite
from tests.real.cli import PreflightCli
from tests.real.engine import RealEngine
from tests.real.git import GIT_ENVIRON
from tests.real.signals import running

pytestmark = [pytest.mark.engine, pytest.mark.registry]

COMMANDS = {
    "update and push": ("update", "1.5.0", "--push", "--branch", "main"),
    "update and commit": ("update", "1.5.0", "--commit"),
    "rollback and push": ("rollback", "--push", "--branch", "main"),
    "rollback and commit": ("rollback", "--commit", "--to", "1.4.0"),
}
"""A second `rollback --commit` without --to goes further back, also after one that was killed when it was done."""


class Killed:
    """A site whose command is killed.

    Args:
        site: The checkout and its remote.
        cli: The tool.
        environ: For it.
    """

    def __init__(self, site: PinSite, cli: PreflightCli, environ: Mapping[str, str]) -> None:
        self.site, self._cli, self._environ = site, cli, environ
        self._base = site.git("rev-parse", "HEAD")

    def reset(self) -> None:
        """Make checkout and remote what they were."""
        self.site.git("reset", "-q", "--hard", self._base)
        self.site.bare.git("update-ref", "refs/heads/main", self._base)

    def run(self, *command: str) -> float:
        """Run it to its end, which must be good; return the seconds that it took."""
        began = time.monotonic()
        insecure = ("--registry-insecure", self.site.sample.registry)
        done = self._cli("pin", *command, *insecure, cwd=self.site.sample.path, env=self._environ)
        assert done.returncode == 0, done.stdout + done.stderr
        return time.monotonic() - began

    def kill(self, after_s: float, *command: str) -> None:
        """Kill it at a moment; a git that it started runs to its end."""
        insecure = ("--registry-insecure", self.site.sample.registry)
        words = ("pin", *command, *insecure)
        process = self._cli.start(*words, cwd=self.site.sample.path, env=self._environ, measured=False)
        time.sleep(after_s)
        process.kill()
        process.communicate(timeout=60)
        assert running(self._environ["TMPDIR"]) == []

    def pins(self) -> tuple[str, str, str]:
        """Return the pin file in the work tree, in the last commit, and on the remote's branch."""
        show = f"HEAD:{PIN_FILE}"
        return self.site.pin.read_text().strip(), self.site.git("show", show), self.site.bare.git("show", show)


@pytest.fixture
def killed(sample: Sample, engine: RealEngine, preflight_cli: PreflightCli, tmp_path: Path) -> Killed:
    """1.4.1 is pinned, 1.5.0 is published."""
    environ = {**engine.environ, **GIT_ENVIRON, "TMPDIR": str(tmp_path)}
    site = PinSite(sample, tmp_path / "remote.git", preflight_cli)
    site.client.push_image(REPOSITORY, "1.5.0", content="new")
    return Killed(site, preflight_cli, environ)


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("update and push", 2),
        ("rollback and commit", 2),
        *(pytest.param(name, 200, marks=pytest.mark.soak) for name in COMMANDS),
    ],
)
def test_killed_at_any_moment(killed: Killed, name: str, count: int) -> None:
    """Each place has the old pin or the new one, git no lock, and the same command goes on from there."""
    command, chance, folder = COMMANDS[name], random.Random(7), killed.site.sample.path
    old = killed.pins()
    took_s = killed.run(*command)
    new = killed.pins()
    for _ in range(count):
        killed.reset()
        killed.kill(chance.uniform(took_s / 3, took_s), *command)
        for place, was, will_be in zip(killed.pins(), old, new, strict=True):
            assert place in {was, will_be}
        assert not list((folder / ".git").rglob("*.lock"))
        killed.run(*command)
        assert killed.pins() == new
        assert [path.name for path in killed.site.pin.parent.iterdir() if "preflight" in path.name] == []
