"""Where a repository's files lie for Coolify: Base Directory, Docker Compose Location, and the copies on the server."""

import os.path
from pathlib import Path
from typing import TYPE_CHECKING

from preflight.errors import CouldNotLook
from preflight.git.root import find_git_root
from preflight.lib.files import is_regular_file
from preflight.lib.records import frozen

if TYPE_CHECKING:
    from preflight.compose.read.locate import ComposeSource
    from preflight.context import Context


@frozen
class ComposeLocation:
    """The two settings by which Coolify finds a repository's compose file.

    Args:
        base_directory: "Base Directory"; its content is what Preserve Repository copies.
        location: "Docker Compose Location", from the base directory.
    """

    base_directory: str
    location: str


def find_location(ctx: "Context") -> ComposeLocation | None:
    """Return ``location_of`` the checkout's compose files; None also where these cannot be read."""
    try:
        return location_of(ctx.doors.compose.source(ctx.deadline))
    except CouldNotLook:
        return None


def location_of(source: "ComposeSource") -> ComposeLocation | None:
    """Return the settings with which ``env_file:`` paths resolve in Coolify as they do in the checkout.

    Only the base directory's content is copied to the server, and there relative paths resolve against the copy
    (AJ 1047, 843-853): so it must be the project directory of the checkout.

    Args:
        source: The checkout's compose files.

    Returns:
        None where they are in no repository, or the first of them lies outside of the project directory.
    """
    root = find_git_root(source.folder)
    if root is None:
        return None
    base = os.path.relpath(source.folder, root)
    location = os.path.relpath(source.files[0], source.folder)
    if base.startswith("..") or location.startswith(".."):
        return None
    return ComposeLocation("/" if base == "." else f"/{base}", f"/{location}")


def find_copy_elsewhere(folder: Path, file: Path, looked_for: Path | None) -> Path | None:
    """Return where a copy of a repository's file lies instead of where it is looked for, the nearest to the top.

    Args:
        folder: The resource's folder on the server.
        file: The file in the checkout; its copy lies below whatever the base directory is.
        looked_for: Where the deployed compose file looks for it.

    Returns:
        Its path below ``folder``; None where there is no copy.

    Raises:
        CouldNotLook: We may not look there.
    """
    parts = file.parts
    places = (Path(*parts[start:]) for start in range(len(parts) - 1, 0, -1))
    return next((each for each in places if folder / each != looked_for and is_regular_file(folder / each)), None)


def find_newer_copy(folder: Path, file: Path, looked_for: Path) -> Path | None:
    """Return where a copy lies instead, if none lies where it is looked for, or an older one left over.

    A copy has the time at which the deployment cloned the repository, and nothing is deleted (AJ 1037-1059).

    Raises:
        CouldNotLook: We may not look there.
    """
    elsewhere = find_copy_elsewhere(folder, file, looked_for)
    if elsewhere is None or not is_regular_file(looked_for):
        return elsewhere
    return elsewhere if (folder / elsewhere).stat().st_mtime > looked_for.stat().st_mtime else None
