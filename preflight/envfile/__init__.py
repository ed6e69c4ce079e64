"""Env files: the dialect of Compose, read with a limit, each value as Compose would give it."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from preflight.envfile.dotenv import parse_dotenv
from preflight.envfile.model import Assignment, EnvFile, EnvFileSyntaxError
from preflight.envfile.raw import parse_raw
from preflight.errors import CouldNotLook
from preflight.files import read_text
from preflight.text import printable

__all__ = ["Assignment", "EnvFile", "EnvFileMissing", "EnvFileSyntaxError", "parse_env", "read_env_file"]

MAX_BYTES = 1024 * 1024
"""Larger files are not read; env files are short."""

_NOTHING: Mapping[str, str] = MappingProxyType({})


class EnvFileMissing(CouldNotLook):
    """There is no file at that path (nor a folder or anything else)."""


def parse_env(text: str, *, raw: bool = False, outside: Mapping[str, str] = _NOTHING) -> tuple[Assignment, ...]:
    """Read an env file's text as Compose would.

    Args:
        text: The whole file; a byte order mark at its start is passed over.
        raw: The entry says `format: raw`: nothing is interpreted.
        outside: Variables set in the shell or by an earlier file; they beat earlier lines in interpolation.

    Raises:
        EnvFileSyntaxError: Compose would refuse it.
    """
    text = text.removeprefix("\ufeff")
    return parse_raw(text) if raw else parse_dotenv(text, outside)


def read_env_file(path: Path, *, raw: bool = False, outside: Mapping[str, str] = _NOTHING) -> EnvFile:
    """Read one env file; see ``parse_env``.

    Raises:
        EnvFileMissing: It is not there.
        CouldNotLook: It is a folder, no regular file, unreadable, larger than ``MAX_BYTES``, no UTF-8, or
            Compose would refuse it.
    """
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError) as error:
        raise EnvFileMissing(
            f"there is no file {printable(str(path))}", "Correct the path, or create the file."
        ) from error
    except OSError:
        pass  # reading says what is wrong
    text = read_text(path, limit=MAX_BYTES, what="the env file")
    try:
        return EnvFile(path, parse_env(text, raw=raw, outside=outside))
    except EnvFileSyntaxError as error:
        raise CouldNotLook(
            f"{printable(str(path))}:{error.line}: {error.reason}",
            "Correct that line: Compose refuses the whole file.",
        ) from error
