"""What can go wrong, and the exit code that says so. Imports nothing of ours.

The exit codes are part of the public interface (README, ``--help``).
"""

from enum import IntEnum
from typing import Self


class ExitCode(IntEnum):
    """How ``preflight`` ends; no report format changes these."""

    OK = 0
    FAILED = 1
    USAGE = 2
    COULD_NOT_LOOK = 3
    INTERRUPTED = 130
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
    """The command line, the environment or ``preflight.yaml`` asks for something impossible (exit 2)."""


class CouldNotLook(PreflightError):  # noqa: N818 -- named for what it means to the operator
    """A check could not see what it had to judge: never a pass (status ``error``, exit 3)."""

    def again(self) -> Self:
        """Return a copy to raise, whatever the class takes: an exception keeps the traceback of one raise only."""
        twin = type(self).__new__(type(self), *self.args)
        vars(twin).update(vars(self))
        return twin


class DoesNotApply(PreflightError):  # noqa: N818 -- named for what it means to the operator
    """There is nothing here for a check to judge (status ``skip``); the message names the reason."""


class DeadlineExceeded(CouldNotLook):
    """Something outside answered too late."""


class Terminated(KeyboardInterrupt):
    """Somebody sent SIGTERM: the run ends as with Ctrl-C, and says so with its exit code."""
