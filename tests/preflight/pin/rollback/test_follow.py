"""preflight/pin/rollback/follow.py: what is judged, and where; with real git. The rollout itself: tests/rollout."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from preflight.context import Context
from preflight.errors import CouldNotLook
from preflight.git.door import Git
from preflight.model import Stage
from preflight.pin.rollback.follow import Pushed, follow
from preflight.project import ComposeProject, Pin
from preflight.report import Report
from preflight.run.config import Configuration
from preflight.run.session import Request
from preflight.testing import fake_context
from tests.preflight.pin.site import Site, reference
from tests.real.git import GitRepository

COMPOSE = "services: {app: {image: busybox, env_file: [pin.env]}}\n"


class Bench:
    """A checkout that is one commit behind its remote.

    Args:
        folder: For the repositories.
    """

    def __init__(self, folder: Path) -> None:
        self.site = Site(folder)
        self.root = self.site.checkout.path
        self.site.checkout.commit(
            {"docker/compose.yaml": COMPOSE, ".gitignore": "*.local.env\n.env\n"}, "Add the service"
        )
        self.site.push_all()
        base = self.site.checkout.git("rev-parse", "HEAD")
        self.commit = self.site.checkout.commit({"docker/pin.env": f"AGENT={reference('2')}\n"}, "Pin the agent")
        self.site.push_all()
        self.site.checkout.git("reset", "-q", "--hard", base)

    def context(self) -> Context:
        """The checkout, on a host where nothing runs."""
        engine = SimpleNamespace(containers=lambda *_: ())
        git = Git(self.root, self.site.environ)
        pins = (Pin("AGENT", "app", self.site.pin, overrides=(self.root / "docker/pin.local.env",)),)
        compose = SimpleNamespace(source=lambda _: SimpleNamespace(project_name=lambda: "docker"))
        project = ComposeProject(self.root / "docker", (self.root / "docker/compose.yaml",))
        return fake_context(
            self.root, pins=pins, project=project, compose=compose, engine=engine, git=git, environ=self.site.environ
        )

    def follow(self, *, commit: str = "", wait_s: float = 0.0, only: tuple[str, ...] = ("pin-file",)) -> Report:
        """Follow the commit; by default with the one check that only reads the file."""
        configuration = Configuration(None, self.root, options={"only": only})
        request = Request(configuration, self.root, self.site.environ, "here", wait_s=wait_s)
        return follow(self.context(), configuration, Pushed(commit or self.commit, "main", "origin"), request)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    """Both."""
    return Bench(tmp_path)


def verdicts(report: Report) -> dict[str, set[str]]:
    """The statuses of each check."""
    return {each.about.id: {finding.status.value for finding in each.findings} for each in report.results}


def test_the_pushed_commit_is_judged_in_a_clone(bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stage after, at the commit that was pushed; the checkout stays, and the clone goes."""
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    before = bench.site.state()

    report = bench.follow()

    assert (report.stage, report.judged.commit) == (Stage.AFTER, bench.commit)
    assert verdicts(report) == {"pin-file": {"pass"}}
    assert "2" * 12 in str(report.judged)
    assert bench.site.state() == before
    assert list(temporary.iterdir()) == []


def test_a_file_that_git_does_not_have_comes_along(bench: Bench) -> None:
    """`.env` of the project, which Compose interpolates with: without it the clone would be judged otherwise."""
    other = "services: {app: {image: busybox, env_file: ['${DIR:?}/pin.env']}}\n"
    bench.site.checkout.git("pull", "-q", "--ff-only", "origin", "main")
    commit = bench.site.checkout.commit({"docker/compose.yaml": other}, "Interpolate")
    bench.site.push_all()
    (bench.root / "docker/.env").write_text("DIR=.\n")
    assert verdicts(bench.follow(commit=commit, only=("env-file-syntax",))) == {"env-file-syntax": {"fail", "warn"}}
    (bench.root / "docker/.env").unlink()
    assert verdicts(bench.follow(commit=commit, only=("env-file-syntax",))) == {"env-file-syntax": {"error"}}


def test_a_link_in_the_clone_that_leads_out(bench: Bench, tmp_path: Path) -> None:
    """Nothing is put where it leads."""
    outside = tmp_path / "outside"
    outside.mkdir()
    other = GitRepository(tmp_path / "other")
    bench.site.bare.git("clone", "-q", str(bench.site.bare.path), str(other.path))
    for name in ("docker/compose.yaml", "docker/pin.env"):
        (other.path / name).unlink()
    (other.path / "docker").rmdir()
    (other.path / "docker").symlink_to(outside)
    commit = other.commit(message="A link")
    other.git("push", "-q", "origin", "main")
    (bench.root / "docker/.env").write_text("X=1\n")

    bench.follow(commit=commit)

    assert list(outside.iterdir()) == []


def test_a_commit_that_the_remote_does_not_have(bench: Bench) -> None:
    """It could not be fetched."""
    with pytest.raises(CouldNotLook) as caught:
        bench.follow(commit="7" * 40)
    assert caught.value.hint


def test_without_the_remote(bench: Bench) -> None:
    """Said with how to watch it by hand."""
    bench.site.checkout.git("remote", "remove", "origin")
    with pytest.raises(CouldNotLook, match="there is no remote origin") as caught:
        bench.follow()
    assert "preflight run --stage after --wait" in caught.value.hint


def test_containers_that_are_made_from_this_checkout(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is judged here, as soon as somebody pulled the commit; before that, nobody can tell."""
    monkeypatch.setattr("preflight.pin.rollback.follow._runs_from_here", lambda _: True)
    with pytest.raises(CouldNotLook, match=f"did not get {bench.commit[:9]} in time"):
        bench.follow()
    bench.site.checkout.git("pull", "-q", "--ff-only", "origin", "main")
    report = bench.follow(wait_s=5)
    assert (report.stage, report.judged.commit) == (Stage.AFTER, bench.commit)
