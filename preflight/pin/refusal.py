"""What the commands that change a pin refuse to do."""

from preflight.errors import PreflightError


class Refused(PreflightError):
    """The tool could do it, and does not, because it would be wrong (exit 1). Nothing was written or published."""
