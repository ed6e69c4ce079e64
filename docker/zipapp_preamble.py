"""Runs first in the file that docker/zipapp.sh writes: says plainly that this Python cannot run what is in it.

Older Pythons read this file, too. The exit code is 3, as wherever preflight cannot look.
"""

import sys
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path

NEEDED = 0x030B0000
"""Python 3.11, as ``sys.hexversion`` says it."""


def refuse(reason: str, remedy: str) -> None:
    """Say so, and end."""
    sys.stderr.write(f"preflight: {reason}\n  -> {remedy}\n")
    sys.exit(3)


if sys.hexversion < NEEDED:
    refuse(
        f"it needs Python 3.11 or later, and {sys.executable} is {sys.version_info[0]}.{sys.version_info[1]}",
        "Install Python 3.11 as python3, or run this file with another: python3.11 FILE",
    )
built = [path.name.split(".", 1)[1] for path in Path(__file__).resolve().parents[1].glob("re2/_re2*.so")]
if not any(f".{name}" in EXTENSION_SUFFIXES for name in built):
    refuse(
        f"this file is for {', '.join(built)}, and this Python loads {EXTENSION_SUFFIXES[0][1:]}",
        "Run `make zipapp` with the Python of the hosts, on a machine of their kind.",
    )
