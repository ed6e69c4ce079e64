"""Where a checkout begins, without asking git."""

import os
from pathlib import Path

from preflight.errors import CouldNotLook
from preflight.lib.text import printable

AS_OWNER = "Run preflight as its owner, or as root (sudo)."


def has_git(folder: Path) -> bool:
    """Whether a folder holds ``.git``, a file or a folder of whatever content.

    Raises:
        CouldNotLook: The folder may not be entered, so nobody can tell.
    """
    try:
        os.lstat(folder / ".git")
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as error:
        reason = (error.strerror or "it cannot be entered").lower()
        raise CouldNotLook(f"the folder {printable(str(folder), 200)} cannot be read: {reason}", AS_OWNER) from None
    return True


def find_git_root(folder: Path) -> Path | None:
    """Return the nearest folder, from ``folder`` upwards, that holds ``.git``; no program is asked.

    Raises:
        CouldNotLook: One of them may not be entered.
    """
    return next((parent for parent in (folder, *folder.parents) if has_git(parent)), None)
