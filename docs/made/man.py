"""The man pages, as Sphinx makes them from ``docs/manual/man/``: they ship ready to read."""

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from sphinx.cmd.build import build_main

MANUAL = Path(__file__).resolve().parents[1] / "manual"


def pages() -> Iterator[tuple[str, str]]:
    """Yield the name of each page in ``docs/man/`` and its text.

    Raises:
        SystemExit: Sphinx has a warning, which stands on standard error.
    """
    with tempfile.TemporaryDirectory(prefix="preflight-man-") as folder:
        arguments = ("--quiet", "--fail-on-warning", "--keep-going", "-E", "-b", "man", "-d", f"{folder}/trees")
        if build_main([*arguments, str(MANUAL), f"{folder}/man"]) != 0:
            sys.exit("the man pages cannot be made; see above")
        for file in sorted(Path(folder, "man").glob("*.[15]")):
            yield file.name, file.read_text(encoding="utf-8")
