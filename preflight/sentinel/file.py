"""The sentinel: a line with a random value on top of a pin file; a container that carries it reads that file.

It goes on top (after a byte order mark) because there nothing else has to change: a file without a final line end stays
one, and taking the line away again gives back the very bytes, whatever else was edited meanwhile.
"""

import os
from pathlib import Path

from preflight.envfile import MAX_BYTES, EnvFileSyntaxError, parse_env
from preflight.errors import CouldNotLook
from preflight.lib.exchange import exchange, folder_lock
from preflight.lib.files import decode, read_bytes
from preflight.lib.records import frozen
from preflight.lib.regex import regex
from preflight.lib.text import printable
from preflight.pins.sentinel import SENTINEL

_BOM = b"\xef\xbb\xbf"
_OURS = regex(SENTINEL.encode() + rb"=[0-9a-f]{32}\r?")


@frozen
class SentinelState:
    """What a pin file says.

    Args:
        path: The file; where a link was named, what it points to.
        token: The value the containers must carry, None if not armed.
        line: Where it stands, from 1.
        changed: Whether this call wrote the file.
    """

    path: Path
    token: str | None
    line: int | None = None
    changed: bool = False


def status(pin_file: Path) -> SentinelState:
    """Tell whether a pin file is armed.

    Raises:
        CouldNotLook: It cannot be read, or Compose would refuse it.
    """
    path = _resolve(pin_file)
    return _state(path, _read(path), pin_file)


def arm(pin_file: Path) -> SentinelState:
    """Put a line `PREFLIGHT_SENTINEL=<32 hexadecimal digits>` on top of a pin file; one that has it is left alone.

    Raises:
        CouldNotLook: It cannot be read or written, Compose would refuse it, or somebody else is at it.
    """
    path = _resolve(pin_file)
    with folder_lock(path):
        data = _read(path)
        before = _state(path, data, pin_file)
        if before.line is not None:
            return before
        token = new_token()
        exchange(path, data, armed(data, token))
    return SentinelState(path, token, 1, changed=True)


def disarm(pin_file: Path) -> SentinelState:
    """Take away what ``arm`` added, and nothing else; a file that is not armed is left alone.

    Raises:
        CouldNotLook: It cannot be read or written, the line is not of our making, or somebody else is at it.
    """
    path = _resolve(pin_file)
    with folder_lock(path):
        data = _read(path)
        after = disarmed(data)
        left = _token_line(after)
        if left is not None:
            raise CouldNotLook(
                f"{printable(str(pin_file))}:{left[1]}: this {SENTINEL} was not written by preflight",
                "Take that line away by hand.",
            )
        if after == data:
            return SentinelState(path, None)
        exchange(path, data, after)
    return SentinelState(path, None, changed=True)


def new_token() -> str:
    """Return a value that no container carries yet."""
    return os.urandom(16).hex()


def armed(data: bytes, token: str) -> bytes:
    """Return the content of a pin file with the sentinel on top."""
    end = b"\r\n" if b"\r\n" in data.partition(b"\n")[0] + data.partition(b"\n")[1] else b"\n"
    head = _BOM if data.startswith(_BOM) else b""
    return head + f"{SENTINEL}={token}".encode() + end + data[len(head) :]


def disarmed(data: bytes) -> bytes:
    """Return the content without the lines that ``arm`` wrote; not those that are part of a longer value."""
    head = _BOM if data.startswith(_BOM) else b""
    lines = data[len(head) :].split(b"\n")
    try:
        named = {each.line for each in parse_env(data.decode("utf-8")) if each.name == SENTINEL}
    except (EnvFileSyntaxError, UnicodeDecodeError):
        named = set(range(1, len(lines) + 1))
    kept = [line for number, line in enumerate(lines, 1) if number not in named or not _OURS.fullmatch(line)]
    return head + b"\n".join(kept)


def _resolve(pin_file: Path) -> Path:
    """Follow links: it is their target that is replaced, never the link."""
    try:
        return pin_file.resolve(strict=True)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise CouldNotLook(
            f"there is no file {printable(str(pin_file))}", "Correct the path, or create the file."
        ) from error
    except (OSError, RuntimeError, ValueError) as error:
        raise CouldNotLook(f"{printable(str(pin_file))} cannot be followed to a file", "Correct the path.") from error


def _read(path: Path) -> bytes:
    data = read_bytes(path, limit=MAX_BYTES, what="the pin file")
    decode(data, path, "the pin file")
    return data


def _state(path: Path, data: bytes, pin_file: Path) -> SentinelState:
    try:
        found = _assigned(data)
    except EnvFileSyntaxError as error:
        raise CouldNotLook(
            f"{printable(str(pin_file))}:{error.line}: {error.reason}",
            "Correct that line: Compose refuses the whole file.",
        ) from error
    return SentinelState(path, *found) if found else SentinelState(path, None)


def _assigned(data: bytes) -> tuple[str, int] | None:
    """Return value and line of the assignment that counts."""
    found = [each for each in parse_env(data.decode("utf-8")) if each.name == SENTINEL]
    return (found[-1].value or "", found[-1].line) if found else None


def _token_line(data: bytes) -> tuple[str, int] | None:
    try:
        return _assigned(data)
    except EnvFileSyntaxError:
        return None  # disarming must work on a file that was broken meanwhile
