"""Where an exception came from, without what it says: its text may quote anything that the code was reading."""

from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

from preflight.lib.text import printable

_FIRST_FRAMES, _LAST_FRAMES = 10, 30
"""Shown of a long traceback."""

_CHAIN = 5
"""Exceptions shown that one is the consequence of."""


def describe_exception(error: BaseException) -> str:
    """Return the kind of an exception and the innermost line it came from, without its text."""
    place = _innermost(error)
    if place is None:
        return type(error).__name__
    file, line = place
    return f"{type(error).__name__} at {'/'.join(Path(file).parts[-2:])}:{line}"


def trace(error: BaseException) -> tuple[str, ...]:
    """Return the traceback of an exception, and of those it follows from: files, lines, functions and kinds only.

    Neither the exceptions' texts, nor lines of source, nor any variable is in it.
    """
    lines: list[str] = []
    current: BaseException | None = error
    for number in range(_CHAIN):
        if current is None:
            break
        lines.append(("caused by " if number else "") + describe_exception(current))
        lines += _shortened(list(_frames(current.__traceback__)))
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)
    return tuple(printable(line) for line in lines)


def _innermost(error: BaseException) -> tuple[str, int | None] | None:
    if isinstance(error, SyntaxError) and error.filename:
        return error.filename, error.lineno
    last = error.__traceback__
    while last is not None and last.tb_next is not None:
        last = last.tb_next
    return None if last is None else (last.tb_frame.f_code.co_filename, last.tb_lineno)


def _frames(traceback: TracebackType | None) -> Iterator[str]:
    while traceback is not None:
        code = traceback.tb_frame.f_code
        yield f"in {code.co_filename}:{traceback.tb_lineno}, {code.co_name}"
        traceback = traceback.tb_next


def _shortened(frames: list[str]) -> list[str]:
    left_out = len(frames) - _FIRST_FRAMES - _LAST_FRAMES
    if left_out <= 0:
        return frames
    return [*frames[:_FIRST_FRAMES], f"({left_out} more)", *frames[-_LAST_FRAMES:]]
