"""Env files: the dialect of Compose, read with a limit, each value as Compose would give it."""

import os
import stat
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from preflight.envfile.dotenv import parse_dotenv
from preflight.envfile.model import Assignment, EnvFile, EnvFileSyntaxError
from preflight.envfile.raw import parse_raw
from preflight.errors import CouldNotLook
from preflight.lib.files import read_text, show_path
from preflight.lib.text import printable

__all__ = [
    "Assignment",
    "EnvFile",
    "EnvFileFolder",
    "EnvFileMissing",
    "EnvFileRefused",
    "EnvFileSyntaxError",
    "is_none",
    "parse_env",
    "read_env_file",
]

MAX_BYTES = 1024 * 1024
"""Larger files are not read; env files are short."""

_NOTHING: Mapping[str, str] = MappingProxyType({})


class EnvFileMissing(CouldNotLook):
    """There is no file at that path (nor a folder or anything else)."""


class EnvFileFolder(CouldNotLook):
    """There is a folder at that path."""


class EnvFileRefused(CouldNotLook):
    """Compose would refuse the file.

    Args:
        path: The file.
        error: Where and why.
    """

    def __init__(self, path: Path, error: EnvFileSyntaxError) -> None:
        super().__init__(
            f"{printable(str(path))}:{error.line}: {error.reason}",
            "Correct that line: Compose refuses the whole file.",
        )
        self.line = error.line
        self.reason = error.reason


def parse_env(text: str, *, raw: bool = False, outside: Mapping[str, str] = _NOTHING) -> tuple[Assignment, ...]:
    """Read an env file's text as Compose would.

    Args:
        text: The whole file; a byte order mark at its start is passed over.
        raw: The entry says `format: raw`: nothing is interpreted.
        outside: Variables set in the shell or by an earlier file; they override earlier lines in interpolation.

    Raises:
        EnvFileSyntaxError: Compose would refuse it.
    """
    return _parse(text.removeprefix("\ufeff"), outside, raw=raw)


def is_none(path: Path) -> bool:
    """Whether a path is the usual name for no file at all, e.g. ``--env-file /dev/null``: Compose reads it as empty."""
    return path == Path(os.devnull)


def read_env_file(path: Path, *, raw: bool = False, outside: Mapping[str, str] = _NOTHING) -> EnvFile:
    """Read one env file; see ``parse_env``.

    Raises:
        EnvFileMissing: It is not there.
        EnvFileFolder: It is a folder.
        EnvFileRefused: Compose would refuse it.
        CouldNotLook: It is no regular file, unreadable, larger than ``MAX_BYTES``, or no UTF-8.
    """
    if is_none(path):
        return EnvFile(path, ())
    shown = printable(show_path(path, Path()))
    try:
        is_folder = stat.S_ISDIR(path.stat().st_mode)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise EnvFileMissing(f"there is no file {shown}", "Correct the path, or create the file.") from error
    except OSError:
        is_folder = False  # reading says what is wrong
    if is_folder:
        raise EnvFileFolder(f"the env file {shown} is a folder", "Remove it, and put the file there.")
    text = read_text(path, limit=MAX_BYTES, what="the env file")  # without its byte order mark
    try:
        return EnvFile(path, _parse(text, outside, raw=raw))
    except EnvFileSyntaxError as error:
        raise EnvFileRefused(path, error) from error


def _parse(text: str, outside: Mapping[str, str], *, raw: bool) -> tuple[Assignment, ...]:
    return parse_raw(text) if raw else parse_dotenv(text, outside)
