"""``python -m preflight`` and the console script."""

import gc
import sys
from pathlib import Path

_FEWER_COLLECTIONS = 100_000
"""Objects more before Python looks for cycles (700 by itself): a run is short and makes few, and 1,000 services make
enough of the other objects that looking took a tenth of the whole time. What piles up stays below some 20 MiB."""


def main() -> None:
    """Run the command line and end the process with its exit code."""
    gc.set_threshold(_FEWER_COLLECTIONS)
    try:
        _leave_working_directory_out()
        from preflight.cli import entry

        sys.exit(entry())
    except KeyboardInterrupt:  # before the command line could see to it
        sys.exit(130)


def _leave_working_directory_out() -> None:
    """Import nothing from the folder the operator stands in: a checkout must not run itself.

    ``python -m`` puts that folder first on the path; a ``checks/`` or ``yaml.py`` lying there would be imported.
    """
    first = sys.path[0] if sys.path else None
    try:
        here = Path.cwd()
    except OSError:
        sys.stderr.write("preflight: the folder you stand in is gone, or not yours to read; change to another\n")
        sys.exit(2)
    if first is not None and first in ("", str(here)) and Path(__file__).resolve().parents[1] != here.resolve():
        del sys.path[0]


if __name__ == "__main__":
    main()
