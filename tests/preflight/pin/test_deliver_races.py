"""preflight/pin/deliver.py among other pushers: processes that push other files, and the same line, at once."""

import multiprocessing
import subprocess

import pytest

from preflight.errors import CouldNotLook, PreflightError
from preflight.lib.deadline import Deadline
from preflight.pin.deliver import Change, Push, deliver
from preflight.pin.refusal import Refused
from tests.preflight.pin.site import Site, reference
from tests.real.git import GitRepository

_ATTEMPTS = 60


def push_line(site: Site, number: int) -> str:
    """Pin an image of one's own in place of the first one; return the commit, or why not."""
    mine = reference(f"{number:x}")

    def decide(found: str) -> str:
        if found in {reference("1"), mine}:
            return mine
        raise Refused("somebody else was first", "Look at it.")

    push = Push(f"Pin {number}", "main")
    try:
        return deliver(Change(site.pin, {"AGENT": decide}), push, site.environ, Deadline.after(120)).commit
    except PreflightError as error:
        return f"{type(error).__name__}: {error.message}"


def push_file(site: Site, number: int) -> str:
    """Push a file of one's own, as anybody would, until it is there; return the commit."""
    folder = site.checkout.path.parent / f"clone-{number}"
    subprocess.run(["git", "clone", "-q", site.bare.path, folder], check=True)
    other = GitRepository(folder)
    other.commit({f"file-{number}.txt": "x\n"}, f"File {number}")
    for _ in range(_ATTEMPTS):
        other.git("pull", "-q", "--rebase", "origin", "main")
        pushed = subprocess.run(["git", "push", "-q", "origin", "main"], cwd=folder, check=False, capture_output=True)
        if pushed.returncode == 0:
            return other.git("rev-parse", "HEAD")
    return "never"


@pytest.mark.parametrize("count", [6, pytest.param(20, marks=pytest.mark.soak)])
def test_one_line_wins_and_no_file_is_lost(site: Site, count: int) -> None:
    """Half of them push other files. Whoever reports success has a commit that is there; the others refuse."""
    before = site.state()
    numbers = range(2, 2 + count // 2)
    with multiprocessing.get_context("fork").Pool(count) as pool:
        lines = [pool.apply_async(push_line, (site, number)) for number in numbers]
        files = [pool.apply_async(push_file, (site, number)) for number in numbers]
        ended = {number: each.get(240) for number, each in zip(numbers, lines, strict=True)}
        others = {number: each.get(240) for number, each in zip(numbers, files, strict=True)}

    history = site.bare.git("log", "--format=%H", "main").split()
    winners = {number: said for number, said in ended.items() if said in history}
    [winner] = winners
    lost = [said for number, said in ended.items() if number != winner]
    assert lost == ["Refused: somebody else was first"] * (len(ended) - 1)
    assert site.remote_text() == f"# the agent\nAGENT={reference(f'{winner:x}')}\n"
    assert set(others.values()) <= set(history)
    there = site.bare.git("ls-tree", "--name-only", "main").split()
    assert {f"file-{number}.txt" for number in numbers} <= set(there)
    assert len(history) == 1 + 1 + len(others)
    assert site.bare.git("fsck", "--no-dangling") == ""
    assert site.state() == before


def test_a_remote_that_disappears_half_way(site: Site) -> None:
    """After our look, before our push: it could not be pushed, and the checkout is as it was; back again, it works."""
    before, away = site.state(), site.bare.path.with_name("away.git")
    looks: list[str] = []

    def decide(found: str) -> str:
        looks.append(found)
        if len(looks) == 2:  # the first look is at the checkout, the second at the branch
            site.bare.path.rename(away)
        return reference("2")

    change, push = Change(site.pin, {"AGENT": decide}), Push("Pin it", "main")
    with pytest.raises(PreflightError, match="nothing could be pushed to origin/main") as caught:
        deliver(change, push, site.environ, Deadline.after(60))
    assert caught.value.hint
    away.rename(site.bare.path)
    assert (site.state(), site.remote_text()) == (before, f"# the agent\nAGENT={reference('1')}\n")
    assert deliver(change, push, site.environ, Deadline.after(60)).changed


BROKEN_OFF = 'kill -9 "$PPID"'


def test_a_remote_that_breaks_off_before_it_takes_the_push(site: Site) -> None:
    """It could not be pushed, or was declined; the branch is as it was."""
    site.hook("pre-receive", BROKEN_OFF)
    push = Push("Pin it", "main")
    with pytest.raises(PreflightError, match=r"nothing could be pushed|refuses the push"):
        deliver(Change(site.pin, {"AGENT": lambda _: reference("2")}), push, site.environ, Deadline.after(60))
    assert site.remote_text() == f"# the agent\nAGENT={reference('1')}\n"


def test_a_remote_that_takes_the_push_and_breaks_off_then(site: Site) -> None:
    """Git says that the push failed; the branch has the commit all the same, so it is done."""
    site.hook("post-update", BROKEN_OFF)
    change, push = Change(site.pin, {"AGENT": lambda _: reference("2")}), Push("Pin it", "main")
    done = deliver(change, push, site.environ, Deadline.after(60))
    assert done.commit == site.bare.git("rev-parse", "main")
    assert not deliver(change, push, site.environ, Deadline.after(60)).changed


def test_a_remote_that_breaks_off_and_stays_away(site: Site) -> None:
    """Nobody knows whether it arrived, and that is said; the next run looks."""
    away = site.bare.path.with_name("away.git")
    site.hook("post-update", f"mv '{site.bare.path}' '{away}'; {BROKEN_OFF}")
    change, push = Change(site.pin, {"AGENT": lambda _: reference("2")}), Push("Pin it", "main")
    with pytest.raises(CouldNotLook, match="whether it arrived cannot be seen"):
        deliver(change, push, site.environ, Deadline.after(60))
    away.rename(site.bare.path)
    assert not deliver(change, push, site.environ, Deadline.after(60)).changed


def test_a_remote_that_is_behind(site: Site) -> None:
    """The checkout has commits that nobody pushed: only the line goes to the branch, none of them."""
    site.checkout.commit({"mine.txt": "1\n"}, "Not pushed")
    before = site.state()

    done = deliver(
        Change(site.pin, {"AGENT": lambda _: reference("2")}), Push("Pin it", "main"), site.environ, Deadline.after(60)
    )

    assert site.bare.git("log", "-1", "--format=%H %s", "main") == f"{done.commit} Pin it"
    assert site.bare.git("ls-tree", "-r", "--name-only", "main").split() == ["docker/pin.env", "other.txt"]
    assert site.state() == before
