"""``python -m preflight`` and the console script."""

import sys
from pathlib import Path


def main() -> None:
    """Run the command line and end the process with its exit code."""
    _leave_working_directory_out()
    from preflight.cli import entry

    sys.exit(entry())


def _leave_working_directory_out() -> None:
    """Import nothing from the folder the operator stands in: a checkout must not run itself.

    ``python -m`` puts that folder first on the path; a ``checks/`` or ``yaml.py`` lying there would be imported.
    """
    first = sys.path[0] if sys.path else None
    here = Path.cwd()
    if first is not None and first in ("", str(here)) and Path(__file__).resolve().parents[1] != here.resolve():
        del sys.path[0]


if __name__ == "__main__":
    main()
