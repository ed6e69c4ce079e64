"""One commit: its parents, its subject, and the files that it changed."""

from pathlib import Path

from preflight.git.command import GitCommand
from preflight.git.refusal import refused
from preflight.lib.deadline import Deadline
from preflight.lib.records import frozen


@frozen
class CommitDetails:
    """What a commit says of itself.

    Args:
        parents: Full ids.
        subject: First line of the message, unchanged: not fit to show.
        files: The files that differ from the first parent, from the root of the work tree; none for a merge.
    """

    parents: tuple[str, ...]
    subject: str
    files: tuple[str, ...]


def commit_details(git: GitCommand, folder: Path, commit: str, deadline: Deadline) -> CommitDetails:
    """Return the details of a commit.

    Args:
        git: How git is called.
        folder: In the work tree.
        commit: Full id.
        deadline: When git must have answered.

    Raises:
        CouldNotLook: Git cannot read it.
    """
    words = ("log", "--no-walk", "--no-show-signature", "--no-color", "--format=%P%x00%s", commit, "--")
    told = git(folder, words, deadline)
    listing = ("diff-tree", "--root", "--no-commit-id", "--no-renames", "--name-only", "-r", "-z", commit, "--")
    differ = git(folder, listing, deadline)
    if told.exit_code != 0 or differ.exit_code != 0:
        raise refused(told if told.exit_code != 0 else differ, folder)
    parents, _, subject = told.text.removesuffix("\n").partition("\0")
    return CommitDetails(tuple(parents.split()), subject, tuple(name for name in differ.text.split("\0") if name))
