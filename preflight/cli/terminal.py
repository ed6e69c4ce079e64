"""What the terminal can do: colour and width."""

import os
from collections.abc import Mapping
from typing import TextIO

COLOR_CHOICES = ("always", "never", "auto")


def use_color(choice: str, environ: Mapping[str, str], stream: TextIO | None) -> bool:
    """Decide about colour.

    ``always``/``never`` decide; with ``auto`` NO_COLOR (https://no-color.org), then CLICOLOR_FORCE or FORCE_COLOR
    (https://bixense.com/clicolors), then TERM=dumb, then whether ``stream`` is a terminal. click 8.5 heeds none of
    these variables.
    """
    if choice != "auto":
        return choice == "always"
    if environ.get("NO_COLOR"):
        return False
    if any(environ.get(name, "0") not in ("", "0") for name in ("CLICOLOR_FORCE", "FORCE_COLOR")):
        return True
    return environ.get("TERM") != "dumb" and is_terminal(stream)


def is_terminal(stream: TextIO | None) -> bool:
    """Return whether ``stream`` is a terminal; a closed one (None, as Python has it after ``>&-``) is not."""
    try:
        return stream is not None and stream.isatty()
    except ValueError:
        return False


def width() -> int:
    """Return the columns of the terminal (COLUMNS overrides asking it), 80 when there is none, never below 40."""
    if not os.environ.get("COLUMNS", "").isdigit() and not any(os.isatty(fd) for fd in (1, 2)):
        return 80
    import shutil

    return max(40, shutil.get_terminal_size((80, 24)).columns)
