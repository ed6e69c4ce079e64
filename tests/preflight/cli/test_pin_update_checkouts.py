"""`pin update` from checkouts as CI makes them: shallow, partial, sparse, detached, a work tree, behind the branch."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from provision.sample import PIN_FILE, REPOSITORY, VARIABLE, Sample

from tests.preflight.cli.pin_site import PinSite
from tests.real.cli import PreflightCli
from tests.real.engine import RealEngine
from tests.real.git import GIT_ENVIRON, GitRepository

pytestmark = [pytest.mark.engine, pytest.mark.registry]
REPO = REPOSITORY
PUSH = ("--push", "--branch", "main")


class Site(PinSite):
    """The sample, its remote, and further checkouts; 3.1.0 is published."""

    def __init__(self, sample: Sample, folder: Path, engine: RealEngine, cli: PreflightCli) -> None:
        super().__init__(sample, folder / "remote.git", self.update)
        self.folder, self.engine, self.cli = folder, engine, cli
        self.digest = self.client.push_image(REPO, "3.1.0", "build-31", content="31")
        self.bare.git("config", "uploadpack.allowFilter", "true")

    def clone(self, *options: str) -> GitRepository:
        """Make another checkout."""
        where = self.folder / "clone"
        subprocess.run(["git", "clone", "-q", *options, f"file://{self.bare.path}", str(where)], check=True)
        return GitRepository(where)

    def update(self, *arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
        """Run the command in a checkout."""
        insecure = ("--registry-insecure", self.sample.registry)
        environ = {**self.engine.environ, **GIT_ENVIRON}
        return self.cli("pin", "update", *arguments, *insecure, cwd=cwd or self.sample.path, env=environ)

    def pinned(self, commit: str = "main") -> str:
        """The digest that the remote pins."""
        text = self.bare.git("show", f"{commit}:{PIN_FILE}")
        [line] = [line for line in text.splitlines() if line.startswith(f"{VARIABLE}=")]
        return line.rpartition("@")[2]


@pytest.fixture
def site(sample: Sample, engine: RealEngine, preflight_cli: PreflightCli, tmp_path: Path) -> Site:
    """All of it."""
    return Site(sample, tmp_path, engine, preflight_cli)


def detached(site: Site) -> Path:
    """At a release's tag, as a workflow that a tag starts: behind the branch."""
    clone = site.clone()
    clone.git("checkout", "-q", "v1.4.1")
    return clone.path


def work_tree(site: Site) -> Path:
    """A second work tree of the sample."""
    site.git("worktree", "add", "-q", "--detach", str(site.folder / "tree"))
    return site.folder / "tree"


def sparse(site: Site) -> Path:
    """The folder with the pin and no other."""
    clone = site.clone("--sparse")
    clone.git("sparse-checkout", "set", "docker")
    return clone.path


def partial(site: Site) -> Path:
    """Without what older commits held."""
    return site.clone("--filter=blob:none").path


CHECKOUTS: dict[str, Callable[[Site], Path]] = {
    "detached": detached,
    "work tree": work_tree,
    "sparse": sparse,
    "partial": partial,
}


@pytest.mark.parametrize("name", CHECKOUTS)
def test_a_push_from_a_checkout_of_its_own_kind(site: Site, name: str) -> None:
    """The branch gets the one line; the checkout stays as it is."""
    where = GitRepository(CHECKOUTS[name](site))
    before = where.git("rev-parse", "HEAD"), where.git("status", "--porcelain")

    done = site.update("3.1.0", *PUSH, "--again", cwd=where.path)

    assert done.returncode == 0, done.stderr
    assert site.pinned() == site.digest
    assert site.bare.git("diff", "--name-only", "main~", "main") == PIN_FILE
    assert (where.git("rev-parse", "HEAD"), where.git("status", "--porcelain")) == before


def test_a_shallow_clone(site: Site) -> None:
    """It cannot tell whether a published release was rolled back from; one that is published now was not."""
    where = site.clone("--depth=1").path
    unknown = site.update("3.1.0", *PUSH, cwd=where)
    assert unknown.returncode == 3
    assert "nothing tells whether release 3.1.0 was rolled back from" in unknown.stderr
    assert "fetch-depth: 0" in unknown.stderr
    older = site.update("1.4.0", *PUSH, cwd=where)
    assert (older.returncode, "release 1.4.0 is older than 1.4.1" in older.stderr) == (1, True)
    digest = site.client.push_image(REPO, "build-32", content="32")

    done = site.update("3.2.0", "--source", "build-32", "--retag", *PUSH, cwd=where)

    assert done.returncode == 0, done.stderr
    assert site.pinned() == digest
    assert "nothing to do" in site.update("3.2.0", *PUSH, cwd=where).stdout


def test_a_pin_file_that_is_left_out(site: Site) -> None:
    """By a sparse checkout: the way out is named."""
    clone = site.clone("--sparse")
    clone.git("sparse-checkout", "set", "--no-cone", "/docker/compose.app.yaml")
    found = site.update("3.1.0", *PUSH, cwd=clone.path)
    assert (found.returncode, f"there is no file {clone.path / PIN_FILE}" in found.stderr) == (2, True)

    pin = f"{{variable: {VARIABLE}, service: application-server, file: {PIN_FILE}}}"
    (clone.path / "preflight.yaml").write_text(f"pins: [{pin}]\n")
    named = site.update("3.1.0", *PUSH, cwd=clone.path)
    assert (named.returncode, f"git sparse-checkout add {PIN_FILE}" in named.stderr) == (1, True), named.stderr
    assert site.pinned() != site.digest


def test_a_checkout_that_is_behind(site: Site) -> None:
    """An older release on the branch is replaced, and that is said; a newer one stays, and that is said."""
    behind = site.clone()
    site.sample.release("3.0.0", site.client)
    site.git("push", "-q", "origin", "main")
    done = site.update("3.1.0", *PUSH, cwd=behind.path)
    assert done.returncode == 0, done.stderr
    assert "note: origin/main pins 3.0.0 (sha256:" in done.stdout
    assert site.pinned() == site.digest

    site.client.push_image(REPO, "3.0.5", content="305")
    late = site.update("3.0.5", *PUSH, cwd=behind.path)
    assert late.returncode == 1
    assert "release 3.0.5 is older than 3.1.0, which is pinned in origin/main by now; it stays" in late.stderr
    assert site.pinned() == site.digest
