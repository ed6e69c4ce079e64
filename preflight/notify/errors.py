"""Why something was not delivered. No message holds an address, a key, or what a server answered."""

from preflight.errors import CouldNotLook


class NotDelivered(CouldNotLook):
    """It may work next time: the message is kept."""


class Refused(NotDelivered):
    """The receiver refuses this very message, and would do so again."""
