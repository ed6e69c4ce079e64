"""Folders with compose files."""

from pathlib import Path

from preflight.compose.read.locate import ComposeSource
from preflight.project import ComposeProject


def load(folder: Path, *files: str, **environ: str) -> ComposeSource:
    """Read the compose files of a folder."""
    return ComposeSource.load(ComposeProject(folder, tuple(folder / file for file in files)), environ)


def put(folder: Path, **texts: str) -> None:
    """Write compose files; ``sub__a`` is ``sub/a.yaml``."""
    for name, text in texts.items():
        path = folder / f"{name.replace('__', '/')}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
