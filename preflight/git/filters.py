"""The filters of a repository (gitattributes(5)): git runs them to compare a file, also where it writes an index."""

from pathlib import Path

from preflight.errors import CouldNotLook
from preflight.git.command import GitCommand
from preflight.lib.deadline import Deadline


def without_filters(git: GitCommand, folder: Path, deadline: Deadline) -> tuple[str, ...]:
    """Return words that switch all filters off, for between ``git`` and its command.

    Git compares a file whose time is that of the index, or later, by its content, and filters that first. Without its
    filter a file may seem to be changed; then git looks again the next time.

    Args:
        git: How git is called.
        folder: In the work tree.
        deadline: When git must have answered.

    Raises:
        CouldNotLook: A filter has a name that `git -c` cannot take.
    """
    done = git(folder, ("config", "--null", "--name-only", "--get-regexp", r"^filter\."), deadline)
    keys = sorted({key for key in done.text.split("\0") if key})
    if any("=" in key for key in keys):
        raise CouldNotLook(
            "a filter in the configuration of git has `=` in its name, and cannot be switched off",
            "Rename it: git config --list --show-origin | grep ^file:.*filter",
        )
    off = {".required": "false"}
    return tuple(word for key in keys for word in ("-c", f"{key}={off.get(key[key.rfind('.') :], '')}"))
