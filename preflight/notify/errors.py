"""Why something was not delivered. No message holds an address, a key, or what a server answered."""

from preflight.errors import CouldNotLook


class NotDelivered(CouldNotLook):
    """A message that was not delivered and is kept: the next try may work."""


class Refused(NotDelivered):
    """The receiver refuses this very message, and would do so again."""
