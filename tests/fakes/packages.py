"""A package as an installer leaves it: its files, and the metadata in which its entry points stand."""

from collections.abc import Mapping
from pathlib import Path

from preflight.run.discovery import GROUP


def install(
    folder: Path,
    name: str,
    entry_points: Mapping[str, str],
    files: Mapping[str, str] | None = None,
    *,
    group: str = GROUP,
    version: str = "1.0",
) -> Path:
    """Write a package into a folder, and return the folder, which belongs on the path."""
    metadata = folder / f"{name}-{version}.dist-info"
    metadata.mkdir(parents=True)
    lines = "".join(f"{key} = {value}\n" for key, value in entry_points.items())
    (metadata / "entry_points.txt").write_text(f"[{group}]\n{lines}")
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    for path, text in (files or {}).items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return folder
