"""preflight/pin/deliver.py, killed at each step: the old state or the new one, no lock, and the next run works."""

import multiprocessing
import os
import signal
import sys
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pytest

from preflight.lib.deadline import Deadline
from preflight.pin.deliver import Change, Commit, Destination, Push, WorkTree, deliver
from tests.preflight.pin.site import Site, reference

WAYS: dict[str, Destination] = {"work tree": WorkTree(), "commit": Commit("Pin it"), "push": Push("Pin it", "main")}
OLD, NEW = (f"# the agent\nAGENT={reference(digit)}\n" for digit in "12")
_CHANGES = ("subprocess.Popen", "os.rename", "os.remove", "os.mkdir", "os.chmod", "shutil.rmtree", "fcntl.flock")
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT
_FOR_EVER = -1


def is_step(event: str, args: tuple[Any, ...]) -> bool:
    """Whether an audit event (sys.addaudithook) is about to change something outside, or to start a program."""
    return event in _CHANGES or (event == "open" and bool(args[2] & _WRITES))


def run(site: Site, to: Destination, kill_at: int, pipe: Connection) -> None:
    """Deliver, and be killed right before a step; tell how many there are."""
    steps = 0

    def watch(event: str, args: tuple[Any, ...]) -> None:
        nonlocal steps
        if is_step(event, args):
            if steps == kill_at:
                os.kill(os.getpid(), signal.SIGKILL)
            steps += 1

    sys.addaudithook(watch)
    change = Change(site.pin, {"AGENT": lambda _: reference("2")})
    deliver(change, to, site.environ, Deadline.after(60))
    pipe.send(steps)


def delivered(site: Site, to: Destination, kill_at: int = _FOR_EVER) -> int:
    """Deliver in a process of its own; return its steps, 0 if it was killed."""
    mine, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("fork").Process(target=run, args=(site, to, kill_at, theirs))
    process.start()
    process.join(60)
    assert process.exitcode == (0 if kill_at == _FOR_EVER else -signal.SIGKILL)
    return int(mine.recv()) if kill_at == _FOR_EVER else 0


def moments(steps: int, count: int) -> Iterator[int]:
    """Yield steps, evenly spread, the first and the last among them."""
    yield from sorted({round(place * (steps - 1) / (count - 1)) for place in range(count)})


@pytest.mark.parametrize("count", [6, pytest.param(1000, marks=pytest.mark.soak)])
@pytest.mark.parametrize("name", WAYS)
def test_killed_before_any_step(
    site: Site, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, count: int
) -> None:
    """File, commit and branch are the old ones or the new ones; the same call goes on, and leaves nothing behind."""
    to, git, base = WAYS[name], site.checkout.git, site.checkout.git("rev-parse", "HEAD")
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    whole = delivered(site, to)
    seen = set()
    for moment in moments(whole, count):
        git("reset", "-q", "--hard", base)
        site.bare.git("update-ref", "refs/heads/main", base)

        delivered(site, to, kill_at=moment)

        seen.add((site.pin.read_text(), git("log", "-1", "--format=%s"), site.remote_text()))
        assert not list((site.checkout.path / ".git").rglob("*.lock"))
        assert delivered(site, to) > 0
        assert (NEW if name == "push" else site.pin.read_text()) == NEW
        assert site.remote_text() == (NEW if name == "push" else OLD)
        assert git("log", "-1", "--format=%s") == ("Pin it" if name == "commit" else "chore: pin the agent for v1.0.0")
        assert git("status", "--porcelain") == ("M docker/pin.env" if name == "work tree" else "")
        assert [path.name for path in site.pin.parent.iterdir()] == ["pin.env"]
        assert not list(temporary.iterdir())
    file, subject, branch = ({each[place] for each in seen} for place in range(3))
    assert file <= {OLD, NEW}
    assert subject <= {"chore: pin the agent for v1.0.0", "Pin it"}
    assert branch <= {OLD, NEW}
    assert len(seen) > 1, "each moment was before or after everything"
