"""Standard output and standard error that a full disk, or a reader who left, cannot break: the verdict stays.

Python prints through them as always. They drop what cannot be written, and keep the reason.
"""

import errno
import io
import os
import sys

TYPE_CHECKING = False  # typing costs more to import than all of this module
if TYPE_CHECKING:
    from _typeshed import ReadableBuffer


class _LastingFile(io.RawIOBase):
    """A file descriptor that accepts everything; after the first error it writes nothing more.

    Args:
        number: The number of the descriptor; another may take its place.
        is_closed: Whether the caller closed it: every write is then an error.
    """

    def __init__(self, number: int, *, is_closed: bool) -> None:
        self.number = number
        self.error: OSError | None = None
        self._is_closed = is_closed

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self.number

    def isatty(self) -> bool:
        return os.isatty(self.number)

    def write(self, data: "ReadableBuffer", /) -> int:
        """Write some of ``data``, or drop all of it; return how many bytes that were."""
        if self._is_closed:
            self.error = self.error or OSError(errno.EBADF, "it is closed")
        if self.error is None:
            try:
                return os.write(self.number, data)
            except OSError as error:
                self.error = error
        return memoryview(data).nbytes


class LastingStream(io.TextIOWrapper):
    """A text stream on a file descriptor that raises no ``OSError`` when it is written.

    Args:
        number: File descriptor; left open.
        like: Stream with the encoding and the buffering to use; ``None`` if there is none.
        is_closed: The process was started without it (``>&-``); what is written is lost, and that is a problem.
    """

    def __init__(self, number: int, like: "io.TextIOWrapper | None", *, is_closed: bool = False) -> None:
        self._file = _LastingFile(number, is_closed=is_closed)
        super().__init__(
            io.BufferedWriter(self._file),
            encoding="utf-8" if like is None else like.encoding,
            errors="replace" if like is None else like.errors,
            line_buffering=like is None or like.line_buffering or like.write_through,  # the latter: PYTHONUNBUFFERED
        )

    def move(self, number: int) -> None:
        """Write to another file descriptor from here on."""
        self.flush()
        self._file.number = number

    @property
    def problem(self) -> str:
        """Why something could not be written, or ""; that the reader has seen enough (``| head``) is no problem."""
        error = self._file.error
        if error is None or isinstance(error, BrokenPipeError):
            return ""
        return (error.strerror or "unknown reason").lower()


def standard_output() -> LastingStream:
    """Return the stream that ``install`` put in place of ``sys.stdout``."""
    if not isinstance(sys.stdout, LastingStream):
        raise TypeError("the program begins with `install`")
    return sys.stdout


def install() -> None:
    """Put such streams in place of ``sys.stdout`` and ``sys.stderr``.

    A descriptor that is closed (``>&-``) leads to ``/dev/null`` from here on: else the next file that is opened would
    get its number, and whoever prints would write into that file.
    """
    closed = [number for number in range(3) if not _is_open(number)]
    for _ in closed:
        os.open(os.devnull, os.O_RDWR)  # gets the lowest number that is free
    sys.stdout, sys.stderr = (
        LastingStream(number, getattr(sys, name), is_closed=number in closed)
        for number, name in ((1, "stdout"), (2, "stderr"))
    )


def _is_open(number: int) -> bool:
    try:
        os.fstat(number)
    except OSError:
        return False
    return True
