"""The work tree around a folder: "there is none" is said only where no `.git` lies above that git may look at."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from preflight.errors import CouldNotLook
from preflight.git.command import GitCommand
from preflight.git.model import WorkTree
from preflight.git.refusal import refused
from preflight.git.root import AS_OWNER, has_git
from preflight.lib.deadline import Deadline
from preflight.lib.process import Completed
from preflight.lib.text import printable

_UNUSABLE = ("not a git repository", "invalid gitfile format", "no path in gitfile")
_BOUNDARY = "filesystem boundary"
_MAX_GITFILE = 8192


def find_work_tree(git: GitCommand, folder: Path, environ: Mapping[str, str], deadline: Deadline) -> WorkTree | None:
    """Return the work tree around a folder.

    Args:
        git: How git is called.
        folder: Absolute; links are followed.
        environ: GIT_CEILING_DIRECTORIES in it says above which folders nobody looks.
        deadline: When git must have answered.

    Returns:
        None where no `.git` lies in the folder or above it (git need not even be installed then), and inside of a bare
        repository.

    Raises:
        CouldNotLook: There is a `.git`, but it, or git itself, cannot be read.
    """
    nearest = find_git(folder, environ)
    if nearest is None:
        return None
    asked = ("is-inside-work-tree", "is-shallow-repository", "show-toplevel", "show-superproject-working-tree")
    done = git(folder, ("rev-parse", *(f"--{each}" for each in asked)), deadline)
    inside, shallow, root, outer, *_ = [*done.text.split("\n"), "", "", "", ""]
    if inside == "false":
        return None
    if done.exit_code != 0 or not root:
        raise _broken(done, folder, nearest)
    if nearest.parent != Path(root) and nearest.parent.is_relative_to(root):
        raise _unusable(nearest)  # git went on to the repository around it
    return WorkTree(Path(root), shallow == "true", Path(outer) if outer else None)


def find_git(folder: Path, environ: Mapping[str, str]) -> Path | None:
    """Return the nearest `.git` in a folder or above it, a file or a folder; None where there is none.

    Raises:
        CouldNotLook: A folder on the way may not be entered.
    """
    return next((place / ".git" for place in _upwards(folder, environ) if has_git(place)), None)


def _upwards(folder: Path, environ: Mapping[str, str]) -> Iterator[Path]:
    """Yield the folders that git looks into for a `.git` (git(1), GIT_CEILING_DIRECTORIES)."""
    given = environ.get("GIT_CEILING_DIRECTORIES", "").split(os.pathsep)
    ceilings = {Path(os.path.realpath(each)) for each in given if Path(each).is_absolute()}
    real = Path(os.path.realpath(folder))  # unlike resolve(), gives an answer for a loop of links too
    yield real
    for place in real.parents:
        if place in ceilings:
            return
        yield place


def _broken(done: Completed, folder: Path, nearest: Path) -> CouldNotLook:
    said = done.error_text
    if any(words in said for words in _UNUSABLE) and _BOUNDARY not in said:
        return _unusable(nearest)
    return refused(done, folder)


def _unusable(git: Path) -> CouldNotLook:
    """Return the error for a `.git` that git passes over, with the reason as far as it can be seen."""
    shown = printable(str(git), 200)
    try:
        if git.is_dir():
            list(git.iterdir())
            head = git / "HEAD"
            if not head.is_symlink() and not (head.is_file() and head.read_bytes().strip()):
                what = "is empty" if head.exists() else "is missing"
                return CouldNotLook(
                    f"git cannot use {shown}: the file HEAD in it {what}",
                    f"Clone the repository again. If no more is damaged: echo 'ref: refs/heads/main' > {shown}/HEAD",
                )
        elif target := _target(git):
            return CouldNotLook(
                f"git cannot use {shown}: it points to {printable(target, 200)}, which is not there",
                "Restore that folder; for a linked work tree: git worktree repair; for a submodule: git submodule "
                "update --init.",
            )
    except FileNotFoundError:
        return CouldNotLook(
            f"git cannot use {shown}: it is a link to what is not there", "Restore what it links to, or clone again."
        )
    except OSError as error:
        reason = (error.strerror or "it cannot be read").lower()
        return CouldNotLook(f"git cannot use {shown}: {reason}", AS_OWNER)
    return CouldNotLook(
        f"git cannot use {shown}: it is not a repository", "Clone the repository again, or remove that .git."
    )


def _target(git: Path) -> str:
    """Return where a `.git` file points to, if nothing is there."""
    with git.open("rb") as file:
        text = os.fsdecode(file.read(_MAX_GITFILE)).strip()
    target = text.removeprefix("gitdir:").strip()
    return target if text.startswith("gitdir:") and not (git.parent / target).is_dir() else ""
