"""What the entries of ``env_file:`` are to a pin: its file, its overrides, another pin's, or something else."""

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path

from preflight.compose.read.entries import EnvFileEntry
from preflight.compose.read.locate import ComposeSource
from preflight.lib.files import same_file
from preflight.lib.records import frozen
from preflight.pins.guess import overrides_of
from preflight.project import Pin


class Role(StrEnum):
    """What a listed file is to a pin."""

    PIN = "the pin file"
    OVERRIDE = "an override"
    OTHER_PIN = "another pin's file or override"
    OTHER = "something else"
    UNKNOWN = "a variable that is not set decides"


@frozen
class ListedFile:
    """One entry.

    Args:
        entry: As it is written.
        path: The file that it means here and now; ``None`` when nobody can tell.
        role: What that file is to the pin.
    """

    entry: EnvFileEntry
    path: Path | None
    role: Role

    @property
    def is_open(self) -> bool:
        """Whether a variable is part of its path: the value may be a secret."""
        return "$" in self.entry.text.replace("$$", "")


@frozen
class ListedFiles:
    """What a pin's service lists.

    Args:
        files: In Compose's order; a later one overrides an earlier one.
        unlisted: The overrides that the configuration names and the service does not list.
    """

    files: tuple[ListedFile, ...]
    unlisted: tuple[Path, ...]

    @property
    def pins(self) -> tuple[int, ...]:
        """The places at which the pin file is listed; the last one counts."""
        return tuple(place for place, each in enumerate(self.files) if each.role is Role.PIN)


def list_files(source: ComposeSource, pin: Pin, pins: Sequence[Pin]) -> ListedFiles:
    """Tell apart the env files of a pin's service.

    Overrides are those that the pin names or, where it names none, those that are called like one.

    Args:
        source: The compose files.
        pin: The pin.
        pins: All pins.

    Raises:
        ComposeFileProblem: A file that the service extends or includes cannot be read.
    """
    entries = source.env_file_entries(pin.service)
    paths = [source.path_now(entry) for entry in entries]
    listed = [path for path in paths if path is not None]
    overrides = pin.overrides or overrides_of(pin.file, listed)
    siblings = [each for each in pins if each.service == pin.service and not same_file(each.file, pin.file)]
    others = [file for each in siblings for file in (each.file, *(each.overrides or overrides_of(each.file, listed)))]

    def role(path: Path | None) -> Role:
        if path is None:
            return Role.UNKNOWN
        known = ((Role.PIN, (pin.file,)), (Role.OVERRIDE, overrides), (Role.OTHER_PIN, others))
        return next((each for each, files in known if any(same_file(path, file) for file in files)), Role.OTHER)

    files = tuple(ListedFile(entry, path, role(path)) for entry, path in zip(entries, paths, strict=True))
    unlisted = tuple(override for override in overrides if not any(same_file(path, override) for path in listed))
    return ListedFiles(files, unlisted)
