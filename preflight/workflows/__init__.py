"""What GitHub's workflows of a repository can delete of a package. Nothing here is loaded with the package itself."""

import os
from pathlib import Path

FOLDER = ".github/workflows"
"""Where GitHub looks for workflows."""


def has_workflows(root: Path) -> bool:
    """Whether a repository has that folder; one that cannot be looked at counts, and reading it says why."""
    try:
        os.lstat(root / FOLDER)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return True
    return True
