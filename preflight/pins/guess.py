"""Which variables of a compose project look like pinned images: the guess when nobody names the pins.

A variable is taken for a pin when an env file of a service gives it an image by digest, an image of a known
registry, or when its name says that it is an image. Files that only a developer has are overrides, not pins.
"""

import re
from collections.abc import Iterator
from dataclasses import field
from pathlib import Path

from preflight.compose.read.entries import EnvFileEntry
from preflight.compose.read.locate import ComposeSource
from preflight.envfile import Assignment, EnvFile, EnvFileMissing, read_env_file
from preflight.errors import CouldNotLook
from preflight.lib.files import show_path
from preflight.lib.records import frozen, mutable
from preflight.lib.reference import ReferenceProblem, parse_reference
from preflight.lib.regex import regex
from preflight.lib.text import printable
from preflight.model import Location
from preflight.project import Pin

_REGISTRIES = regex(
    r"(?:ghcr\.io|docker\.io|quay\.io|gcr\.io|public\.ecr\.aws|mcr\.microsoft\.com|codeberg\.org|registry\."
    r"|[\w.-]+\.(?:gcr\.io|pkg\.dev|azurecr\.io|amazonaws\.com))[\w.:-]*/"
)
_IMAGE_NAME = regex(r"(?:^|_)IMAGE(?:_(?:REF|REFERENCE|DIGEST|PIN|URI))?$", re.IGNORECASE)
_IMAGE_WORD = regex(r"(?:^|_)IMAGES?(?:_|$)", re.IGNORECASE)
_PLAIN_WORD = regex(r"(?:true|false|yes|no|on|off|always|never|[\d.]+|/.*|\w+://.*)", re.IGNORECASE)
_PIN_FILE = regex(r"(?:^|[^a-z])(?:pin|pins|pinned|image|images)(?:[^a-z]|$)", re.IGNORECASE)
_OVERRIDE_FILE = regex(r"[.\-_](?:local|override|overrides)(?=[.\-_]|$)", re.IGNORECASE)


@frozen
class Remark:
    """Something to tell the operator about what was found by looking.

    Args:
        message: One line.
        hint: What to do about it.
        location: Where.
    """

    message: str
    hint: str
    location: Location | None = None


@mutable
class Guess:
    """The pins of one project.

    Args:
        pins: What look like pins.
        problems: What could not be seen while looking for them.
        notes: What is odd about a pin.
    """

    pins: list[Pin] = field(default_factory=list)
    problems: list[Remark] = field(default_factory=list)
    notes: list[Remark] = field(default_factory=list)


def guess_pins(source: ComposeSource, folder: Path, profiles: tuple[str, ...] = ()) -> Guess:
    """Return what look like pins in the env files of all services.

    Args:
        source: The compose files.
        folder: The folder that paths are shown relative to.
        profiles: Those that are on, besides ``COMPOSE_PROFILES``. Pins of services whose profiles are off are left
            out, unless there are no others.

    Raises:
        CouldNotLook: A compose file cannot be read or followed.
    """
    guesser = _Guesser(source, folder)
    named = {*profiles, *(each.strip() for each in source.environ.get("COMPOSE_PROFILES", "").split(","))}
    services = {each: is_on(source, each, named) for each in source.services()}
    for service, on in services.items():
        if on:
            guesser.look_at(service)
    if not guesser.guess.pins and not guesser.guess.problems:
        for service in services:
            guesser.look_at(service)
    return guesser.guess


def is_on(source: ComposeSource, service: str, profiles: set[str]) -> bool:
    """Whether a service is deployed: it has no profiles, or one of them is on."""
    written = [source.interpolated(each) for each in source.profiles(service)]
    return not written or "*" in profiles or any(each in profiles for each in written)


def is_override(path: Path) -> bool:
    """Whether a file is named like one that only a developer has, e.g. ``pin.local.env``."""
    return _OVERRIDE_FILE.search(path.name) is not None


def overrides_of(pin: Path, listed: list[Path]) -> tuple[Path, ...]:
    """Return the files that are named as overrides of ``pin``: ``pin.local.env`` is one of ``pin.env``."""
    return tuple(
        dict.fromkeys(path for path in listed if is_override(path) and _OVERRIDE_FILE.sub("", path.name) == pin.name)
    )


def looks_like_pin(assignment: Assignment) -> bool:
    """Whether a variable holds, or should hold, an image reference by digest."""
    value = (assignment.value or "").strip()
    if "@sha256:" in value or (_REGISTRIES.match(value) and not any(char.isspace() for char in value)):
        return True
    if _PLAIN_WORD.fullmatch(value):
        return False
    if _IMAGE_NAME.search(assignment.name):
        return True
    return bool(_IMAGE_WORD.search(assignment.name)) and "/" in value and _is_reference(value)


def _is_reference(value: str) -> bool:
    try:
        parse_reference(value)
    except ReferenceProblem:
        return False
    return True


class _Guesser:
    """Looks at services one by one; each env file is read once."""

    def __init__(self, source: ComposeSource, folder: Path) -> None:
        self._source, self._folder = source, folder
        self._files: dict[tuple[Path, bool], EnvFile | CouldNotLook] = {}
        self._told: set[str] = set()
        self.guess = Guess()

    def look_at(self, service: str) -> None:
        """Add the pins of one service."""
        entries = self._source.env_file_entries(service)
        paths = [entry.path for entry in entries if entry.path is not None]
        found: dict[str, Path] = {}
        for entry in entries:
            for assignment in self._candidates(entry):
                name, path = assignment.name, entry.path
                if path is not None and (name not in found or _PIN_FILE.search(path.name)):
                    found[name] = path
        self.guess.pins += [Pin(variable, service, path, overrides_of(path, paths)) for variable, path in found.items()]

    def _candidates(self, entry: EnvFileEntry) -> Iterator[Assignment]:
        pin_like = _PIN_FILE.search(Path(entry.text).name) is not None
        if entry.path is None:
            if pin_like:
                self._tell(entry, f"which file {printable(entry.text, 120)} is depends on a variable")
            return
        if is_override(entry.path):
            return
        file = self._read(entry.path, raw=self._source.is_raw(entry))
        if isinstance(file, CouldNotLook):
            if pin_like or not isinstance(file, EnvFileMissing):
                self._tell(entry, f"an env file cannot be looked at: {file.message}")
            return
        last = {assignment.name: assignment for assignment in file.assignments}
        pins = [assignment for assignment in last.values() if looks_like_pin(assignment)]
        for each in pins:
            self._note_letters(each, entry.path)
        if pin_like and not pins:
            self._tell(entry, f"{show_path(entry.path, self._folder)} is listed, but holds no image reference")
        yield from pins

    def _note_letters(self, assignment: Assignment, path: Path) -> None:
        """Say it of a name that may look like another: no shell sets it, and a letter may be that of another script."""
        name = assignment.name
        odd = next((char for char in name if not char.isascii()), None)
        location = Location(show_path(path, self._folder), assignment.line)
        if odd is None or any(note.location == location for note in self.guess.notes):
            return
        beyond = f"its name has a character beyond ASCII: U+{ord(odd):04X}"
        message = f"{printable(name, 80)} was taken for a pin, but {beyond}"
        hint = "Write the name with A-Z, 0-9 and _; where it is meant, name the pin under pins: in preflight.yaml."
        self.guess.notes.append(Remark(message, hint, location))

    def _read(self, path: Path, *, raw: bool) -> EnvFile | CouldNotLook:
        key = (path, raw)
        if key not in self._files:
            try:
                self._files[key] = read_env_file(path, raw=raw, outside=self._source.environ)
            except CouldNotLook as error:
                self._files[key] = error
        return self._files[key]

    def _tell(self, entry: EnvFileEntry, message: str) -> None:
        if message in self._told:
            return
        self._told.add(message)
        hint = "Put the file right, or name the pins under pins: in preflight.yaml."
        location = Location(show_path(entry.file, self._folder), entry.line)
        self.guess.problems.append(Remark(message, hint, location))
