"""What the commands that change a pin refuse to do."""

from preflight.errors import PreflightError


class Refused(PreflightError):
    """The tool could do it, and does not, because it would be wrong (exit 1). Nothing was written.

    Args:
        message: One line for the operator: what is wrong.
        hint: One line: what to do about it.
        details: Further lines, each fit to show, e.g. what a program printed that failed.
    """

    def __init__(self, message: str, hint: str = "", details: tuple[str, ...] = ()) -> None:
        super().__init__(message, hint)
        self.details = details
