"""Time that runs out. Imports only our errors."""

import time

from preflight.errors import DeadlineExceeded
from preflight.lib.records import frozen


@frozen
class Deadline:
    """A moment on the monotonic clock after which nobody waits any longer.

    Args:
        at: ``time.monotonic()`` seconds.
    """

    at: float

    @classmethod
    def after(cls, seconds: float) -> "Deadline":
        """The deadline that many seconds from now."""
        return cls(time.monotonic() + seconds)

    @property
    def expired(self) -> bool:
        """Whether the moment has passed."""
        return time.monotonic() >= self.at

    def remaining(self, what: str = "this") -> float:
        """Seconds left, always above zero.

        Args:
            what: Named in the error, e.g. "docker compose config".

        Raises:
            DeadlineExceeded: None are left.
        """
        left = self.at - time.monotonic()
        if left <= 0:
            raise DeadlineExceeded(
                f"no time left for {what}", "Give `preflight run` more time with --timeout, or look why it is slow."
            )
        return left

    def sooner(self, seconds: float) -> "Deadline":
        """This deadline, or the one ``seconds`` from now if that comes first."""
        return Deadline(min(self.at, time.monotonic() + seconds))
