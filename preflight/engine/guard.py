"""``python -m preflight.engine.guard NAME``: remove a container where the process that made it was killed.

It waits for its standard input to end; see ``guarded_by`` in preflight/lib/process.py.
"""

import os
import sys
from contextlib import suppress

from preflight.engine.door import Engine
from preflight.errors import CouldNotLook
from preflight.lib.deadline import Deadline
from preflight.lib.process import NOT_NEEDED

_SECONDS = 60.0
_ABOUT_TO_BE_MADE_S = 10.0


def main() -> None:
    """Remove it, unless somebody says that there is nothing left to do."""
    if sys.stdin.buffer.read() == NOT_NEEDED:
        return
    with suppress(CouldNotLook):  # the next smoke test removes it
        Engine(os.environ).remove_created(sys.argv[1], Deadline.after(_SECONDS), _ABOUT_TO_BE_MADE_S)


if __name__ == "__main__":
    main()
