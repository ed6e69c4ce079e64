"""The folder ``.cache`` of the checkout: what was fetched once stays there, complete or not at all."""

import fcntl
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

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
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    with (target.parent / f".{target.name}.lock").open("w") as lock:
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
