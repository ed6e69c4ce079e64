"""Signals that end the program: they raise an exception in the main thread, so that what was begun is undone.

Imports next to nothing: the handlers are installed before anything slow is imported.
"""

import os
import signal
import sys
import time
from _thread import get_ident, start_new_thread

TYPE_CHECKING = False  # typing costs more to import than all of this module
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, NoReturn

SIGNALS = (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM)

_COUNT_ONCE = (signal.SIGHUP, signal.SIGTERM)
"""Programs send these, and often twice: a hang-up comes from the kernel and from the shell, and timeout(1) signals its
child and then the whole group. Whoever presses Ctrl-C again does mean it."""

_AGAIN_S = 0.005


class Interrupted(BaseException):
    """A signal asks the program to end.

    Not a ``KeyboardInterrupt``: click answers that one with an empty line and an exception of its own.

    Args:
        number: The number of the signal.
    """

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number

    @property
    def exit_code(self) -> int:
        """The exit code a shell shows for a program that died of this signal: 128 and its number."""
        return 128 + self.number


class _State:
    """What the handler needs to know; only the main thread changes it."""

    main_thread = 0
    line = b""
    holds = 0
    waiting = 0
    ending = False
    over = False
    ends_with: int | None = None

    def __init__(self) -> None:
        self.received: list[int] = []
        self.at_end: list[Callable[[], None]] = []


_state = _State()


def install(line: str) -> None:
    """Install the handlers, except for signals that whoever started us ignores, e.g. SIGHUP under nohup(1).

    Args:
        line: What ``say`` prints.
    """
    _state.main_thread = get_ident()
    _state.line = line.encode()
    sys.unraisablehook = _not_raised
    for number in SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _receive)


def _receive(number: int, _frame: object) -> None:
    """Handle a signal: at once, or when the last ``hold`` is released."""
    if _state.over and _state.ends_with is not None:
        end(_state.ends_with)
    if _state.over or (number in _COUNT_ONCE and number in _state.received):
        return
    _state.received.append(number)
    if _state.holds:
        _state.waiting = number
    else:
        _act(number)


def _act(number: int) -> None:
    if _state.ending:
        say()
        end(128 + number)
    raise Interrupted(number)


class _Hold:
    """A ``with`` block that no signal interrupts; the exception is raised at its end. Keep it short."""

    def __enter__(self) -> None:
        if get_ident() == _state.main_thread:
            _state.holds += 1

    def __exit__(self, *_: object) -> None:
        if get_ident() == _state.main_thread:
            _state.holds -= 1
            if _state.waiting and not _state.holds:
                number, _state.waiting = _state.waiting, 0
                _act(number)


hold = _Hold()


def _not_raised(unraisable: "Any") -> None:
    """Send a signal again whose exception Python could not raise, e.g. in the callback of a weak reference."""
    error = unraisable.exc_value
    if isinstance(error, Interrupted):
        start_new_thread(_send_again, (error.number,))
    else:
        sys.__unraisablehook__(unraisable)


def _send_again(number: int) -> None:
    time.sleep(_AGAIN_S)  # until the callback has returned
    _state.received.remove(number)
    signal.pthread_kill(_state.main_thread, number)


def received() -> Interrupted | None:
    """Return what interrupted us, also where another exception took its place, or an ``except`` ended it.

    Python itself replaces it, e.g. while a class is made: a ``RuntimeError`` says that ``__set_name__`` failed.
    """
    return Interrupted(_state.received[-1]) if _state.received else None


def raise_received() -> None:
    """Raise once more what interrupted us; see ``received``.

    Raises:
        Interrupted: A signal was received.
    """
    if (error := received()) is not None:
        raise error


def ending() -> None:
    """Let the next signal end the process at once: from here on there is nothing to undo."""
    _state.ending = True


def over() -> None:
    """Ignore signals from here on: the result has been printed, and the process ends with its exit code."""
    _state.over = True
    _state.ends_with = None
    _state.waiting = 0
    _state.received.clear()


def settled(exit_code: int) -> None:
    """Let a signal end the process at once and with this exit code: the result is out, and what is left can wait."""
    over()
    _state.ends_with = exit_code


def say() -> None:
    """Print, once, the line that tells of the interruption."""
    line, _state.line = _state.line, b""
    try:
        # A terminal shows "^C" where the cursor is; our line begins a new one.
        os.write(2, b"\n" + line if line and signal.SIGINT in _state.received and os.isatty(2) else line)
    except OSError:
        return  # nobody reads it; the exit code tells the same


def at_end(act: "Callable[[], None]") -> None:
    """Have something done by ``end``; it must be short, and take no lock for long."""
    _state.at_end.append(act)


def end(exit_code: int) -> "NoReturn":
    """End the process at once: no thread is waited for, and no signal changes the exit code any more."""
    _state.over = True
    try:
        for act in _state.at_end:
            act()
    finally:
        os._exit(exit_code)
