"""Where a configuration lies when nobody names one."""

import os.path
from pathlib import Path

from preflight.git.root import find_git_root

CONFIG_NAME = "preflight.yaml"


def find_config(folder: Path) -> Path | None:
    """Return ``preflight.yaml`` of the folder, else that of its git root, else ``None``.

    A link that leads nowhere is returned too: reading it fails, while passing it over would forget what it says.
    """
    root = find_git_root(folder)
    places = (folder,) if root is None else (folder, root)
    return next((place / CONFIG_NAME for place in places if os.path.lexists(place / CONFIG_NAME)), None)
