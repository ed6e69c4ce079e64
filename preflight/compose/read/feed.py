"""What feeds one variable of one service: everything that may give it its value, in Compose's order of precedence.

``environment:`` overrides every env file, a later env file an earlier one (Compose specification). A name without a
value and ``${…}`` take what stands outside: the shell, then ``--env-file`` or ``.env``. Build arguments do not reach
a container, except where Coolify copies them into ``environment:``.
"""

import os.path
from collections.abc import Iterable
from pathlib import Path

from preflight.compose.read.build_args import BuildArg, find_build_arg
from preflight.compose.read.entries import EnvFileEntry, EnvironmentEntry
from preflight.compose.read.locate import ComposeSource
from preflight.lib.files import is_regular_file, same_file
from preflight.lib.records import frozen
from preflight.project import Pin


@frozen
class EnvFileFeed:
    """One entry of ``env_file:`` and what it is to the pin.

    Args:
        text: Its path, as written.
        path: The file it means today, interpolated if need be; ``None`` where nobody can tell.
        names: The variables on which it depends which file that is.
        is_pin: Whether it is the pin file.
        is_dotenv: Whether it is ``.env`` of the project directory, the file that Coolify writes.
        format: As written; "" where nothing is.
        required: As written (``"false"``); "" where nothing is.
        place: The compose file and line it stands in.
        key: What Compose compares when it drops duplicates: the path after interpolation, before it is made absolute.
    """

    text: str
    path: Path | None
    names: tuple[str, ...] = ()
    is_pin: bool = False
    is_dotenv: bool = False
    format: str = ""
    required: str = ""
    place: tuple[Path, int] | None = None
    key: str = ""

    @property
    def is_there(self) -> bool:
        """Whether it leads to a regular file.

        Raises:
            CouldNotLook: We may not look there.
        """
        return self.path is not None and is_regular_file(self.path)


@frozen
class Feed:
    """What feeds one variable of one service.

    Args:
        variable: The name of the variable.
        env_files: The entries of ``env_file:``; a later one overrides an earlier one.
        environment: The entry of ``environment:`` that counts; it overrides every env file.
        build_arg: The build argument of that name.
        taken_by: The other variables in ``environment:`` whose value interpolates this one.
    """

    variable: str
    env_files: tuple[EnvFileFeed, ...] = ()
    environment: EnvironmentEntry | None = None
    build_arg: BuildArg | None = None
    taken_by: tuple[str, ...] = ()

    @property
    def pins(self) -> tuple[EnvFileFeed, ...]:
        """The entries that are the pin file."""
        return tuple(each for each in self.env_files if each.is_pin)

    @property
    def pin(self) -> EnvFileFeed | None:
        """The entry that is the pin file: the last one that Compose keeps."""
        pins = [each for each in self.in_effect if each.is_pin]
        return pins[-1] if pins else None

    @property
    def in_effect(self) -> tuple[EnvFileFeed, ...]:
        """The entries that Compose keeps: of those with one key the last, in the first one's place (from 2.24.7)."""
        kept = {each.key or place: each for place, each in enumerate(self.env_files)}
        return tuple(kept.values())

    @property
    def before_pin(self) -> tuple[EnvFileFeed, ...]:
        """The env files that the pin file overrides; all, where it is not listed."""
        return self.in_effect[: None if self.pin is None else self._place(self.pin)]

    @property
    def after_pin(self) -> tuple[EnvFileFeed, ...]:
        """The env files that override the pin file; none where it is not listed."""
        return () if self.pin is None else self.after(self.pin)

    def after(self, entry: EnvFileFeed | None) -> tuple[EnvFileFeed, ...]:
        """Return the env files that override an entry, the pin file left out; all, where there is no such entry."""
        start = 0 if entry is None else self._place(entry) + 1
        return tuple(each for each in self.in_effect[start:] if not each.is_pin)

    def _place(self, entry: EnvFileFeed) -> int:
        """Return where an entry stands; of equal ones, the last."""
        places = [place for place, each in enumerate(self.in_effect) if each == entry]
        return places[-1]

    @property
    def has_dotenv(self) -> bool:
        """Whether ``.env`` is one of the env files."""
        return any(each.is_dotenv for each in self.env_files)

    @property
    def is_dotenv_alone(self) -> bool:
        """Whether ``.env`` is the only env file."""
        return bool(self.env_files) and all(each.is_dotenv for each in self.env_files)

    def dotenv_overrides(self, entry: EnvFileFeed | None) -> bool:
        """Whether ``.env`` is listed after an entry; whether it is listed at all, where there is no such entry."""
        return any(each.is_dotenv for each in self.after(entry))

    @property
    def names_outside(self) -> tuple[str, ...]:
        """The variables from outside that ``environment:`` takes the value from."""
        return () if self.environment is None else self.environment.names_outside

    @property
    def is_from_outside(self) -> bool:
        """Whether ``environment:`` gives the variable the value that it has outside."""
        return self.variable in self.names_outside


def read_feed(source: ComposeSource, pin: Pin, *, copied: bool = False) -> Feed:
    """Return what the compose files feed the pin's variable with.

    Args:
        source: The compose files.
        pin: Variable, service, and the pin file.
        copied: The files were copied to another folder, as Coolify does: there the pin file is known by its name, and
            ``.env`` is Coolify's own, whatever the pin file is called.

    Raises:
        ComposeFileProblem: A file that the service extends or includes cannot be read.
    """
    dotenv = Path(os.path.normpath(source.folder / ".env"))

    def env_file(entry: EnvFileEntry) -> EnvFileFeed:
        path = source.path_now(entry)
        if copied:
            is_pin = path != dotenv and (path or Path(entry.text)).name == pin.file.name
        else:
            is_pin = path is not None and same_file(path, pin.file)
        return EnvFileFeed(
            entry.text,
            path,
            entry.depends_on,
            is_pin,
            path == dotenv,
            entry.format or "",
            entry.required or "",
            (entry.file, entry.line),
            entry.now or "",
        )

    entries = source.environment_entries(pin.service, pin.variable)
    return Feed(
        pin.variable,
        tuple(env_file(each) for each in source.env_file_entries(pin.service)),
        entries[-1] if entries else None,
        find_build_arg(source, pin.service, pin.variable),
        _taken_by(source.environment(pin.service), pin.variable),
    )


def _taken_by(environment: Iterable[EnvironmentEntry], variable: str) -> tuple[str, ...]:
    """Return the names of other entries that count and interpolate a variable."""
    counting = {each.name: each for each in environment}
    return tuple(name for name, each in counting.items() if name != variable and variable in each.names_outside)
