"""What a file held in commits."""

from collections.abc import Sequence
from pathlib import Path

from preflight.errors import CouldNotLook
from preflight.git.command import GitCommand
from preflight.git.refusal import refused
from preflight.lib.deadline import Deadline
from preflight.lib.text import printable


def in_folder(path: Path) -> str:
    """Return how git is told of a file when it stands in the file's folder.

    Raises:
        CouldNotLook: The name contains a line break, which git's line-wise answers do not survive.
    """
    if "\n" in path.name:
        raise CouldNotLook(f"the file name {printable(path.name)} contains a line break", "Rename the file.")
    return f"./{path.name}"


def file_in(git: GitCommand, path: Path, commits: Sequence[str], deadline: Deadline) -> list[bytes | None]:
    """Return a file's content as of each commit, None where that commit has no such file.

    Args:
        git: How git is called.
        path: Absolute.
        commits: Full ids.
        deadline: When git must have answered.

    Raises:
        CouldNotLook: Git cannot read a commit, or what the file held in it.
    """
    if not commits:
        return []
    queries = "".join(f"{commit}:{in_folder(path)}\n" for commit in commits)
    done = git(path.parent, ("cat-file", "--batch"), deadline, queries)
    if done.exit_code != 0:
        raise refused(done, path.parent, path.name)
    texts: list[bytes | None] = []
    position = 0
    for commit in commits:
        line_end = done.stdout.index(b"\n", position)
        words = done.stdout[position:line_end].split(b" ")
        position = line_end + 1
        match words:
            case [_, b"blob" | b"tree" | b"commit" as kind, size]:
                end = position + int(size)
                texts.append(done.stdout[position:end] if kind == b"blob" else None)
                position = end + 1
            case _:
                _demand_absent(git, path, commit, deadline)
                texts.append(None)
    return texts


def _demand_absent(git: GitCommand, path: Path, commit: str, deadline: Deadline) -> None:
    """See that a commit has no such file: `cat-file` says "missing" of a lost object as well.

    Raises:
        CouldNotLook: It has, or git cannot tell.
    """
    done = git(path.parent, ("--literal-pathspecs", "ls-tree", commit, "--", in_folder(path)), deadline)
    if done.exit_code != 0:
        raise refused(done, path.parent, path.name)
    if done.stdout:
        where = printable(str(path.parent))
        raise CouldNotLook(
            f"git could not look at {where}: what {printable(path.name, 80)} held in {commit[:12]} is missing",
            f"See what is damaged: git -C {where} fsck.",
        )
