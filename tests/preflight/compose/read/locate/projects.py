"""Folders with compose files."""

from pathlib import Path

from preflight.compose.read.locate import ComposeSource
from preflight.project import ComposeProject


def _source(folder: Path, *files: str, **environ: str) -> ComposeSource:
    return ComposeSource.load(ComposeProject(folder, tuple(folder / file for file in files)), environ)


def _put(folder: Path, **texts: str) -> None:
    for name, text in texts.items():
        path = folder / f"{name.replace('__', '/')}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
