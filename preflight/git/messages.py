"""What a push brings: the whole messages of its commits, and the files that they change."""

from dataclasses import field
from pathlib import Path

from preflight.git.command import GitCommand
from preflight.git.refusal import refused
from preflight.lib.deadline import Deadline
from preflight.lib.records import frozen

_MOST = 1000


@frozen
class PushedCommit:
    """One commit of a push.

    Args:
        hash: Full id.
        message: The whole of it; anybody's text.
    """

    hash: str
    message: str = field(repr=False)


@frozen
class Push:
    """Commits that are pushed together, or one after the other.

    Args:
        commits: Newest first.
        files: The files that they change, from the root of the work tree.
    """

    commits: tuple[PushedCommit, ...]
    files: tuple[str, ...]


def commits_since(git: GitCommand, folder: Path, start: str, deadline: Deadline, *, included: bool) -> Push:
    """Return what HEAD has had since a commit.

    Args:
        git: How git is called.
        folder: In the work tree.
        start: Full id of that commit.
        deadline: When git must have answered.
        included: Whether it counts, too.

    Raises:
        CouldNotLook: Git cannot read them.
    """
    log = ("log", "--no-show-signature", "--no-color", f"--max-count={_MOST}")
    span = ("HEAD", "--not", f"{start}^@" if included else start, "--")
    messages = git(folder, (*log, "--format=%H%x00%B%x00", *span), deadline)
    files = git(folder, (*log, "--format=", "--name-only", "-z", *span), deadline)
    for done in (messages, files):
        if done.exit_code != 0:
            raise refused(done, folder)
    fields = messages.text.split("\0")
    pairs = zip(fields[::2], fields[1::2], strict=False)
    commits = tuple(PushedCommit(commit.strip(), message) for commit, message in pairs)
    return Push(commits, tuple(sorted({each for each in files.text.split("\0") if each})))
