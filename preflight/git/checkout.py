"""Which folder is judged: the configuration's own, or the checkout whose files it names from elsewhere."""

import os
from collections.abc import Sequence
from pathlib import Path

from preflight.errors import CouldNotLook
from preflight.git.root import find_git_root
from preflight.project import ComposeProject, Pin


def judged_folder(project: ComposeProject, pins: Sequence[Pin] = ()) -> Path:
    """Return the folder by which the project is known.

    It is the configuration's, or the working folder, while that lies in the checkout of the files that are named. A
    configuration elsewhere (``/etc/preflight/app.yaml``) is about their checkout; without git, about their folder.

    Args:
        project: How Compose is called.
        pins: What the configuration says of pins; counts where it names no compose file.
    """
    named = named_folder(project, pins)
    if named is None or _contains(_root(project.base), named):
        return project.base
    root = _root(named)
    if _contains(root or named, project.base) or (root is None and _contains(project.base, named)):
        return project.base
    return root or named


def named_folder(project: ComposeProject, pins: Sequence[Pin] = ()) -> Path | None:
    """Return the folder of the first file that is named, or None where none is."""
    files = (*project.files, *(pin.file for pin in pins))
    return files[0].parent if files else project.project_directory


def _root(folder: Path) -> Path | None:
    try:
        return find_git_root(folder)
    except CouldNotLook:
        return None  # whoever needs more than a name looks again, and says so


def _contains(outer: Path | None, inner: Path) -> bool:
    return outer is not None and Path(os.path.realpath(inner)).is_relative_to(os.path.realpath(outer))
