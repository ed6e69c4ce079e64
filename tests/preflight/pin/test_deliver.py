"""preflight/pin/deliver.py, with real repositories."""

import subprocess
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import pytest

from preflight.errors import ConfigurationError, CouldNotLook
from preflight.git.publish import PushDeclined
from preflight.lib.deadline import Deadline
from preflight.pin.deliver import (
    Change,
    Commit,
    Delivered,
    Destination,
    Push,
    WorkTree,
    deliver,
    demand_deliverable,
    demand_no_other_changes,
)
from preflight.pin.refusal import Refused
from tests.preflight.pin.site import Site, reference
from tests.real.git import GitRepository

PUSH = Push("Pin it\n\nThe body", "main")
COMMIT = Commit("Pin it\n\nThe body")
EVERY_WAY: dict[str, Destination] = {"work tree": WorkTree(), "commit": COMMIT, "push": PUSH}


def decide(value: str) -> str:
    """Pin 2 instead of 1; anything else was pinned by somebody else."""
    if value in {reference("1"), reference("2")}:
        return reference("2")
    raise Refused("somebody else pinned another image meanwhile", "Look at it.")


def change(site: Site) -> Change:
    """What is tried."""
    return Change(site.pin, {"AGENT": decide})


def go(site: Site, to: Destination) -> Delivered:
    """Deliver it, after the check that comes before publishing."""
    deadline = Deadline.after(60)
    demand_deliverable(change(site), to, site.environ, deadline)
    return deliver(change(site), to, site.environ, deadline)


def test_the_work_tree_only(site: Site) -> None:
    """Nothing is committed or staged; a second time there is nothing to do."""
    site.pin.chmod(0o640)
    head = site.checkout.git("rev-parse", "HEAD")

    first, second = go(site, WorkTree()), go(site, WorkTree())

    assert site.pin.read_text() == f"# the agent\nAGENT={reference('2')}\n"
    assert site.pin.stat().st_mode & 0o777 == 0o640
    assert site.checkout.git("status", "--porcelain") == "M docker/pin.env"  # stripped: unstaged
    assert site.checkout.git("rev-parse", "HEAD") == head
    assert (first.changed, first.where, first.commit, second.changed) == (True, "pin.env", "", False)
    assert [line[0] for line in first.diff] == ["-", "+"]
    assert [path.name for path in site.pin.parent.iterdir()] == ["pin.env"]


def test_a_commit_of_the_one_file(site: Site) -> None:
    """What is staged stays staged, what is changed stays changed; the message is whole."""
    (site.checkout.path / "new.txt").write_text("new\n")
    site.checkout.git("add", "new.txt")
    (site.checkout.path / "other.txt").write_text("2\n")

    done = go(site, COMMIT)

    git = site.checkout.git
    assert done.commit == git("rev-parse", "HEAD")
    assert git("show", "--format=%B", "--name-only", "HEAD").split("\n") == [
        *("Pin it", "", "The body", "", "", "docker/pin.env")
    ]
    assert git("log", "-1", "--format=%an <%ae>") == "Preflight Tests <tests@preflight.invalid>"
    assert git("status", "--porcelain").split("\n") == ["A  new.txt", " M other.txt"]
    assert git("symbolic-ref", "HEAD") == "refs/heads/main"
    assert not go(site, COMMIT).changed


def test_a_commit_on_a_detached_head(site: Site) -> None:
    """The branch stays where it was."""
    site.checkout.git("switch", "-q", "--detach")
    done = go(site, COMMIT)
    assert site.checkout.git("rev-parse", "HEAD") == done.commit
    assert site.checkout.git("rev-parse", "main^{tree}") != site.checkout.git("rev-parse", "HEAD^{tree}")


@pytest.mark.parametrize("staged", [False, True])
def test_a_commit_goes_on_from_where_a_killed_run_stopped(site: Site, staged: bool) -> None:
    """File and index have the new line already, the branch has not."""
    go(site, WorkTree())
    if staged:
        site.checkout.git("add", "docker/pin.env")
    assert go(site, COMMIT).commit
    assert site.checkout.git("status", "--porcelain") == ""


def test_line_ends_that_git_converts(site: Site) -> None:
    """The commit has those of the commit before, the work tree its own."""
    site.checkout.git("config", "core.autocrlf", "true")
    site.pin.write_bytes(site.pin.read_bytes().replace(b"\n", b"\r\n"))
    go(site, COMMIT)
    assert site.pin.read_bytes() == f"# the agent\r\nAGENT={reference('2')}\r\n".encode()
    assert site.checkout.git("cat-file", "blob", "HEAD:docker/pin.env").count("\r") == 0
    assert site.checkout.git("status", "--porcelain") == ""


def test_a_push_leaves_the_checkout_alone(site: Site) -> None:
    """One commit on the branch; a second time the branch says so already."""
    (site.checkout.path / "other.txt").write_text("2\n")
    before = site.state()

    done = go(site, PUSH)

    assert site.bare.git("rev-parse", "main") == done.commit
    assert site.bare.git("log", "-1", "--format=%B", "main") == "Pin it\n\nThe body"
    assert site.remote_text() == f"# the agent\nAGENT={reference('2')}\n"
    assert (done.changed, done.where) == (True, "origin/main")
    assert not go(site, PUSH).changed
    assert site.state() == before


def push_elsewhere(site: Site, folder: Path, files: dict[str, str]) -> None:
    """Push something from another clone."""
    if not folder.exists():
        subprocess.run(["git", "clone", "-q", site.bare.path, folder], check=True)
    other = GitRepository(folder)
    other.commit(files)
    other.git("push", "-q", "origin", "main")


def test_after_a_lost_race_the_line_is_looked_at_again(site: Site, tmp_path: Path) -> None:
    """Somebody pushes between our look and our push: another file is kept, another pin is never overwritten."""
    looked: list[str] = []

    def late(value: str) -> str:
        looked.append(value)
        files = {"more.txt": "1\n"} if len(looked) == 1 else {"docker/pin.env": f"AGENT={reference('9')}\n"}
        if len(looked) <= 2:
            push_elsewhere(site, tmp_path / "other", files)
        return decide(value)

    with pytest.raises(Refused, match="somebody else pinned another image meanwhile"):
        deliver(Change(site.pin, {"AGENT": late}), PUSH, site.environ, Deadline.after(60))
    # The first look is at the checkout, before anything is asked of the remote.
    assert looked[-1] == reference("9")
    assert site.remote_text() == f"AGENT={reference('9')}\n"
    assert site.bare.git("show", "main:more.txt") == "1"


def test_a_checkout_that_is_behind_may_push(site: Site, tmp_path: Path) -> None:
    """The line of the branch counts, and here somebody else's line is in the way."""
    push_elsewhere(site, tmp_path / "other", {"docker/pin.env": f"AGENT={reference('9')}\n"})
    with pytest.raises(Refused, match="somebody else"):
        demand_deliverable(change(site), PUSH, site.environ, Deadline.after(60))


def dirty(site: Site) -> None:
    """Change the line."""
    site.pin.write_text(f"AGENT={reference('7')}\n")


def staged(site: Site) -> None:
    """Stage a change of it, and put the file back."""
    dirty(site)
    site.checkout.git("add", "docker/pin.env")
    site.checkout.git("restore", "--source=HEAD", "--worktree", "docker/pin.env")


def untracked(site: Site) -> None:
    """Take the file out of git."""
    site.checkout.git("rm", "-q", "--cached", "docker/pin.env")
    site.checkout.git("commit", "-q", "-m", "Gone")


def link_outside(site: Site) -> None:
    """Put a link in its place that leads out of the repository."""
    outside = site.checkout.path.parent / "outside.env"
    site.pin.rename(outside)
    site.pin.symlink_to(outside)
    site.checkout.commit()
    site.push_all()


def twice(site: Site) -> None:
    """Set the variable twice."""
    site.checkout.commit({"docker/pin.env": f"AGENT={reference('1')}\n" * 2})
    site.push_all()


REFUSALS = {
    "dirty": (dirty, "pin.env has uncommitted changes"),
    "staged": (staged, "pin.env has uncommitted changes"),
    "untracked": (untracked, "pin.env is not committed to git"),
    "link outside": (link_outside, "pin.env is a link that leads out of the repository"),
    "twice": (twice, "sets AGENT 2 times"),
}


@pytest.mark.parametrize("way", EVERY_WAY)
@pytest.mark.parametrize("name", REFUSALS)
def test_a_pin_file_that_is_not_what_git_has_is_refused(site: Site, name: str, way: str) -> None:
    """Before anything is published, and again when it is written; nothing changes."""
    breaks, words = REFUSALS[name]
    breaks(site)
    before, remote = site.state(), site.bare.git("rev-parse", "main")
    for call in (demand_deliverable, deliver):
        with pytest.raises(Refused, match=words) as caught:
            call(change(site), EVERY_WAY[way], site.environ, Deadline.after(60))
        assert caught.value.hint
    assert site.state() == before
    assert site.bare.git("rev-parse", "main") == remote


@pytest.mark.parametrize("to", [COMMIT, PUSH], ids=["commit", "push"])
def test_without_an_identity_nothing_is_committed(site: Site, to: Destination) -> None:
    """Git would refuse it, too; the work tree needs none."""
    demand_deliverable(change(site), WorkTree(), site.nobody, Deadline.after(60))
    for call in (demand_deliverable, deliver):
        with pytest.raises(Refused, match="git knows nobody to commit as"):
            call(change(site), to, site.nobody, Deadline.after(60))
    site.checkout.git("config", "user.name", "Somebody")
    site.checkout.git("config", "user.email", "somebody@example.com")
    assert deliver(change(site), to, site.nobody, Deadline.after(60)).changed


def test_a_link_within_the_repository_is_followed(site: Site) -> None:
    """The file changes, the link stays."""
    site.pin.rename(site.pin.with_name("real.env"))
    site.pin.symlink_to("real.env")
    site.checkout.commit()
    go(site, COMMIT)
    assert site.pin.is_symlink()
    assert reference("2") in site.checkout.git("show", "HEAD:docker/real.env")


def test_a_remote_that_declines(site: Site) -> None:
    """Said as such; it is as it was."""
    site.hook("pre-receive", "exit 1")
    before = site.state()
    with pytest.raises(PushDeclined, match="origin/main refuses the push"):
        go(site, PUSH)
    assert site.state() == before
    assert reference("1") in site.remote_text()


def test_an_index_that_is_locked(site: Site) -> None:
    """Said with the way out, and the next run goes on from there."""
    lock = site.checkout.path / ".git/index.lock"
    lock.touch()
    with pytest.raises(CouldNotLook, match="index of the repository is locked"):
        go(site, COMMIT)
    lock.unlink()
    assert go(site, COMMIT).commit


def test_a_branch_that_is_no_name(site: Site) -> None:
    """A mistake in the command line."""
    for name in ("+main", "HEAD", "refs/heads/main"):  # GitHub has the last one in GITHUB_REF
        with pytest.raises(ConfigurationError, match="--branch is not the name of a branch"):
            go(site, Push("Pin it", name))


def test_a_new_branch_for_which_there_is_no_room(site: Site) -> None:
    """Git keeps branches as files, so one name cannot be the folder of another: said at once, since it stays so."""
    with pytest.raises(CouldNotLook, match="there can be no branch origin/main/new") as caught:
        go(site, Push("Pin it", "main/new", start="main"))
    assert "Choose another name: --branch" in caught.value.hint


@pytest.mark.parametrize("way", ["commit", "push"])
def test_a_long_message(site: Site, way: str) -> None:
    """Longer than a word of a command line may be; it is kept whole."""
    message = "x" * 200_000 + "\n\nbody"
    to: Destination = Commit(message) if way == "commit" else Push(message, "main")
    commit = go(site, to).commit
    repository = site.checkout if way == "commit" else site.bare
    assert repository.git("log", "-1", "--format=%B", commit).strip() == message


def test_several_addresses_to_push_to(site: Site) -> None:
    """Git would push to all of them, and one may refuse: none gets anything, and that is seen before publishing."""
    for address in ("../remote.git", "../other.git"):
        site.checkout.git("remote", "set-url", "--add", "--push", "origin", address)
    for call in (demand_deliverable, deliver):
        with pytest.raises(CouldNotLook, match="the remote origin has several addresses to push to"):
            call(change(site), PUSH, site.environ, Deadline.after(60))


@pytest.mark.parametrize("what", ["merge", "rebase", "cherry-pick", "revert"])
def test_what_is_not_finished_is_not_committed_into(site: Site, what: str) -> None:
    """Refused before and at the commit; the work tree may change, and a push goes elsewhere."""
    git = site.checkout.git
    for name in ("other", "main"):
        git("checkout", "-q", "-B", name, "HEAD~0" if name == "other" else "main")
        site.checkout.commit({"other.txt": f"{name}\n"}, name)
    if what == "revert":
        site.checkout.commit({"other.txt": "again\n"}, "again")
    target = {"revert": "HEAD~"}.get(what, "other")
    failed = subprocess.run(
        ["git", what, target], cwd=site.checkout.path, env=site.environ, check=False, capture_output=True
    )
    assert failed.returncode != 0
    for call in (demand_deliverable, deliver):
        with pytest.raises(Refused, match=f"a {what} is in progress in this checkout"):
            call(change(site), COMMIT, site.environ, Deadline.after(60))
    assert go(site, PUSH).commit


@pytest.mark.parametrize("way", EVERY_WAY)
def test_two_files_go_the_same_way(site: Site, way: str) -> None:
    """In one commit, and neither without the other; a second time there is nothing to do."""
    other = site.checkout.path / "other/pin.env"
    site.checkout.commit({"other/pin.env": f"OTHER={reference('1')}\n"})
    site.push_all()
    both = replace(change(site), more=(Change(other, {"OTHER": decide}),))
    deadline = Deadline.after(60)

    demand_deliverable(both, EVERY_WAY[way], site.environ, deadline)
    done = deliver(both, EVERY_WAY[way], site.environ, deadline)

    assert (done.changed, len(done.diff)) == (True, 4)
    assert not deliver(both, EVERY_WAY[way], site.environ, deadline).changed
    if done.commit:
        where = site.bare if way == "push" else site.checkout
        assert where.git("diff", "--name-only", f"{done.commit}~", done.commit).split() == [
            "docker/pin.env",
            "other/pin.env",
        ]
    assert site.checkout.git("status", "--porcelain") == ("M docker/pin.env\n M other/pin.env" * (way == "work tree"))

    other.write_text(f"OTHER={reference('9')}\n")
    with pytest.raises(Refused, match=r"pin\.env has uncommitted changes"):
        deliver(both, EVERY_WAY[way], site.environ, deadline)


@pytest.mark.parametrize(
    ("text", "refused"),
    [
        (f"# the agent\nAGENT={reference('2')}\n", False),  # as after a run that was killed
        (f"# an agent\nAGENT={reference('2')}\n", True),
        (f"# the agent\nAGENT={reference('1')}\nOTHER=1\n", True),
        ("# the agent\n", True),
    ],
)
def test_before_a_wait_only_the_pins_own_value_may_differ(site: Site, text: str, *, refused: bool) -> None:
    """What it is to become nobody knows yet."""
    site.pin.write_text(text)
    with pytest.raises(Refused, match=r"^pin\.env has uncommitted changes$") if refused else nullcontext():
        demand_no_other_changes({site.pin: ["AGENT"]}, site.environ, Deadline.after(60))
