"""The commits that changed a file, and what it held in each."""

from datetime import UTC, datetime
from pathlib import Path

from preflight.git.command import GitCommand
from preflight.git.contents import file_in, in_folder
from preflight.git.model import Commit
from preflight.git.refusal import refused
from preflight.lib.deadline import Deadline
from preflight.lib.text import printable

_FORMAT = "--format=%H%x00%ct%x00%an%x00%s"
_FIELDS = 4


def log(git: GitCommand, path: Path, limit: int, deadline: Deadline, start: str = "HEAD") -> tuple[Commit, ...]:
    """Return the commits up to ``start`` that changed a file, newest first, without what it held.

    Raises:
        CouldNotLook: Git cannot read them.
    """
    words = ("--literal-pathspecs", "log", "--no-show-signature", "--no-color", f"--max-count={limit}", _FORMAT, start)
    done = git(path.parent, (*words, "--", in_folder(path)), deadline)
    if done.exit_code != 0:
        raise refused(done, path.parent, path.name)
    rows = [line.split("\0", _FIELDS - 1) for line in done.text.split("\n") if "\0" in line]
    return tuple(
        Commit(commit, datetime.fromtimestamp(int(when), UTC), printable(subject), "", printable(author, 80))
        for commit, when, author, subject in rows
    )


def file_history(
    git: GitCommand, path: Path, limit: int, deadline: Deadline, start: str = "HEAD"
) -> tuple[Commit, ...]:
    """Return the commits up to ``start`` that changed ``path`` (absolute, in a work tree); see ``Git.history``."""
    commits = log(git, path, limit, deadline, start)
    contents = file_in(git, path, [commit.hash for commit in commits], deadline)
    texts = ((content or b"").decode("utf-8", "replace") for content in contents)
    return tuple(
        Commit(each.hash, each.when, each.subject, text, each.author) for each, text in zip(commits, texts, strict=True)
    )
