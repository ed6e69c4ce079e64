"""A mirror of the file system in which a few files say something else, for a program that only reads.

Nothing is copied but those files: each folder on the path to one is a new folder, and all else in it is a link to the
original. So the mirror is as complete as the original, however large that is, and holds no secret of its own.
"""

import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from preflight.errors import CouldNotLook
from preflight.lib.text import printable

MAX_LINKS = 100_000
"""Entries of all the folders on the way; a server with 10,000 applications has 10,000 in one."""


class Mirror:
    """What `make` made.

    Args:
        root: A folder of our own, empty; what lies at ``/x`` lies at ``root/x`` in the mirror.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    def at(self, path: Path) -> Path:
        """Return where an absolute path of the original is in the mirror."""
        return self._root / _normal(path).relative_to("/")

    def outside(self, text: str) -> str:
        """Return a text that names files in the mirror with the names they have outside."""
        return text.replace(str(self._root), "")

    def make(self, changed: Mapping[Path, bytes]) -> None:
        """Make it.

        Args:
            changed: Absolute paths, and what the files say there; they need not exist in the original.

        Raises:
            CouldNotLook: The temporary folder does not take it, or a folder on the way is too large.
        """
        files = {_normal(path): data for path, data in changed.items()}
        folders = sorted({parent for path in files for parent in path.parents})
        links = 0
        try:
            for folder in folders:
                self.at(folder).mkdir(mode=0o700, exist_ok=True)
                links += self._link(folder, {*folders, *files})
                if links > MAX_LINKS:
                    raise CouldNotLook(
                        f"the folders around the project hold more than {MAX_LINKS} files",
                        "Move the project out of so large a folder.",
                    )
            for path, data in files.items():
                self.at(path).write_bytes(data)
        except OSError as error:
            reason = (error.strerror or "unknown reason").lower()
            raise CouldNotLook(
                f"a copy of the project cannot be made in {printable(str(self._root.parent), 80)}: {reason}",
                "Set TMPDIR to a folder that can be written to.",
            ) from error

    def _link(self, folder: Path, without: Iterable[Path]) -> int:
        """Link what is in a folder of the original; nothing where that may not be listed, or is not there."""
        try:
            names = [entry.name for entry in folder.iterdir()]
        except OSError:
            return 0
        own = {path.name for path in without if path.parent == folder}
        target = self.at(folder)
        for name in names[: MAX_LINKS + 1]:
            if name not in own:
                (target / name).symlink_to(folder / name)
        return len(names)

    def redirected(self, data: bytes, folders: Iterable[Path]) -> bytes:
        """Return the content of a file in which absolute paths below these folders lead into the mirror."""
        for folder in sorted({_normal(each) for each in folders} - {Path("/")}, key=lambda path: -len(path.parts)):
            pattern = rb"(?<![\w./-])" + re.escape(os.fsencode(folder)) + rb"(?![\w.-])"
            data = re.sub(pattern, os.fsencode(self.at(folder)).replace(b"\\", rb"\\"), data)
        return data


def _normal(path: Path) -> Path:
    return Path(os.path.normpath(path))
