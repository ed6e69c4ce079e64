"""Files of the operator: read with a limit, replaced as a whole or not at all."""

import os
import stat
from pathlib import Path

from preflight.errors import CouldNotLook


def read_text(path: Path, *, limit: int, what: str) -> str:
    """Return a regular file's text.

    Args:
        path: The file; symbolic links are followed.
        limit: Bytes accepted.
        what: How the file is called in the error, e.g. "the configuration".

    Raises:
        CouldNotLook: It is absent, no regular file, unreadable, larger than ``limit``, or no UTF-8 text.
    """
    return decode(read_bytes(path, limit=limit, what=what), path, what)


def decode(data: bytes, path: Path, what: str) -> str:
    """Return ``data`` as text; NUL bytes and anything but UTF-8 are refused with the line they stand in.

    Raises:
        CouldNotLook: It is no UTF-8 text.
    """
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise CouldNotLook(
            f"{what} {show_path(path, Path())}:{line} is not UTF-8 text",
            "Save the file as UTF-8, or name the right file.",
        ) from error


def read_bytes(path: Path, *, limit: int, what: str) -> bytes:
    """Return a regular file's content; see ``read_text``.

    Raises:
        CouldNotLook: It is absent, no regular file, unreadable, or larger than ``limit``.
    """
    try:
        # O_NONBLOCK: a FIFO in place of the file must not hang us before we see what it is.
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise CouldNotLook(
            f"{what} {show_path(path, Path())}: {_reason(error)}", "Correct the path or its permissions."
        ) from error
    try:
        kind = os.fstat(handle).st_mode
        if not stat.S_ISREG(kind):
            is_what = "a directory" if stat.S_ISDIR(kind) else "no regular file"
            raise CouldNotLook(f"{what} {show_path(path, Path())} is {is_what}", "Put a regular file there.")
        with os.fdopen(handle, "rb", closefd=False) as file:
            data = file.read(limit + 1)
    finally:
        os.close(handle)
    if len(data) > limit:
        raise CouldNotLook(f"{what} {show_path(path, Path())} is larger than {limit >> 10} KiB", "Name the right file.")
    return data


def _reason(error: OSError) -> str:
    return (error.strerror or "cannot be opened").lower()


def replace_file(path: Path, data: bytes, *, mode: int = 0o644, overwrite: bool = True) -> None:
    """Put ``data`` in place of ``path``: a reader sees the old file or the new, never half of one.

    Args:
        path: The file to replace; its folder must exist.
        data: The whole new content.
        mode: Permissions of the new file.
        overwrite: ``False`` refuses, without a race, to replace a file that is there.

    Raises:
        FileExistsError: It is there and ``overwrite`` is false.
        OSError: It cannot be written.
    """
    import tempfile

    handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".new", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fchmod(handle, mode)
            os.fsync(handle)
        if overwrite:
            Path(temporary).replace(path)
        else:
            os.link(temporary, path)  # unlike rename, refuses to replace
    finally:
        Path(temporary).unlink(missing_ok=True)


def is_regular_file(path: Path) -> bool:
    """Whether a regular file is at a path.

    Raises:
        CouldNotLook: We may not look there: that it is absent would be a guess.
    """
    try:
        return stat.S_ISREG(path.stat().st_mode)
    except PermissionError as error:
        raise CouldNotLook(f"{path.parent} may not be read by this user", "Run preflight as root (sudo).") from error
    except (OSError, ValueError):
        return False


def same_file(one: Path, other: Path) -> bool:
    """Whether two paths lead to the same place, through symbolic links or not; nothing needs to be there."""
    try:
        return one == other or os.path.realpath(one) == os.path.realpath(other)
    except ValueError:  # a NUL character
        return False


_AS_WRITTEN: dict[Path, str] = {}
"""Files and folders that were found by a variable's value, which may be a secret, and how they are written."""


def show_as_written(path: Path, written: str, base: Path) -> None:
    """Let a file be shown from now on as a configuration file writes it, where its path tells a variable's value.

    Args:
        path: The file, absolute.
        written: With its ``${…}``.
        base: The folder that relative paths start in.
    """
    there = Path(os.path.normpath(path))
    for place, words in ((there, written), (there.parent, str(Path(written).parent))):
        hidden = any(part not in base.parts and part not in words for part in place.parts)
        _AS_WRITTEN.update({place: words} if hidden else {})


def show_path(path: Path, cwd: Path) -> str:
    """Return ``path`` relative to ``cwd`` if it lies below, else absolute; as it is written if it must not be shown."""
    if _AS_WRITTEN:
        plain = Path(os.path.normpath(path))
        hidden = next((each for each in (plain, *plain.parents) if each in _AS_WRITTEN), None)
        if hidden is not None:
            return str(Path(_AS_WRITTEN[hidden], plain.relative_to(hidden)))
    try:
        return str(path.relative_to(cwd))
    except ValueError:
        return str(path)
