"""preflight/pin/update/smoke.py and the waits of `pin update`, as a person runs them: real registry, real engine."""

import json
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from provision.sample import REPOSITORY, Sample

from preflight.engine.smoke_container import LABEL
from tests.preflight.cli.pin_site import PinSite
from tests.preflight.engine.test_throwaway_container import becomes
from tests.real.cli import PreflightCli
from tests.real.engine import RealEngine
from tests.real.git import GIT_ENVIRON

pytestmark = [pytest.mark.engine, pytest.mark.registry]
ARGUMENTS = ("--source", "build-9", "--retag")
"""The registry is shared with other tests: each takes a version of its own."""


class Site(PinSite):
    """The sample's checkout; the registry has an image build-9 whose entrypoint is a shell."""

    def __init__(self, sample: Sample, bare: Path, engine: RealEngine, cli: PreflightCli) -> None:
        super().__init__(sample, bare, self.update)
        self.engine, self.cli = engine, cli
        self.image = f"{sample.registry}/{REPOSITORY}:build-9"
        made = engine.docker("create", engine.image).stdout.strip()
        engine.docker("commit", "--change", 'ENTRYPOINT ["sh", "-c"]', made, self.image)
        engine.docker("push", "--quiet", self.image)
        engine.docker("rm", made)

    def words(self, *arguments: str) -> tuple[str, ...]:
        """The command line."""
        return ("pin", "update", *arguments, "--registry-insecure", self.sample.registry)

    def update(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run it to its end."""
        environ = {**self.engine.environ, **GIT_ENVIRON}
        return self.cli(*self.words(*arguments), cwd=self.sample.path, env=environ)

    def start(self, *arguments: str) -> "subprocess.Popen[str]":
        """Start it."""
        environ = {**self.engine.environ, **GIT_ENVIRON}
        return self.cli.start(*self.words(*arguments), cwd=self.sample.path, env=environ)

    def running(self) -> bool:
        """Whether there is a container of a smoke test."""
        return bool(self.engine.docker("ps", "--all", "--quiet", "--filter", f"label={LABEL}").stdout)


@pytest.fixture
def site(sample: Sample, engine: RealEngine, preflight_cli: PreflightCli, tmp_path: Path) -> Iterator[Site]:
    """All of it."""
    one = Site(sample, tmp_path / "remote.git", engine, preflight_cli)
    yield one
    engine.docker("rmi", "--force", one.image, check=False)


def test_a_smoke_test_that_passes(site: Site) -> None:
    """The words arrive as they were quoted; its output is not shown."""
    done = site.run("2.1.0", *ARGUMENTS, "--smoke", '\'test "$0" = "a b" && echo chat""ter\' \'a b\'')
    assert done.returncode == 0, done.stderr
    assert "ended well after" in done.stdout
    assert "published: " in done.stdout
    assert "chatter" not in done.stdout + done.stderr


def test_a_smoke_test_that_fails(site: Site) -> None:
    """Refused with what it printed, cleaned; nothing is published or written."""
    before = site.state()
    done = site.run("2.2.0", *ARGUMENTS, "--smoke", "'printf \"\\033[31mno module\\n\"; exit 3'")
    assert done.returncode == 1
    assert "ended with exit code 3. Try it: docker run --rm" in done.stderr
    assert "  | [31mno module\n" in done.stderr
    assert site.state() == before
    assert site.run("2.2.0").returncode == 1, "the release has no tag"


def test_a_dry_run_runs_no_image(site: Site) -> None:
    """It says what it would run."""
    done = site.run("2.3.0", *ARGUMENTS, "--smoke", "'exit 3'", "--dry-run")
    assert done.returncode == 0, done.stderr
    assert "to run: `'exit 3'` with the image" in done.stdout


def test_an_interrupted_smoke_test(site: Site) -> None:
    """Ctrl-C: the container is gone, nothing is written."""
    before = site.state()
    with site.start("2.4.0", *ARGUMENTS, "--smoke", "'sleep 600'") as process:
        assert becomes(site.running, 60)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
    assert process.returncode == 130
    assert becomes(lambda: not site.running())
    assert site.state() == before


def test_an_interrupted_wait(site: Site) -> None:
    """Ctrl-C at once, and one line; what was waited for has been said."""
    with site.start("2.5.0", "--source", "build-77", "--wait", "10m") as process:
        if process.stderr is None:
            raise AssertionError("it is a pipe")
        first = process.stderr.readline()
        process.send_signal(signal.SIGINT)
        _, rest = process.communicate(timeout=60)
    assert first == f"preflight: waiting for the tag build-77 of {site.image.rpartition(':')[0]}, 10m left\n"
    assert (process.returncode, rest) == (130, "preflight: interrupted\n")


def test_a_tag_that_appears_while_somebody_waits(site: Site) -> None:
    """The build ends a moment later."""
    with site.start("2.6.0", "--wait", "10m", "--format", "json") as process:
        if process.stderr is None:
            raise AssertionError("it is a pipe")
        assert "waiting for the tag 2.6.0 or v2.6.0" in process.stderr.readline()
        digest = site.client.push_image(REPOSITORY, "2.6.0", content="late")
        out, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    assert json.loads(out)["pins"][0]["to"]["digest"] == digest
