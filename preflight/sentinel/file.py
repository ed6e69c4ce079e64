"""The sentinel: a line with a random value on top of a pin file; a container that carries it reads that file.

It goes on top (after a byte order mark) because there nothing else has to change: a file without a final line end stays
one, and taking the line away again gives back the very bytes, whatever else was edited meanwhile.
"""

import fcntl
import os
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from preflight.envfile import MAX_BYTES, EnvFileSyntaxError, parse_env
from preflight.errors import CouldNotLook
from preflight.lib.files import decode, read_bytes
from preflight.lib.records import frozen
from preflight.lib.regex import regex
from preflight.lib.text import printable
from preflight.pins.sentinel import SENTINEL

_BOM = b"\xef\xbb\xbf"
_OURS = regex(SENTINEL.encode() + rb"=[0-9a-f]{32}\r?")
_PATIENCE_S = 5.0


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
    with _locked(path):
        data = _read(path)
        before = _state(path, data, pin_file)
        if before.line is not None:
            return before
        token = new_token()
        _replace(path, data, armed(data, token))
    return SentinelState(path, token, 1, changed=True)


def disarm(pin_file: Path) -> SentinelState:
    """Take away what ``arm`` added, and nothing else; a file that is not armed is left alone.

    Raises:
        CouldNotLook: It cannot be read or written, the line is not of our making, or somebody else is at it.
    """
    path = _resolve(pin_file)
    with _locked(path):
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
        _replace(path, data, after)
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


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Have the file's folder for oneself, among all that arm and disarm; leaves no file behind."""
    try:
        folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        raise _unwritable(path, error) from error
    try:
        _lock(folder, path)
        yield
    finally:
        os.close(folder)


def _lock(folder: int, path: Path) -> None:
    limit = time.monotonic() + _PATIENCE_S
    while True:
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            if time.monotonic() > limit:
                raise CouldNotLook(
                    f"another `preflight sentinel` is at work on {printable(str(path))}", "Wait for it, then try again."
                ) from error
            time.sleep(0.02)
        except OSError as error:
            raise _unwritable(path, error) from error
        else:
            return


def _replace(path: Path, before: bytes, after: bytes) -> None:
    """Put the new content in the place of the old: a reader, and a crash, sees one or the other, never half."""
    temporary = path.with_name(f".{path.name}.preflight-sentinel")
    try:
        known = path.stat()
        if not known.st_mode & 0o222:
            raise CouldNotLook(
                f"{printable(str(path))} is read-only; it was left alone", "Make it writable first (`chmod u+w`)."
            )
        temporary.unlink(missing_ok=True)  # left by one that was killed; we hold the lock
        try:
            _write(temporary, after, path, known)
            if _read(path) != before:
                raise CouldNotLook(f"{printable(str(path))} changed meanwhile; it was left alone", "Try again.")
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
        _sync_folder(path.parent)
    except OSError as error:
        raise _unwritable(path, error) from error


def _write(temporary: Path, data: bytes, path: Path, known: os.stat_result) -> None:
    """Write the new file with the owner, permissions and extended attributes (SELinux) of the old."""
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        mine = os.fstat(handle)
        if (mine.st_uid, mine.st_gid) != (known.st_uid, known.st_gid):
            os.fchown(handle, known.st_uid, known.st_gid)
        os.fchmod(handle, stat.S_IMODE(known.st_mode))
        _copy_attributes(path, handle)
        os.fsync(handle)


def _copy_attributes(path: Path, handle: int) -> None:
    try:
        names = os.listxattr(path)
    except OSError:
        return  # a file system without any
    for name in names:
        try:
            os.setxattr(handle, name, os.getxattr(path, name))
        except OSError:
            if not name.startswith(("security.", "trusted.")):  # those are root's; the folder's default stands in
                raise


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _unwritable(path: Path, error: OSError) -> CouldNotLook:
    reason = (error.strerror or "unknown reason").lower()
    return CouldNotLook(
        f"{printable(str(path))} cannot be replaced: {reason}; it was left alone",
        "Run it as the owner of the file; file and folder must be writable, and the file no mount of its own.",
    )
