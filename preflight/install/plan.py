"""What an installation would change, as values: shown by ``--dry-run``, done otherwise."""

import difflib
import os
from collections.abc import Callable, Iterator
from pathlib import Path

from preflight.errors import ConfigurationError
from preflight.lib.files import read_text, replace_file
from preflight.lib.records import frozen

_LIMIT = 1024 * 1024
_MODE = 0o644
"""cron refuses a file that others than root can write, and systemd wants to read its units."""


@frozen
class Change:
    """One text in one place.

    Args:
        where: How the place is called.
        before: What is there; empty for nothing.
        after: What is to be there; empty for nothing.
        put: Puts a text there; the empty one removes what is there.
    """

    where: str
    before: str
    after: str
    put: Callable[[str], None]

    @property
    def needed(self) -> bool:
        """Whether there is anything to do."""
        return self.before != self.after

    def diff(self) -> Iterator[str]:
        """Yield the lines of a unified diff."""
        old, new = (self.where if text else "/dev/null" for text in (self.before, self.after))
        lines, others = (text.splitlines(keepends=True) for text in (self.before, self.after))
        for line in difflib.unified_diff(lines, others, old, new):
            yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"


def file_change(path: Path, after: str) -> Change:
    """Return the change of a whole file.

    Args:
        path: The file.
        after: Its new text; empty to remove it.

    Raises:
        ConfigurationError: The file there cannot be read, or is a link.
    """
    if path.is_symlink():
        raise ConfigurationError(f"{path} is a link, and is left as it is", "Choose another --name, or remove it.")
    before = read_text(path, limit=_LIMIT, what="the file") if path.exists() else ""
    return Change(str(path), before, after, lambda text: _put(path, text))


def refuse_unwritable(folder: Path, hint: str) -> None:
    """Refuse, before anything is changed, a folder that this user cannot write to.

    Raises:
        ConfigurationError: The hint says what to do.
    """
    there = next(each for each in (folder, *folder.parents) if each.exists())
    if not os.access(there, os.W_OK | os.X_OK):
        raise ConfigurationError(f"{folder} cannot be written by this user", hint)


def _put(path: Path, text: str) -> None:
    if not text:
        path.unlink(missing_ok=True)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    replace_file(path, text.encode(), mode=_MODE)
