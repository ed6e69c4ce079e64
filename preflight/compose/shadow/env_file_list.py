"""One entry of ``env_file:`` as the search for shadows sees it: the entry, and the file that it means today."""

from dataclasses import dataclass
from pathlib import Path

from preflight.compose.ask.answer import EnvFileItem
from preflight.compose.read.entries import EnvFileEntry


@dataclass(frozen=True)
class Listed:
    """One entry of ``env_file:`` and the file that it means today.

    Args:
        item: As Compose has it.
        file: The file.
        names: The variables on which the path depends.
    """

    item: EnvFileItem
    file: Path
    names: tuple[str, ...] = ()


def doubled(entry: EnvFileEntry, folder: Path) -> str:
    """Return the path of an entry as Compose writes it without interpolation: absolute, ``$`` doubled."""
    return str(folder / entry.key) if entry.path is None else str(entry.path).replace("$", "$$")


def literal(item: EnvFileItem) -> Path:
    """Return the file of an entry without ``${…}``; a ``$`` may be part of a folder's own name."""
    written = Path(item.path)
    return written if written.exists() else item.file


def same_file(one: Path, other: Path) -> bool:
    """Whether two paths mean the same file, through links or not."""
    return one == other or one.resolve() == other.resolve()
