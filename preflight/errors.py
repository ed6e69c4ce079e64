"""What can go wrong, and the exit code that says so.

The exit codes are part of the public interface (README, ``--help``).
"""

from enum import IntEnum
from typing import Self

from preflight.model import Need


class ExitCode(IntEnum):
    """How ``preflight`` ends; no report format changes these."""

    OK = 0
    FAILED = 1
    USAGE = 2
    COULD_NOT_LOOK = 3
    HUNG_UP = 129
    INTERRUPTED = 130
    QUIT = 131
    TERMINATED = 143


class PreflightError(Exception):
    """Anything this tool raises on purpose.

    Args:
        message: One line for the operator: what is wrong and where.
        hint: One line: what to do about it.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class ConfigurationError(PreflightError):
    """The command line, the environment or ``preflight.yaml`` asks for something impossible (exit 2).

    Args:
        message: One line for the operator: what is wrong and where.
        hint: One line: what to do about it.
        others: Further mistakes that were found at the same time.
    """

    def __init__(self, message: str, hint: str = "", others: "tuple[ConfigurationError, ...]" = ()) -> None:
        super().__init__(message, hint)
        self.others = others

    @property
    def all(self) -> "tuple[ConfigurationError, ...]":
        """This mistake and the others."""
        return (self, *(each for other in self.others for each in other.all))


class CouldNotLook(PreflightError):
    """A check could not see what it had to judge: never a pass (status ``error``, exit 3).

    Args:
        message: One line for the operator: what could not be seen.
        hint: One line: what to do about it.
        need: The outside thing that cannot be asked at all, e.g. because it is not installed. Where another check
            says so as well, this error only follows from it.
    """

    def __init__(self, message: str, hint: str = "", *, need: Need | None = None) -> None:
        super().__init__(message, hint)
        self.need = need

    def again(self) -> Self:
        """Return a copy to raise, whatever the class takes: an exception keeps the traceback of one raise only."""
        twin = type(self).__new__(type(self), *self.args)
        vars(twin).update(vars(self))
        return twin


class DoesNotApply(PreflightError):
    """There is nothing here for a check to judge (status ``skip``); the message names the reason."""


class NotLookedAt(PreflightError):
    """Nobody told the check to look, e.g. for want of configuration (status ``skip``; ``--strict`` fails)."""


class DeadlineExceeded(CouldNotLook):
    """Something outside answered too late."""
