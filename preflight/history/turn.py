"""One run of a series at a time: a slow one must not pile up behind itself."""

import hashlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from preflight.errors import CouldNotLook
from preflight.history.series import Series
from preflight.lib.lock import Busy, Words, held

_MODE = 0o700
_WORDS = Words(
    holder="another run of this job",
    let_go="Let it end, or look why it hangs. It is recorded; this run checked nothing.",
    elsewhere="Name another file: --history FILE.",
)


@contextmanager
def turn(path: Path, series: Series) -> Iterator[None]:
    """Hold the lock of a series for the length of a block.

    Where no lock can be made the block runs all the same: recording then says what is wrong with the folder.

    Args:
        path: The history; the lock lies beside it.
        series: The series of the run.

    Raises:
        Busy: Another process runs the same series.
    """
    name = hashlib.sha256(str(series).encode("utf-8", "surrogateescape")).hexdigest()[:12]
    with ExitStack() as stack:
        try:
            path.parent.mkdir(mode=_MODE, parents=True, exist_ok=True)
            stack.enter_context(held(path.with_name(f"{path.name}.{name}.lock"), 0, _WORDS))
        except Busy:
            raise
        except (CouldNotLook, OSError):
            stack.close()
        yield
