"""What helper images answered before: an image never changes, and starting a container takes half a second.

Answers lie in `$XDG_CACHE_HOME/preflight/helper-compose` (else `~/.cache/…`), a file an image, named for its id. Only
what this user alone can write is believed; where nothing can be written, the image is simply asked each time.
"""

import os
import stat
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from preflight.errors import CouldNotLook
from preflight.lib.files import read_text, replace_file
from preflight.lib.regex import regex

_ID = regex(r"sha256:([0-9a-f]{64})")
_LIMIT = 300
_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH


class Remembered:
    """Answers by id of the image.

    Args:
        environ: XDG_CACHE_HOME and HOME count; without either nothing is remembered.
    """

    def __init__(self, environ: Mapping[str, str]) -> None:
        home = environ.get("HOME", "")
        base = environ.get("XDG_CACHE_HOME", "") or (f"{home}/.cache" if home else "")
        self._base = Path(base) if base.startswith("/") else None

    def recall(self, image: str) -> str | None:
        """Return what that image answered, None if that is not known."""
        file = self._file(image)
        if file is None or not (_is_ours(file) and _is_ours(file.parent)):
            return None
        try:
            return read_text(file, limit=_LIMIT, what="a remembered answer").strip() or None
        except CouldNotLook:
            return None

    def keep(self, image: str, answer: str) -> None:
        """Remember an answer, if that is possible."""
        file = self._file(image)
        if file is None or self._base is None or len(answer.encode()) >= _LIMIT:
            return
        with suppress(OSError):
            nearest = next(path for path in (self._base, *self._base.parents) if path.exists())
            if not _is_ours(nearest):  # `sudo -E`: root would leave its files in somebody's home
                return
            file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            replace_file(file, f"{answer}\n".encode(), mode=0o600)

    def _file(self, image: str) -> Path | None:
        found = _ID.fullmatch(image)
        if found is None or self._base is None:
            return None
        return self._base / "preflight" / "helper-compose" / found[1]


def _is_ours(path: Path) -> bool:
    try:
        found = path.stat()
    except OSError:
        return False
    return found.st_uid == os.geteuid() and not found.st_mode & _OTHERS_WRITE
