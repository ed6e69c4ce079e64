"""The folder ``.cache`` of the checkout: what was fetched once stays there, complete or not at all."""

import fcntl
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from provision.errors import ProvisionError

ROOT = Path(__file__).resolve().parents[2]
"""The checkout."""

CACHE = ROOT / ".cache"
"""Ignored by git; may be deleted at any time."""


@contextmanager
def filling(target: Path) -> Iterator[Path | None]:
    """Let one process at a time fill ``target``, a folder that appears at once and complete.

    Yields:
        An empty folder beside ``target`` that becomes ``target`` when the block ends well; ``None`` if
        ``target`` is there already (made by us or by the process we waited for).

    Raises:
        ProvisionError: The cache belongs to somebody else.
    """
    with _lock_file(target) as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if target.is_dir():
            yield None
            return
        draft = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
        try:
            yield draft
            draft.chmod(0o755)
            draft.rename(target)
        finally:
            shutil.rmtree(draft, ignore_errors=True)


def _lock_file(target: Path) -> TextIO:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        return (target.parent / f".{target.name}.lock").open("w")
    except PermissionError as error:
        raise ProvisionError(
            f"{target.parent} belongs to somebody else; an earlier run as root made it",
            'run: sudo chown -R "$(id -un)" .venv .cache',
        ) from error
