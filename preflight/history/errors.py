"""What can go wrong with the history."""

from preflight.errors import PreflightError


class HistoryError(PreflightError):
    """The history cannot be read or written; the message says why, without the file's name."""
