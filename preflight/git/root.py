"""Where a checkout begins, without asking git."""

from pathlib import Path


def find_git_root(folder: Path) -> Path | None:
    """Return the nearest folder, from ``folder`` upwards, that holds ``.git``; no program is asked."""
    return next((parent for parent in (folder, *folder.parents) if (parent / ".git").exists()), None)
