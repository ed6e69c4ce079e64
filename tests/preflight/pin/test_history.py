"""preflight/pin/history.py, with real git, a fake registry and no engine; with all real things: tests/preflight/cli."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from preflight.context import Options
from preflight.engine.door import Engine
from preflight.errors import CouldNotLook
from preflight.git.door import Git
from preflight.pin.history import PinHistory, Registry, TagState, read_history
from preflight.project import ComposeProject, Pin
from preflight.registry.door import Registry as Door
from preflight.testing import fake_context
from tests.fakes.ghcr import FakeGhcr
from tests.fakes.http_server import answering
from tests.real.git import GIT_ENVIRON, GitRepository

REPOSITORY = "owner/agent"
ENVIRON = {"PATH": "/usr/bin:/bin", **GIT_ENVIRON}


class Bench:
    """Three releases: of the first the image is gone, of the second the tag moved.

    Args:
        repository: Empty.
        ghcr: Empty.
        door: To it.
    """

    def __init__(self, repository: GitRepository, ghcr: FakeGhcr, door: Door) -> None:
        ghcr.challenge = ""
        self.repository, self.ghcr, self._door = repository, ghcr, door
        self.file = repository.path / "pin.env"
        self.digests = [ghcr.push(REPOSITORY, f"1.{number}.0", content=str(number)) for number in range(3)]
        for number, digest in enumerate(self.digests):
            repository.commit(
                {"pin.env": f"AGENT={ghcr.host}/{REPOSITORY}@{digest}\n"}, f"Pin the agent for v1.{number}.0"
            )
        del ghcr.manifests[REPOSITORY, self.digests[0]]
        ghcr.push(REPOSITORY, "1.1.0", content="somebody else's")

    def read(
        self, file: Path | None = None, *, engine: Any = None, offline: bool = False, limit: int = 20
    ) -> PinHistory:
        """Read the history; by default on a host without containers."""
        nothing = SimpleNamespace(images=lambda _: (), containers=lambda *_: ())
        compose = SimpleNamespace(source=lambda _: SimpleNamespace(project_name=lambda: "stack"))
        ctx = fake_context(
            self.repository.path,
            project=ComposeProject(self.repository.path, (self.repository.path / "compose.yaml",)),
            compose=compose,
            engine=engine or nothing,
            git=Git(self.repository.path, ENVIRON),
            registry=self._door,
            options=Options(offline=offline),
        )
        return read_history(ctx, Pin("AGENT", "app", file or self.file), limit)


@pytest.fixture
def bench(git_repository: GitRepository, ghcr: FakeGhcr, door: Door) -> Bench:
    """All of it."""
    return Bench(git_repository, ghcr, door)


def test_what_the_registry_has(bench: Bench) -> None:
    """Newest first; each digest and each tag is asked for once."""
    found = bench.read()
    assert [row.change.digest for row in found.rows] == list(reversed(bench.digests))
    assert [row.registry for row in found.rows] == [Registry.THERE, Registry.THERE, Registry.GONE]
    assert [row.tag for row in found.rows] == [TagState.SAME, TagState.MOVED, TagState.SAME]
    assert [row.on_host for row in found.rows] == [False] * 3
    assert (found.ends, found.problems) == ("", ())
    heads = [request.path for request in bench.ghcr.asked("/manifests/") if request.method == "HEAD"]
    assert len(heads) == len(set(heads)) == 6


def test_as_many_rows_as_asked_for(bench: Bench) -> None:
    """Of what is not shown, nothing is asked."""
    assert [row.change.digest for row in bench.read(limit=1).rows] == bench.digests[-1:]
    assert len(bench.ghcr.asked("/manifests/")) == 2


def test_offline(bench: Bench) -> None:
    """No registry is asked, and that is told from an answer."""
    found = bench.read(offline=True)
    assert {(row.registry, row.tag) for row in found.rows} == {(Registry.NOT_ASKED, TagState.NOT_ASKED)}
    assert bench.ghcr.requests == []


def test_a_registry_that_does_not_answer(bench: Bench) -> None:
    """Unknown is no absence; the reason is told once, and the engine was asked all the same."""
    bench.ghcr.always("/v2/", answering(403))
    found = bench.read()
    assert {(row.registry, row.tag) for row in found.rows} == {(Registry.UNKNOWN, TagState.UNKNOWN)}
    assert len({problem.message for problem in found.problems}) == len(found.problems) > 0
    assert [row.on_host for row in found.rows] == [False] * 3


def test_an_engine_that_does_not_answer(bench: Bench, tmp_path: Path) -> None:
    """Not asked; the registry was."""
    found = bench.read(engine=Engine({"DOCKER_HOST": f"unix://{tmp_path}/none.sock"}))
    assert [(row.on_host, row.running) for row in found.rows] == [(None, ())] * 3
    assert found.rows[0].registry is Registry.THERE
    [problem] = found.problems
    assert isinstance(problem, CouldNotLook)


def test_a_pin_file_that_is_a_link(bench: Bench) -> None:
    """The history is that of the file it leads to."""
    link = bench.repository.path / "link.env"
    link.symlink_to("pin.env")
    bench.repository.commit(message="Add a link")
    assert len(bench.read(link, offline=True).rows) == 3


def test_a_history_that_is_cut_off(bench: Bench, tmp_path: Path) -> None:
    """It says where."""
    shallow = tmp_path / "shallow"
    bench.repository.git("clone", "-q", "--depth", "2", bench.repository.path.as_uri(), str(shallow))
    bench.repository = GitRepository(shallow)
    found = bench.read(shallow / "pin.env", offline=True)
    assert [row.change.release for row in found.rows] == ["1.2.0"]
    assert found.ends.startswith("the history is cut off at commit ")
