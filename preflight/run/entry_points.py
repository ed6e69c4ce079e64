"""The entry points of the installed packages, as ``importlib.metadata`` finds them, for a tenth of its time.

``importlib.metadata`` loads Python's mail and zip packages, which costs as much as all of click. Wherever packages may
be something else than folders on ``sys.path`` (a zip file, a finder of somebody's own) it is asked all the same.
"""

import os
import re
import sys
from collections.abc import Iterator
from importlib.machinery import PathFinder
from pathlib import Path

_SUFFIXES = (".dist-info", ".egg-info")


def entry_points(group: str) -> list[tuple[str, str]]:
    """Return name and value of every entry point in a group, sorted; of two packages of one name the first counts."""
    folders = [folder or os.curdir for folder in sys.path]
    if any(folder.endswith(".egg") or Path(folder).is_file() for folder in folders) or _has_other_finders():
        return from_metadata(group)
    packages: dict[str, Path] = {}
    for folder in folders:
        for name, place in _packages(folder):
            packages.setdefault(name, place)
    texts = [_read(place / "entry_points.txt") for place in packages.values()]
    return sorted({pair for text in texts if group in text for pair in _pairs(text, group)})


def from_metadata(group: str) -> list[tuple[str, str]]:
    """Return the same, asked of the standard library."""
    from importlib import metadata

    return sorted({(point.name, point.value) for point in metadata.entry_points(group=group)})


def _has_other_finders() -> bool:
    return any(hasattr(finder, "find_distributions") and finder is not PathFinder for finder in sys.meta_path)


def _packages(folder: str) -> Iterator[tuple[str, Path]]:
    """Yield the normalised name (PEP 503) and the metadata folder of every package in a folder."""
    try:
        found = os.listdir(folder)  # noqa: PTH208 -- a path for each name takes five times as long
    except OSError:  # not there, or not ours to read: nothing can be imported from it either
        return
    for name in found:
        if name.lower().endswith(_SUFFIXES):
            yield re.sub(r"[-_.]+", "-", name.rpartition(".")[0].partition("-")[0]).lower(), Path(folder, name)


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8", errors="replace")
    except OSError:  # most packages have none
        return ""


def _pairs(text: str, group: str) -> Iterator[tuple[str, str]]:
    section = ""
    for line in map(str.strip, text.splitlines()):
        if line.startswith("[") and line.endswith("]"):
            section = line.strip("[]")
        elif section == group and "=" in line and not line.startswith("#"):
            name, _, value = line.partition("=")
            yield name.strip(), value.strip()
